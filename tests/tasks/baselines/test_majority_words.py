"""The most frequent transcript, whatever is heard."""

from types import SimpleNamespace

import numpy as np

from headstart.tasks.baselines.majority_words import plugin


def test_it_says_what_is_said_most_often_in_training():
    answers = np.array(["no", "yes", "yes", "no", "no"], dtype=object)
    bench = SimpleNamespace(examples=SimpleNamespace(answers=answers))
    assert plugin.fit(bench, np.array([0, 1, 2])).outputs(np.arange(2)).tolist() == ["yes", "yes"]
    assert plugin.fit(bench, np.array([0, 1])).outputs(np.arange(1)).tolist() == ["no"]
    assert plugin.deaf
