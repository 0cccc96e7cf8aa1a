"""Intervals cover what they should, and verdicts on planted differences are right."""

import numpy as np
import pytest

from headstart.types import Interval
from headstart.verify import _stats


def scores(draws, seeds=6, items=80, mean=0.7, spread=0.0):
    """(s, n) hits: an item is as hard for every seed, a seed is lucky on every item."""
    hard, luck = draws.normal(0, 0.15, items), draws.normal(0, spread, (seeds, 1))
    return (draws.uniform(size=(seeds, items)) < mean + hard + luck).astype(float)


def test_an_interval_by_a_slow_bootstrap():
    draws = np.random.default_rng(1)
    observed = scores(draws, seeds=4, items=30, spread=0.1)
    means = []
    for _ in range(4_000):
        seeds, items = draws.integers(0, 4, 4), draws.integers(0, 30, 30)
        means.append(observed[np.ix_(seeds, items)].mean())
    found = _stats.interval(observed)
    np.testing.assert_allclose([found.low, found.high], np.quantile(means, [0.025, 0.975]), atol=0.012)


@pytest.mark.parametrize("spread", [0.0, 0.08])
def test_intervals_cover_the_truth_about_as_often_as_they_say(spread, monkeypatch):
    monkeypatch.setattr(_stats, "REPLICATES", 400)
    draws, covered = np.random.default_rng(0), 0
    for _ in range(200):
        found = _stats.interval(scores(draws, spread=spread))
        covered += found.low <= 0.7 <= found.high
    # with six seeds the bootstrap over seeds is a little narrow
    assert 0.86 <= covered / 200 <= 1.0


def test_differences_of_equal_arms_are_rarely_called(monkeypatch):
    monkeypatch.setattr(_stats, "REPLICATES", 400)
    draws = np.random.default_rng(0)
    calls = [_stats.call(_stats.interval(scores(draws) - scores(draws))) for _ in range(200)]
    assert calls.count("undecided") >= 180
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
    assert _stats.interval(np.array([[1.0]])) == Interval(1.0, 1.0)
    assert _stats.interval(np.ones((9, 7))) == Interval(1.0, 1.0), "no rounding above a fraction's end"
    one_seed = _stats.interval(np.array([[0.0, 1.0] * 20]))
    assert 0.3 < one_seed.low < 0.5 < one_seed.high < 0.7


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
    assert _stats.call(Interval(low, high)) == call
