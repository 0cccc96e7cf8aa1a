"""No labels are worth anything against a reference that learned nothing; nothing is told from far off."""

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.adaptation import Recipe
from headstart.adaptation.base import History
from headstart.tasks.scores.classes import ACCURACY
from headstart.verification._worth import better, weakness, worth
from headstart.verification.curve import Curves, Point

ITEMS, SEEDS = 200, 6
SLOW = (2.0, 1.5, 1.4, 1.39, 1.385, 1.38, 1.38, 1.38, 1.38, 1.379)


def scores(value, seed=0):
    """(seeds, items) right or wrong, with exactly this mean."""
    draw = np.random.default_rng(seed)
    return np.stack([draw.permutation(np.arange(ITEMS) < round(value * ITEMS)) for _ in range(SEEDS)]).astype(
        float
    )


def fitted(epochs=10, **history):
    recipe = Recipe(epochs=epochs)
    one = SimpleNamespace(
        job=SimpleNamespace(recipe=recipe), history=History(**{"validation": SLOW, **history})
    )
    return [one] * SEEDS


def point(labels, value):
    return Point(labels, scores(value, labels))


STEEP = Curves(tuple(point(n, v) for n, v in ((20, 0.4), (40, 0.6), (80, 0.75))), (point(80, 0.5),), ACCURACY)


def test_a_reference_that_learned_something_is_one():
    assert weakness(fitted(), scores(0.7), scores(0.3, 1), 1) is None
    assert weakness(fitted(), scores(0.7), None, 1) is None


@pytest.mark.parametrize("value", [0.2, 0.5, 0.51])
def test_one_at_or_below_the_most_frequent_class_is_weak(value):
    assert "answer that is always the same" in weakness(fitted(), scores(value), scores(0.5, 1), 1)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"epochs": 1}, "one epoch"),
        ({"cut_short": True}, "ended before its epochs did in 6 of 6"),
        ({"diverged": True}, "ended before its epochs did in 6 of 6"),
        ({"validation": tuple(2 - 0.1 * n for n in range(10))}, "still clearly improving"),
    ],
)
def test_one_that_was_hardly_trained_is_weak(changes, says):
    assert says in weakness(fitted(**changes), scores(0.7), scores(0.3, 1), 1)


def test_no_multiplier_is_told_against_a_weak_reference_but_the_curve_is_carried_on():
    told = worth(STEEP, "it was trained for one epoch", None)
    assert told.saved is None
    assert told.unsaved == "training from scratch is too weak a reference: it was trained for one epoch"
    assert told.needed is not None
    assert worth(STEEP, None, None).saved.multiplier == pytest.approx(80 / 28, rel=0.1)


def test_a_multiplier_beyond_ten_is_at_least_ten():
    far = Curves(tuple(point(n, v) for n, v in ((5, 0.7), (40, 0.8), (80, 0.9))), (point(80, 0.5),), ACCURACY)
    told = worth(far, None, None).saved
    assert (told.multiplier, told.censored) == (10.0, "at_least")
    assert told.interval == (10.0, None)


def test_labels_beyond_ten_times_those_at_hand_are_not_told():
    flat = Curves(
        tuple(point(n, v) for n, v in ((20, 0.60), (40, 0.62), (80, 0.64))), (point(80, 0.5),), ACCURACY
    )
    told = worth(flat, None, None)
    assert (told.needed, told.unneeded) == (None, "it would take more than ten times the labels at hand")
    assert worth(STEEP, None, None).needed.labels < 800
    end = worth(STEEP, None, None).needed.interval[1]
    assert end is None or end <= 800


def test_a_frozen_head_that_learned_nothing_promises_nothing():
    told = worth(STEEP, None, scores(0.75, 1))
    assert told.needed is None
    assert "answer that is always the same" in told.unneeded


def test_too_few_examples_are_said():
    told = worth(Curves(STEEP.frozen[-1:], STEEP.scratch, ACCURACY), None, None)
    assert (told.saved, told.needed) == (None, None)
    assert "too few" in told.unsaved


def test_better_is_clearly_better():
    assert better(scores(0.6), scores(0.4, 1), 1)
    assert not better(scores(0.5), scores(0.5), 1)
    assert better(scores(0.1), None, 1)
    assert better(scores(0.4), scores(0.6, 1), -1), "of a metric that is better where it is lower"


def test_what_one_group_is_better_at_may_be_luck():
    gained, units = scores(0.6), np.arange(scores(0.6).shape[1])
    few = np.sort(units % 3)
    nothing = gained.copy()
    nothing[:, few == 0] = 0.0
    assert better(gained, nothing, 1, units)
    assert not better(gained, nothing, 1, few)
    assert "answer that is always the same" in weakness(fitted(), gained, nothing, 1, few)
