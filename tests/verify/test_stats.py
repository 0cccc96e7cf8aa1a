"""Intervals cover what they should, and verdicts on planted differences are right."""

import numpy as np
import pytest

from headstart.tasks._class_scores import ACCURACY
from headstart.tasks._influence import influence
from headstart.types import Interval
from headstart.verify import _stats
from headstart.verify._several import paired


def scores(draws, seeds=6, items=80, mean=0.7, spread=0.0):
    """(s, n) hits: an item is as hard for every seed, a seed is lucky on every item."""
    hard, luck = draws.normal(0, 0.15, items), draws.normal(0, spread, (seeds, 1))
    return (draws.uniform(size=(seeds, items)) < mean + hard + luck).astype(float)


def test_the_variance_is_that_of_two_crossed_effects():
    """By simulation: seeds, items and what they do to each other are all drawn anew."""
    draws, means, told = np.random.default_rng(1), [], []
    for _ in range(600):
        seed, item, both = (draws.normal(0, size, shape) for size, shape in PARTS)
        observed = seed + item + both
        centred = observed - observed.mean()
        means.append(observed.mean())
        told.append(_stats._variance(centred, centred.mean(1), centred.mean(0))[0])
    assert np.mean(told) == pytest.approx(np.var(means), rel=0.12)


PARTS = [(0.5, (6, 1)), (2.0, (1, 50)), (1.0, (6, 50))]
"""Deviations and shapes of the effects of seeds, of items, and of both together."""


def test_an_interval_of_many_seeds_and_items_is_that_of_a_normal_mean():
    draws = np.random.default_rng(2)
    observed = draws.normal(0.3, 1, (40, 1)) + draws.normal(0, 1, (1, 40)) + draws.normal(0, 0.1, (40, 40))
    found = _stats.interval(observed)
    half = 2.02 * np.sqrt(2 / 40) * observed.mean(1).std() / 1.0
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.25)
    assert found.low < observed.mean() < found.high


def test_a_skewed_mean_has_a_skewed_interval():
    rare = np.zeros((6, 60))
    rare[:, :4] = 1.0
    found = _stats.interval(rare)
    mean = rare.mean()
    assert found.high - mean > 1.1 * (mean - found.low), "BCa: further towards the long tail"
    assert found.low >= 0


@pytest.mark.parametrize(("seeds", "items", "spread"), [(6, 150, 0.0), (6, 80, 0.08), (3, 150, 0.05)])
def test_intervals_cover_the_truth_as_often_as_they_say(seeds, items, spread, monkeypatch):
    monkeypatch.setattr(_stats, "REPLICATES", 500)
    draws, covered, rounds = np.random.default_rng(0), 0, 300
    for _ in range(rounds):
        found = _stats.interval(scores(draws, seeds, items, spread=spread))
        covered += found.low <= 0.7 <= found.high
    assert 0.915 <= covered / rounds <= 0.985


def test_sign_flips_by_hand():
    assert _stats.sign_flip(np.array([0.1, 0.2, 0.3])) == 2 / 8, "three seeds can never be sure"
    assert _stats.sign_flip(np.array([1.0] * 6)) == 2 / 64
    assert _stats.sign_flip(np.array([1.0, 1, 1, 1, 1, -1])) == 14 / 64, (
        "as far or further: all, or all but one"
    )
    assert _stats.sign_flip(np.zeros(6)) == 1
    assert _stats.sign_flip(-np.array([1.0] * 6)) == 2 / 64
    assert _stats.sign_flip(np.full(20, 0.3)) < 0.001


def test_differences_of_equal_arms_are_rarely_called(monkeypatch):
    monkeypatch.setattr(_stats, "REPLICATES", 400)
    draws = np.random.default_rng(0)
    differences = [scores(draws) - scores(draws) for _ in range(200)]
    calls = [_stats.call(_stats.interval(one), _stats.sign_flip(one.mean(1))) for one in differences]
    assert calls.count("undecided") >= 190
    assert set(calls) <= {"helps", "hurts", "undecided"}


def test_more_examples_and_more_seeds_narrow_the_interval():
    def width(observed):
        found = _stats.interval(observed)
        return found.high - found.low

    by_item = np.tile([[0.0, 1.0]], (6, 20))
    assert width(np.tile(by_item, (1, 16))) == pytest.approx(width(by_item) / 4, rel=0.15)
    assert width(np.tile(by_item, (16, 1))) == pytest.approx(width(by_item), rel=0.05)
    by_seed = np.tile([[0.5], [0.9]], (3, 20))
    assert width(np.tile(by_seed, (16, 1))) == pytest.approx(width(by_seed) / 4, rel=0.25)
    assert width(np.tile(by_seed, (1, 16))) == pytest.approx(width(by_seed), rel=0.05)


def test_the_same_scores_give_the_same_interval():
    observed = scores(np.random.default_rng(0))
    assert _stats.interval(observed) == _stats.interval(observed.copy())


def test_one_seed_and_one_item_still_have_an_interval():
    assert _stats.interval(np.array([[1.0]])) == Interval(pytest.approx(0.025), 1.0)
    assert _stats.interval(np.ones((9, 7))) == Interval(pytest.approx(0.025 ** (1 / 7)), 1.0)
    nothing = _stats.interval(np.zeros((6, 100)), least=-1.0)
    assert (nothing.low, nothing.high) == (pytest.approx(-0.0362, abs=1e-4), pytest.approx(0.0362, abs=1e-4))
    one_seed = _stats.interval(np.array([[0.0, 1.0] * 20]))
    assert 0.3 < one_seed.low < 0.5 < one_seed.high < 0.7


@pytest.mark.parametrize("turned", [False, True], ids=["above one", "below zero"])
def test_the_interval_of_a_metric_stays_within_what_it_can_be(turned):
    """Of a metric of all items together, one item may score below 0 or above 1."""
    observed = influence(0.9, np.array([0.75, 0.8, 0.95, 0.95]))[None]
    observed = 1 - observed if turned else observed
    free, found = _stats.interval(observed), _stats.of_value(observed)
    assert (free.low < 0) if turned else (free.high > 1), "else this tests nothing"
    assert found == Interval(max(free.low, 0.0), min(free.high, 1.0))
    assert 0 <= found.low < observed.mean() < found.high <= 1


@pytest.mark.parametrize("turned", [False, True], ids=["above one", "below zero"])
def test_the_interval_of_a_difference_is_not_cut_at_zero_or_one(turned):
    draws = np.random.default_rng(3)
    difference = draws.normal(-1.0 if turned else 1.0, 0.4, (6, 12))
    said = paired("a", "b", difference, 0.005, ACCURACY).interval
    assert said == _stats.interval(difference, least=-1.0)
    assert said.low < -1 if turned else said.high > 1


@pytest.mark.parametrize(
    ("low", "high", "call"),
    [
        (0.01, 0.1, "helps"),
        (-0.1, -0.01, "hurts"),
        (-0.1, 0.1, "undecided"),
        (0.0, 0.1, "undecided"),
        (-0.1, 0.0, "undecided"),
        (0.0, 0.0, "undecided"),
    ],
)
def test_calls(low, high, call):
    assert _stats.call(Interval(low, high), 0.03) == call
    assert _stats.call(Interval(low, high), 0.06) == "undecided", "both must be clear"
