"""The better of two framings is taken, and copies of what a higher split shows leave training."""

from types import SimpleNamespace

import numpy as np
import pytest

from benches import Listening
from headstart.bases.base import FEATURES
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.ranking import _framing, copies_across, prepared, without_near_copies
from headstart.runtime import Clock, Runtime


@pytest.mark.parametrize(
    ("middle", "whole", "taken"), [(0.1, 0.9, "whole"), (0.9, 0.1, "middle"), (0.5, 0.5, "middle")]
)
def test_the_better_of_two_framings_is_taken(home, base, monkeypatch, middle, whole, taken):
    seen, scores = [], iter([middle, whole])

    class Scorer:
        def score(self, features, targets, units):
            seen.append((features.copy(), targets))
            return np.array([next(scores)])

    monkeypatch.setattr(_framing, "ridge", Scorer())
    monkeypatch.setattr(_framing, "FRAMING_EXAMPLES", 7)
    found = prepared(home.bench, ())
    assert found.base.preprocess == base.preprocess.framings()[taken == "whole"]
    (first, targets), (second, _) = seen
    assert first.shape == second.shape == (7, base.card.width), "a sample is enough for this"
    assert not np.array_equal(first, second)
    assert (targets == home.bench.examples.answers[home.bench.pool[:7]]).all()


def test_what_told_the_framing_is_not_passed_again(home, base, tmp_path, monkeypatch):
    scores, stage = iter([0.9, 0.1]), base.card.stages[-1]
    monkeypatch.setattr(_framing, "ridge", SimpleNamespace(score=lambda *_: np.array([next(scores)])))
    monkeypatch.setattr(_framing, "FRAMING_EXAMPLES", 7)
    passes = FrozenPass(Cache(tmp_path / "cache"), Runtime())
    bench = Bench(home.bench.task, home.bench.examples, home.bench.pool, base, passes)
    better = _framing.framed(bench, (stage,))
    wanted = better.wanted(base.network(), base.identity, [FEATURES, stage])
    assert passes.missing(wanted, bench.pool[:7]).size == 0
    assert set(passes.missing(wanted, bench.everything)) == set(bench.everything) - set(bench.pool[:7])


def test_another_framing_is_not_tried_where_the_first_took_long(home, base, tmp_path, monkeypatch):
    scores = iter([0.1])
    monkeypatch.setattr(_framing, "ridge", SimpleNamespace(score=lambda *_: np.array([next(scores)])))
    clock = Clock(1.0)
    clock.add(60 * _framing.SHARE + 1)
    voice = Listening()
    runtime = Runtime(clock=clock, reporter=voice)
    passes = FrozenPass(Cache(tmp_path / "cache"), runtime)
    late = Bench(home.bench.task, home.bench.examples, home.bench.pool, base, passes)
    assert prepared(late, ()).base.preprocess == base.preprocess.framings()[0]
    assert "another framing" in voice.notes[-1]
    scores = iter([0.1, 0.9])
    late.framings()[1].features(rows=late.pool)
    assert prepared(late, ()).base.preprocess == base.preprocess.framings()[1], "it was looked at before"


def test_boundaries_are_written_by_the_same_pass(home, base, tmp_path):
    stages, cache = base.card.stages[-2:], Cache(tmp_path / "cache")
    bench = home.bench
    bench = prepared(
        Bench(bench.task, bench.examples, bench.pool, base, FrozenPass(cache, Runtime())), stages
    )
    files = set(cache.folder.glob("*.rows"))
    for name in stages:
        bench.activations(bench.base.network(), base.identity, [name])
    assert set(cache.folder.glob("*.rows")) == files
    bench.activations(bench.base.network(), base.identity, [base.card.stages[0]])
    assert len(set(cache.folder.glob("*.rows"))) == len(files) + 1


def seeing(impressions):
    """Stands for a task whose modality has these impressions."""
    return SimpleNamespace(modality=SimpleNamespace(impressions=impressions))


def test_a_near_copy_of_a_test_picture_leaves_training(home, monkeypatch):
    train, test = int(home.splits.train[0]), int(home.splits.test[0])
    bench = home.bench.for_pool(home.bench.pool)
    thumbnails = bench.task.modality.impressions(bench.subject(32).inputs, bench.everything)
    features = np.array(bench.features())
    thumbnails[train], features[train] = thumbnails[test], features[test]
    monkeypatch.setattr(bench, "features", lambda: features)
    monkeypatch.setattr(bench, "task", seeing(lambda *_: thumbnails))
    cleaned_bench, cleaned = without_near_copies(bench, home.splits)
    assert train not in cleaned.train
    assert train not in cleaned_bench.pool
    assert test in cleaned.test
    assert len(cleaned_bench.pool) == len(cleaned.train) + len(cleaned.validation)
    assert train in bench.pool, "the bench before is as it was"


def test_pictures_that_differ_all_stay(home):
    bench, splits = without_near_copies(home.bench, home.splits)
    assert (splits.train == home.splits.train).all()
    assert (bench.pool == home.bench.pool).all()


def test_a_task_without_impressions_is_left_alone(home, monkeypatch):
    bench = home.bench.for_pool(home.bench.pool)
    monkeypatch.setattr(bench, "task", seeing(lambda *_: None))
    assert without_near_copies(bench, home.splits) == (bench, home.splits)


def test_near_copies_of_two_heaps_are_pairs_of_one_of_each(home, monkeypatch):
    bench, start = home.bench.for_pool(home.bench.pool), len(home.bench.everything) - 4
    thumbnails = bench.task.modality.impressions(bench.subject(32).inputs, bench.everything)
    features = np.array(bench.features())
    for here, like in ((start, 3), (start + 1, start + 2), (5, 4)):
        thumbnails[here], features[here] = thumbnails[like], features[like]
    monkeypatch.setattr(bench, "features", lambda: features)
    monkeypatch.setattr(bench, "task", seeing(lambda *_: thumbnails))
    assert [3, start] in copies_across(bench, start).tolist()
    assert (copies_across(bench, start) >= start).tolist() == [[False, True]]
    monkeypatch.setattr(bench, "task", seeing(lambda *_: None))
    assert copies_across(bench, start).shape == (0, 2)
