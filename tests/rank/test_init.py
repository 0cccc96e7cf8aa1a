"""Bases are ranked by what their features say of the training and validation rows, and of no other."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from headstart import rank as stage
from headstart.bases._features import FrozenPass
from headstart.cache import Cache
from headstart.rank import rank, without_near_copies
from headstart.runtime import Runtime


@pytest.fixture
def blind(base):
    """The base with weights that see nothing: its features are the same for every picture."""
    state = {name: torch.zeros_like(tensor) for name, tensor in base.state.items()}
    return replace(base, name="blind", state=state, card=replace(base.card, name="blind", sha256="blind"))


@pytest.fixture
def ranked(home):
    """`ranked(bases, …)`: the ranking on the pictures of `home`."""

    def go(bases, ground=home, keep=None, cache=None, runtime=None):
        bench = ground.bench
        passes = FrozenPass(cache or bench.passes.cache, runtime or Runtime())
        return rank(bench.task, ground.splits, bases, keep or {}, passes)

    return go


def test_the_better_features_come_first_whatever_the_order(ranked, base, blind):
    for bases in ([base, blind], [blind, base]):
        found = ranked(bases)
        assert [one.bench.base.name for one in found] == [base.name, "blind"]
        assert found[0].score > found[1].score


def test_ties_keep_the_order_in_which_they_were_named(ranked, base):
    bases = [replace(base, name=name) for name in ("b", "c", "a")]
    found = ranked(bases)
    assert [one.bench.base.name for one in found] == ["b", "c", "a"]
    assert len({one.score for one in found}) == 1


@pytest.mark.parametrize(
    ("middle", "whole", "taken"), [(0.1, 0.9, "whole"), (0.9, 0.1, "middle"), (0.5, 0.5, "middle")]
)
def test_the_better_of_two_framings_is_taken(ranked, home, base, monkeypatch, middle, whole, taken):
    seen, scores = [], iter([middle, whole, 0.7])

    class Scorer:
        def score(self, features, targets):
            seen.append((features.copy(), targets))
            return next(scores)

    monkeypatch.setattr(stage.registry, "get", lambda *_: Scorer())
    monkeypatch.setattr(stage, "FRAMING_EXAMPLES", 7)
    (found,) = ranked([base])
    assert found.bench.base.preprocess == (base.preprocess.whole() if taken == "whole" else base.preprocess)
    assert found.score == 0.7
    (first, _), (second, _), (last, targets) = seen
    assert first.shape == second.shape == (7, base.card.width), "a sample is enough for this"
    assert not np.array_equal(first, second)
    assert last.shape == (len(home.bench.pool), base.card.width)
    assert (targets == home.bench.examples.targets[home.bench.pool]).all()
    # in other batches the last bits differ
    np.testing.assert_allclose(last[:7], second if taken == "whole" else first, atol=1e-4)


def test_only_training_and_validation_rows_are_scored(ranked, home, base, blind):
    plain, scrambled = ranked([base, blind]), ranked([base, blind], ground=home.scrambled())
    assert [(one.bench.base.name, one.score) for one in plain] == [
        (one.bench.base.name, one.score) for one in scrambled
    ]
    assert not np.intersect1d(plain[0].bench.pool, home.splits.test).size


def test_boundaries_are_written_by_the_same_pass(ranked, base, tmp_path):
    stages = base.card.stages[-2:]
    cache = Cache(tmp_path / "cache")
    (found,) = ranked([base], keep={base.name: stages}, cache=cache)
    files = set(cache.folder.glob("*.rows"))
    bench = found.bench
    for name in stages:
        bench.activations(bench.base.network(), base.identity, [name])
    assert set(cache.folder.glob("*.rows")) == files
    bench.activations(bench.base.network(), base.identity, [base.card.stages[0]])
    assert len(set(cache.folder.glob("*.rows"))) == len(files) + 1


def test_every_base_is_logged(ranked, base, tmp_path):
    ranked([base], runtime=Runtime(log_file=tmp_path / "log.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {line["event"] for line in lines} <= {"engine", "ranked"}
    lines = [line for line in lines if line["event"] == "ranked"]
    assert len(lines) == 1
    assert lines[0]["framing"] in {base.preprocess.framing, base.preprocess.whole().framing}
    assert all(0 <= line["score"] <= 1 for line in lines)


def test_a_near_copy_of_a_test_picture_leaves_training(home, monkeypatch):
    train, test = int(home.splits.train[0]), int(home.splits.test[0])
    bench = home.bench.for_pool(home.bench.pool)
    thumbnails = bench.task.thumbnails(bench.subject(32).inputs, bench.everything)
    features = np.array(bench.features())
    thumbnails[train], features[train] = thumbnails[test], features[test]
    monkeypatch.setattr(bench, "features", lambda: features)
    task = type("Task", (), {"thumbnails": lambda *_: thumbnails})()
    monkeypatch.setattr(bench, "task", task)
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


def test_a_task_without_thumbnails_is_left_alone(home, monkeypatch):
    bench = home.bench.for_pool(home.bench.pool)
    monkeypatch.setattr(bench, "task", type("Task", (), {"thumbnails": lambda *_: None})())
    assert without_near_copies(bench, home.splits) == (bench, home.splits)
