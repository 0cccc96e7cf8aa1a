"""The prior of the spread of seeds: what a few seeds are mixed with."""

import numpy as np
import pytest
from scipy.stats import f as f_distribution

from headstart import stats
from headstart.spread import Spread, usual_spread


def test_what_is_found_and_what_is_usual_count_as_their_degrees_of_freedom():
    known = Spread(excess=0.01, freedom=4.0)
    assert known.usual(alone=0.002, single=0.2) == pytest.approx(0.004)
    middle = f_distribution.ppf(0.5, 1, 4) * 0.004
    variance, freedom = known.moderated(middle, freedom=1, alone=0.0005, single=0.35)
    assert variance == pytest.approx((4 * 0.004 + 1 * middle) / 5)
    assert freedom == pytest.approx(5)
    many, _ = known.moderated(found=0.010, freedom=1_000, alone=0.002, single=0.2)
    assert many == pytest.approx(0.010, rel=0.01), "many seeds speak for themselves"


def test_the_prior_counts_as_far_as_it_agrees_with_what_is_seen():
    known = Spread(excess=0.01, freedom=4.0)
    variance, freedom = known.moderated(found=0.040, freedom=5, alone=0.002, single=0.2)
    assert variance == 0.040, "never less than what these seeds show"
    assert freedom == pytest.approx(5 + 4 * 2 * f_distribution.sf(10, 5, 4)), "others vouch no more"
    calm, sure = known.moderated(found=0.0021, freedom=5, alone=0.002, single=0.2)
    expected, before = known.moderated(found=0.0040, freedom=5, alone=0.002, single=0.2)
    assert calm < expected
    assert sure < before
    alike, sure = known.moderated(found=0.0, freedom=1, alone=0.002, single=0.2)
    assert alike == pytest.approx(4 * 0.004 / 5), "two seeds that are alike say little"
    assert sure == 5
    alike, _ = known.moderated(found=0.0, freedom=1_000, alone=0.002, single=0.2)
    assert alike == 0.002, "examples have their own luck"


def test_the_one_that_ships_is_from_many_pairs_and_is_worth_a_few_seeds():
    known = usual_spread()
    assert known.pairs >= 100
    assert 1 < known.freedom < 50
    assert 0 < known.excess < 1


def test_two_seeds_that_are_alike_by_luck_are_not_taken_for_sure():
    """Of four units that differ: without a prior, equal seeds would have no spread at all."""
    draws = np.random.default_rng(0)
    alike = draws.normal(0.3, 1, (2, 60))
    alike -= alike.mean(1, keepdims=True) - 0.3
    assert alike.mean(1) == pytest.approx([0.3, 0.3])
    bold, careful = (stats.effects(alike, prior=Spread(excess, 5.0)).error for excess in (0.0, 0.5))
    assert careful > 1.5 * bold


def test_what_is_tested_together_does_not_change_how_much_seeds_differ():
    """Quarters of pictures: each has its own luck; seeds vary as they vary."""
    draws = np.random.default_rng(1)
    scores = draws.normal(0, 1, (2, 400)) + draws.normal(0, 1, 400)
    apart, together = (stats.effects(scores, units) for units in (None, np.arange(400) // 4))
    assert together.seeds == pytest.approx(apart.seeds, rel=0.2)
    alike = np.repeat(scores[:, :100], 4, axis=1)
    apart, together = (stats.effects(alike, units) for units in (None, np.arange(400) // 4))
    assert together.error > 1.2 * apart.error
