"""Learning curves of made-up scores: what the labels were worth, and what more of them would give."""

import warnings

import numpy as np
import pytest

from headstart.tasks.scores.base import Score
from headstart.tasks.scores.classes import ACCURACY
from headstart.verification.curve import Curves, Point, curve, needed, saved, subsets

ITEMS, SEEDS = 400, 6


def point(labels, value, seeds=SEEDS, seed=0):
    """A point whose mean is exactly the value, with some seeds' and items' noise."""
    draws = np.random.default_rng(seed + labels)
    right = draws.permutation(np.arange(seeds * ITEMS) < round(value * seeds * ITEMS)).reshape(seeds, ITEMS)
    return Point(labels, right.astype(float))


def curves(frozen, scratch):
    return Curves(
        *(tuple(point(*pair, seed=i) for pair in pairs) for i, pairs in enumerate((frozen, scratch))),
        score=ACCURACY,
    )


def of(frozen, score=ACCURACY):
    return Curves(tuple(frozen), (), score)


def test_subsets_are_nested_halves_of_every_class():
    targets = np.repeat([0, 1, 2], [40, 80, 16])
    rows = np.arange(0, 136)
    sizes = subsets(rows, targets, seed=1)
    assert [np.bincount(targets[some]).tolist() for some in sizes] == [
        *([5, 10, 2], [10, 20, 4], [20, 40, 8]),
        [40, 80, 16],
    ]
    for smaller, larger in zip(sizes, sizes[1:], strict=False):
        assert np.isin(smaller, larger).all()
    assert (sizes[-1] == rows).all()
    other = subsets(rows, targets, seed=2)
    assert not np.array_equal(sizes[0], other[0]), "seeds vary"
    assert all((a == b).all() for a, b in zip(sizes, subsets(rows, targets, 1), strict=True))


def test_few_examples_have_one_size():
    assert len(subsets(np.arange(4), np.array([0, 0, 1, 1]), 0)) == 1


def test_the_multiplier_is_where_the_curves_are_level():
    found = saved(curves([(10, 0.5), (20, 0.6), (40, 0.7), (80, 0.8)], [(80, 0.65)]))
    assert found.multiplier == pytest.approx(80 / np.exp((np.log(20) + np.log(40)) / 2), rel=1e-3)
    assert found.censored is None
    low, high = found.interval
    assert low < found.multiplier < high


def test_a_curve_that_starts_above_is_censored():
    found = saved(curves([(10, 0.8), (20, 0.85), (80, 0.9)], [(80, 0.6)]))
    assert (found.multiplier, found.censored) == (pytest.approx(8.0), "at_least")
    assert found.interval == (pytest.approx(8.0), None)


def test_weights_that_hurt_are_worth_less_than_one():
    found = saved(curves([(10, 0.3), (20, 0.4), (80, 0.5)], [(10, 0.4), (20, 0.6), (80, 0.9)]))
    assert found.multiplier == pytest.approx(np.exp((np.log(10) + np.log(20)) / 2) / 80, rel=1e-3)
    assert found.censored is None
    ends = saved(curves([(10, 0.3), (80, 0.5)], [(80, 0.9)]))
    assert (ends.multiplier, ends.censored) == (1.0, "at_most")


def test_equal_curves_are_worth_about_one():
    found = saved(
        curves([(10, 0.5), (20, 0.6), (40, 0.7), (80, 0.8)], [(10, 0.5), (20, 0.6), (40, 0.7), (80, 0.8)])
    )
    assert found.multiplier == pytest.approx(1.0)
    low, high = found.interval
    assert low <= 1.0 <= high


def test_a_power_law_is_carried_on():
    law = [(n, 1 - 0.8 * (n / 10) ** -0.5) for n in (10, 20, 40, 80)]
    found = needed(of([point(*pair) for pair in law]))
    assert found.value == pytest.approx(1 - 0.8 * 8**-0.5 / 2, abs=0.01)
    assert found.labels == pytest.approx(4 * 80, rel=0.15), "half the error at a slope of a half"
    assert found.interval[0] < found.labels
    assert found.interval[1] is None or found.interval[1] > found.labels


def test_an_error_that_has_no_upper_end_is_halved_too():
    loss = Score("loss", lambda outputs, right: outputs, better="lower", high=np.inf)
    law = [Point(n, np.full((3, 500), 1.6 * (n / 10) ** -0.5)) for n in (10, 20, 40, 80)]
    found = needed(of(law, loss))
    assert found.value == pytest.approx(1.6 * 8**-0.5 / 2, rel=0.01)
    assert found.labels == pytest.approx(4 * 80, rel=0.05)
    worse = Curves(tuple(law), (Point(80, np.full((3, 500), 1.6)),), loss)
    assert saved(worse).multiplier == pytest.approx(8), "scratch with 80 is where transfer was with 10"


def test_a_flat_or_short_curve_promises_nothing():
    assert needed(of([point(n, 0.7) for n in (10, 20, 40)])) is None
    assert needed(of([point(n, 0.7) for n in (10, 20)])) is None


def test_what_is_wanted_can_be_reached_and_of_nothing_left_nothing_is_promised():
    """Parts of a metric of all examples together add up to more than it can be, in some draws."""
    law = [(n, 1 - 0.8 * (n / 10) ** -2) for n in (10, 20, 40)]
    draws = np.random.default_rng(0)
    points = [Point(n, value + draws.normal(0, 0.5, (6, 40))) for n, value in law]
    points = [
        Point(one.labels, one.scores - one.value + value) for one, (_, value) in zip(points, law, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = needed(of(points))
    assert points[-1].value < found.value < 1
    assert needed(of([*points[:-1], Point(40, np.ones((6, 40)))])) is None


def test_points_are_the_means_of_the_seeds():
    rows = [[np.arange(3), np.arange(6)], [np.arange(5), np.arange(8)]]
    found = curve(rows, lambda seed, some: np.full(4, float(seed)))
    assert [one.labels for one in found] == [4, 7]
    assert [one.scores.tolist() for one in found] == [[[0.0] * 4, [1.0] * 4]] * 2
    assert found[0].value == 0.5


def test_curves_of_few_groups_are_less_sure():
    """What labels were worth, as told by 400 examples, and by ten groups of forty that are alike."""
    draws, units = np.random.default_rng(3), np.arange(ITEMS) // 40
    easy = draws.uniform(size=10)[units]

    def points(pairs, of):
        return tuple(
            Point(labels, (easy + draws.normal(0, 0.02, (SEEDS, ITEMS)) < value).astype(float), of)
            for labels, value in pairs
        )

    law = [(10, 0.4), (20, 0.5), (40, 0.6), (80, 0.7)]
    told = [Curves(points(law, of), points([(80, 0.55)], of), ACCURACY) for of in (None, units)]
    alone, grouped = (one.interval(one.frozen[-1]) for one in told)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)
    alone, grouped = (np.array(saved(one).interval, dtype=float) for one in told)
    assert not np.isfinite(grouped).all() or np.ptp(grouped) > 1.5 * np.ptp(alone)
