"""What sounds most alike, however fast it was said."""

from types import SimpleNamespace

import numpy as np
import pytest

import sounds
from headstart.data.sound.store import MelStore
from headstart.preprocessing.sound import SoundPreprocess
from headstart.tasks.baselines.nearest_words import distances, plugin


def slow(one, other):
    """The least cost of laying one over the other, by the recursion as it is written."""
    whole = np.full((len(one) + 1, len(other) + 1), np.inf)
    whole[0, 0] = 0
    for i in range(len(one)):
        for j in range(len(other)):
            before = min(whole[i, j], whole[i, j + 1], whole[i + 1, j])
            whole[i + 1, j + 1] = before + np.linalg.norm(one[i] - other[j])
    return whole[-1, -1] / (len(one) + len(other))


def test_all_are_compared_at_once():
    draws = np.random.default_rng(0)
    one, others = draws.normal(size=(5, 3)), [draws.normal(size=(n, 3)) for n in (1, 4, 9)]
    assert distances(one, others).tolist() == pytest.approx([slow(one, other) for other in others])
    stretched = np.repeat(one, 3, axis=0)
    assert distances(one, [others[1], stretched])[1] == pytest.approx(0, abs=1e-6)


def test_it_answers_with_what_was_said_in_the_nearest():
    draws = np.random.default_rng(0)
    kinds = [0, 1, 2, 0, 1, 2, 2, 1]
    sources = [sounds.wav(sounds.recording(kind, draws)) for kind in kinds]
    answers = np.array([sounds.WORDS[kind] for kind in kinds], dtype=object)
    inputs = MelStore(sources, SoundPreprocess(100, 100))
    bench = SimpleNamespace(
        base=SimpleNamespace(preprocess=SoundPreprocess(100, 100)),
        subject=lambda size: SimpleNamespace(inputs=inputs),
        examples=SimpleNamespace(answers=answers),
    )
    said = plugin.fit(bench, np.arange(6)).outputs(np.array([6, 7, 0]))
    assert said.tolist() == answers[[6, 7, 0]].tolist()
