"""Arms on several targets: a verdict of paired differences, and what a network is looked at with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.tasks.scores.classes import ACCURACY
from headstart.verification import looked, of_arms
from headstart.verification._several import Looked, paired


def looks(*hits: float, n: int = 60) -> list[Looked]:
    """One look a seed whose first share of `n` test examples is right."""
    nothing = np.zeros((0, 2))
    scores = [(np.arange(n) < hit * n).astype(float) for hit in hits]
    return [
        Looked(hit, nothing, np.zeros(0, dtype=np.int64), one) for hit, one in zip(hits, scores, strict=True)
    ]


def test_a_gain_in_every_seed_helps_and_a_loss_hurts():
    better, worse = looks(*[0.9] * 6), looks(*[0.5] * 6)
    up, down = (
        of_arms("multi", a, "single", b, 0.005, ACCURACY) for a, b in ((better, worse), (worse, better))
    )
    assert (up.call, down.call) == ("helps", "hurts")
    assert up.delta == pytest.approx(0.4)
    assert (up.transfer, up.baseline, up.seeds, up.margin) == ("multi", "single", 6, 0.005)
    assert down.interval.high == pytest.approx(-up.interval.low)


def test_the_same_is_undecided_and_one_seed_is_too():
    same = looks(0.5, 0.6, 0.7)
    assert of_arms("a", same, "b", same, 0.005, ACCURACY).call == "undecided"
    assert of_arms("a", looks(0.9), "b", looks(0.5), 0.005, ACCURACY).call == "undecided"
    assert of_arms("a", looks(0.9, 0.9), "b", looks(0.5, 0.5), 0.005, ACCURACY).call == "helps"


def test_a_margin_says_nothing_where_the_metric_has_a_unit():
    close = np.tile([1e-4, -1e-4], (6, 30))
    assert paired("a", "b", close, 0.005, ACCURACY).equivalent
    assert not paired("a", "b", close, 0.005, replace(ACCURACY, has_unit=True)).equivalent


def test_a_look_scores_validation_and_test_with_the_tasks_own_metric(home):
    bench, splits = home.bench, home.splits
    targets = bench.examples.answers

    def right_on_validation_only(rows):
        outputs = np.eye(len(bench.examples.categories))[targets[rows]]
        return outputs if set(rows) == set(splits.validation) else 1 - outputs

    found = looked(right_on_validation_only, bench, splits)
    assert found.validation == 1.0
    assert found.rows.tolist() == splits.validation.tolist()
    assert len(found.scores) == len(splits.test)
    assert found.scores.sum() == 0.0


def test_examples_of_few_groups_decide_less(home):
    """Nine points better on 60 examples, all of them in one of five groups."""
    units = np.arange(60) // 12
    better, worse = looks(*[0.8] * 6), looks(*[0.6] * 6)
    grouped = [replace(one, units=units) for one in better]
    assert of_arms("a", better, "b", worse, 0.005, ACCURACY).call == "helps"
    assert of_arms("a", grouped, "b", worse, 0.005, ACCURACY).call == "undecided"
    bench, splits = home.bench, home.splits
    found = looked(lambda rows: np.zeros((len(rows), len(bench.examples.categories))), bench, splits)
    assert found.units.tolist() == bench.examples.units[splits.test].tolist()
