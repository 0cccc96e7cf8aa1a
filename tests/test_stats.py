"""Intervals cover what they should, and verdicts on planted differences are right."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import stdtrit

from headstart import stats
from headstart.tasks.scores.classes import ACCURACY
from headstart.tasks.scores.influence import influence
from headstart.types import Interval
from headstart.verification._several import paired


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
        means.append(observed.mean())
        told.append(stats.effects(observed).variance)
    assert np.mean(told) == pytest.approx(np.var(means), rel=0.12)


PARTS = [(0.5, (6, 1)), (2.0, (1, 50)), (1.0, (6, 50))]
"""Deviations and shapes of the effects of seeds, of items, and of both together."""


def test_an_interval_of_many_seeds_and_items_is_that_of_a_normal_mean():
    draws = np.random.default_rng(2)
    observed = draws.normal(0.3, 1, (40, 1)) + draws.normal(0, 1, (1, 40)) + draws.normal(0, 0.1, (40, 40))
    found = stats.interval(observed)
    half = 2.02 * np.sqrt(2 / 40) * observed.mean(1).std() / 1.0
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.25)
    assert found.low < observed.mean() < found.high


def test_a_skewed_mean_has_a_skewed_interval():
    rare = np.zeros((6, 60))
    rare[:, :4] = 1.0
    found = stats.interval(rare)
    mean = rare.mean()
    assert found.high - mean > 1.1 * (mean - found.low), "BCa: further towards the long tail"
    assert found.low >= 0


@pytest.mark.parametrize(("seeds", "items", "spread"), [(6, 150, 0.0), (6, 80, 0.08), (3, 150, 0.05)])
def test_intervals_cover_the_truth_as_often_as_they_say(seeds, items, spread, monkeypatch):
    monkeypatch.setattr(stats, "REPLICATES", 500)
    draws, covered, rounds = np.random.default_rng(0), 0, 300
    for _ in range(rounds):
        found = stats.interval(scores(draws, seeds, items, spread=spread))
        covered += found.low <= 0.7 <= found.high
    assert 0.915 <= covered / rounds <= 0.995  # seeds that do not differ at all are given some spread


def test_sign_flips_by_hand():
    assert stats.sign_flip(np.array([0.1, 0.2, 0.3])) == 2 / 8, "three seeds can never be sure"
    assert stats.sign_flip(np.array([1.0] * 6)) == 2 / 64
    assert stats.sign_flip(np.array([1.0, 1, 1, 1, 1, -1])) == 14 / 64, (
        "as far or further: all, or all but one"
    )
    assert stats.sign_flip(np.zeros(6)) == 1
    assert stats.sign_flip(-np.array([1.0] * 6)) == 2 / 64
    assert stats.sign_flip(np.full(20, 0.3)) < 0.001


def test_differences_of_equal_arms_are_rarely_called(monkeypatch):
    monkeypatch.setattr(stats, "REPLICATES", 400)
    draws = np.random.default_rng(0)
    differences = [scores(draws) - scores(draws) for _ in range(200)]
    calls = [stats.call(stats.interval(one)) for one in differences]
    assert calls.count("undecided") >= 190
    assert set(calls) <= {"helps", "hurts", "undecided"}


def test_more_examples_and_more_seeds_narrow_the_interval():
    def width(observed):
        found = stats.interval(observed)
        return found.high - found.low

    by_item = np.tile([[0.0, 1.0]], (6, 20))
    assert width(np.tile(by_item, (1, 16))) == pytest.approx(width(by_item) / 4, rel=0.15)
    assert width(np.tile(by_item, (16, 1))) == pytest.approx(width(by_item), rel=0.05)
    by_seed = np.tile([[0.5], [0.9]], (3, 20))
    times = 4 * np.sqrt(6 / 5 * 95 / 96) * stdtrit(5, 0.975) / stdtrit(95, 0.975)  # a prior that expects none
    assert width(np.tile(by_seed, (16, 1))) == pytest.approx(width(by_seed) / times, rel=0.05)
    assert width(np.tile(by_seed, (1, 16))) == pytest.approx(width(by_seed), rel=0.05)


def test_the_same_scores_give_the_same_interval():
    observed = scores(np.random.default_rng(0))
    assert stats.interval(observed) == stats.interval(observed.copy())


def test_one_seed_and_one_item_still_have_an_interval():
    assert stats.of_value(np.array([[1.0]])) == Interval(pytest.approx(0.025), 1.0)
    assert stats.interval(np.ones((9, 7)), most=1.0) == Interval(pytest.approx(0.025 ** (1 / 7)), 1.0)
    nothing = stats.interval(np.zeros((6, 100)), least=-1.0)
    assert (nothing.low, nothing.high) == (pytest.approx(-0.0362, abs=1e-4), pytest.approx(0.0362, abs=1e-4))
    one_seed = stats.interval(np.array([[0.0, 1.0] * 20]))
    assert 0.3 < one_seed.low < 0.5 < one_seed.high < 0.7


@pytest.mark.parametrize("turned", [False, True], ids=["above one", "below zero"])
def test_the_interval_of_a_metric_stays_within_what_it_can_be(turned):
    """Of a metric of all items together, one item may score below 0 or above 1."""
    observed = influence(0.9, np.array([0.75, 0.8, 0.95, 0.95]))[None]
    observed = 1 - observed if turned else observed
    free, found = stats.interval(observed), stats.of_value(observed)
    assert (free.low < 0) if turned else (free.high > 1), "else this tests nothing"
    assert found == Interval(max(free.low, 0.0), min(free.high, 1.0))
    assert 0 <= found.low < observed.mean() < found.high <= 1


@pytest.mark.parametrize("turned", [False, True], ids=["above one", "below zero"])
def test_the_interval_of_a_difference_is_not_cut_at_zero_or_one(turned):
    draws = np.random.default_rng(3)
    difference = draws.normal(-1.0 if turned else 1.0, 0.4, (6, 12))
    said = paired("a", "b", difference, 0.005, ACCURACY).interval
    assert said == stats.interval(difference)
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
    assert stats.call(Interval(low, high)) == call


def grouped(draws, sizes, seeds=6, hits=False):
    """(s, n) differences of two arms that differ by nothing but what groups do to each, and the groups."""
    units = np.repeat(np.arange(len(sizes)), sizes)
    n, shared = len(units), draws.normal(0.8, 0.8, len(sizes))[units]
    arms = [
        shared
        + draws.normal(0, 0.5, len(sizes))[units]
        + draws.normal(0, 0.05, (seeds, 1))
        + draws.normal(0, 0.5, n)
        + draws.normal(0, 0.4, (seeds, n))
        for _ in range(2)
    ]
    one, other = ((arm > 0).astype(float) for arm in arms) if hits else arms
    return one - other, units


def false_calls(sizes, rounds, hits=False, independent=False):
    """Share of the rounds in which the verdict calls a difference that is none."""
    draws, calls = np.random.default_rng(0), []
    for _ in range(rounds):
        difference, units = grouped(draws, sizes(draws), hits=hits)
        found = stats.interval(difference, None if independent else units)
        calls.append(stats.call(found))
    return 1 - calls.count("undecided") / rounds


def equal(groups):
    return lambda _draws: np.full(groups, 15)


def uneven(groups):
    return lambda draws: np.exp(draws.normal(2.5, 1.2, groups)).round().astype(int) + 1


@pytest.mark.parametrize("hits", [False, True], ids=["scores", "hits"])
@pytest.mark.parametrize("sizes", [equal(5), equal(20), uneven(5), uneven(20)], ids=["5", "20", "5u", "20u"])
def test_groups_that_differ_by_luck_are_rarely_called(sizes, hits, monkeypatch):
    """Nominal 5 %; 60 % were wrong where 300 examples of 20 groups counted as 300."""
    monkeypatch.setattr(stats, "REPLICATES", 500)
    assert false_calls(sizes, 150, hits) <= 0.08  # 7 %, and a little more in so few rounds
    if sizes(np.random.default_rng(0)).size == 20:
        assert false_calls(sizes, 40, hits, independent=True) > 0.2, "else this tests nothing"


def test_groups_of_one_are_no_groups():
    observed = scores(np.random.default_rng(4), items=60, spread=0.05)
    alone = stats.interval(observed, np.random.default_rng(5).permutation(60))
    plain = stats.interval(observed)
    assert (alone.low, alone.high) == (
        pytest.approx(plain.low, abs=0.01),
        pytest.approx(plain.high, abs=0.01),
    )
    assert stats.interval(observed, np.arange(60) * 3) == plain


def test_examples_of_a_group_that_are_all_the_same_count_once():
    draws = np.random.default_rng(6)
    once = draws.normal(0, 1, (6, 80)) + draws.normal(0, 1, 80)
    often = stats.interval(np.repeat(once, 7, axis=1), np.repeat(np.arange(80), 7))
    assert often == Interval(*(pytest.approx(end) for end in stats.interval(once)))
    assert stats.effects(np.repeat(once, 7, axis=1), np.repeat(np.arange(80), 7)).freedom == pytest.approx(
        stats.effects(once).freedom
    )


def test_the_variance_of_uneven_groups_is_right():
    """By simulation, of groups that are alike but for their sizes: the mean weighs examples."""
    sizes = np.array([40, 10, 10, 5, 3, 2])
    units, draws, means, told = np.repeat(np.arange(6), sizes), np.random.default_rng(7), [], []
    for _ in range(1200):
        observed = (
            draws.normal(0, 1, 6)[units]
            + draws.normal(0, 0.5, (4, 1))
            + draws.normal(0, 0.5, (4, 6))[:, units]
        )
        found = stats.effects(observed, units)
        assert found.mean == pytest.approx(observed.mean())
        means.append(found.mean)
        told.append(found.variance)
    assert np.mean(told) == pytest.approx(np.var(means), rel=0.15)


def test_degrees_of_freedom_are_of_groups_and_fewer_where_one_has_most():
    def freedom(*sizes):
        return stats._freedom(np.array(sizes) / sum(sizes), stats.weights_of(np.array(sizes) / sum(sizes)))

    assert freedom(*[15] * 8) == 7
    assert 3 < freedom(40, 40, 40, 40, 40, 1, 1, 1) < 5
    assert freedom(300, 5, 5, 5, 5) < 2 < freedom(60, 20, 20, 20, 20) < 4


def test_one_group_says_nothing_and_two_say_little():
    one = stats.interval(np.tile([[0.0, 1.0]], (6, 20)), np.zeros(40))
    assert one.low < 0 < 1 < one.high
    assert stats.of_value(np.tile([[0.0, 1.0]], (6, 20)), np.zeros(40)) == Interval(0.0, 1.0)
    gains = np.tile([[0.2, 0.4]], (6, 20))
    assert stats.interval(gains, np.tile([0, 1], 20)).low < 0 < stats.interval(gains).low
    assert stats.effects(gains, np.zeros(40)).standard_errors == 0


@pytest.mark.parametrize("far", [0.05, 3.0])
def test_one_example_says_nothing_however_alike_its_seeds_are(far):
    found = stats.interval(np.array([[far], [far + 0.001]]))
    assert found.low <= 0 < far < found.high
    assert stats.call(found) == "undecided"


def test_seeds_that_differ_on_examples_alone_have_an_interval():
    """Neither seeds nor examples pull on the mean."""
    found = stats.interval(np.array([[1.0, -1.0, 0.0, 0.0], [-1.0, 1.0, 0.0, 0.0]]))
    assert -2 < found.low < 0 < found.high < 2


def test_values_are_compared_to_six_digits_of_the_largest():
    assert stats.rounded([4e-7, 1e-8, 4e-7 + 1e-16]).tolist() == [1.0, 0.025, 1.0]
    assert stats.rounded([0.0, 0.0]).tolist() == [0.0, 0.0]


def test_scores_without_bounds_are_not_clipped():
    far = np.random.default_rng(8).normal(30, 5, (6, 40))
    found = stats.interval(far)
    assert 25 < found.low < far.mean() < found.high < 35
    assert stats.of_value(far, least=-np.inf, most=np.inf) == found
    assert stats.of_value(-far, least=-np.inf, most=0.0).high == pytest.approx(-found.low, abs=0.2)
    assert stats.interval(far, least=29.9).low >= 29.9


def test_few_groups_near_the_end_of_a_metric_say_less_of_the_others():
    """Four groups of five are always right: the next may be as the fifth."""
    hits = np.ones((6, 75))
    hits[:, :6] = 0.0
    units = np.arange(75) // 15
    free, found = stats.interval(hits, units), stats.of_value(hits, units)
    assert found.low < free.low
    assert found.high == 1
    turned = stats.of_value(1 - hits, units)
    assert (turned.low, turned.high) == (0, pytest.approx(1 - found.low, abs=0.02))
    wide = stats.of_value(10 * hits, units, 0.0, 10.0)
    assert wide.low == pytest.approx(10 * found.low, abs=0.1)


def crossed(kind, units=6_000):
    """(2, n) scores, some of them skewed."""
    draws = np.random.default_rng(3)
    if kind == "skewed":
        return draws.lognormal(0, 1, (2, units))
    if kind == "lists":  # most are 0
        return np.where(draws.random((1, units)) < 0.8, 0, draws.random((1, units)))
    return (draws.random((2, units)) < (0.9 if kind == "hits" else 0.999)).astype(float)


@pytest.mark.parametrize("kind", ["skewed", "lists", "hits", "rare"])
def test_very_many_units_have_the_interval_that_drawing_each_gives(kind, monkeypatch):
    scores = crossed(kind)
    quick = stats.interval(scores)
    monkeypatch.setattr(stats, "MANY", 10**6)
    monkeypatch.setattr(stats, "_counted", stats._counted.__wrapped__)
    slow = stats.interval(scores)
    width = slow.high - slow.low
    assert np.abs(np.array([quick.low - slow.low, quick.high - slow.high])).max() < 0.04 * width


def test_the_interval_of_a_rare_event_among_very_many_is_skewed():
    hits = np.zeros((1, 50_000))
    hits[0, :4] = 1
    found = stats.interval(hits)
    mean = hits.mean()
    assert 1.3 * (mean - found.low) < found.high - mean
    ratings = np.where(hits, np.random.default_rng(0).random(hits.shape), 1e-6 * np.arange(50_000) / 50_000)
    found = stats.interval(ratings)
    assert 1.3 * (ratings.mean() - found.low) < found.high - ratings.mean()


def test_an_interval_of_very_many_units_takes_little_memory():
    scores, sizes = (
        np.random.default_rng(0).random((1, 300_000)),
        np.repeat(np.arange(100_000), [1, 3] * 50_000),
    )
    tracemalloc.start()
    stats.interval(scores)
    stats.interval(scores[:, : len(sizes)], sizes[: scores.shape[1]])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6  # to draw each unit four thousand times takes 10 GB


def test_draws_are_the_same_however_many_there_are_at_once(monkeypatch):
    share = np.random.default_rng(0).random(50)
    share /= share.sum()
    weights = stats.weights_of(share)
    freedom, drawn = stats._freedom(share, weights), np.concatenate(list(stats.counts_of(50, 40, 7)))
    monkeypatch.setattr(stats, "ENTRIES", 150)
    stats._freedom_of.cache_clear()
    assert stats._freedom(share, weights) == pytest.approx(freedom, rel=1e-12)
    parts = list(stats.counts_of(50, 40, 7))
    assert {len(part) for part in parts} == {3, 1}
    assert np.array_equal(np.concatenate(parts), drawn)
    assert np.array_equal(drawn, np.random.default_rng(7).multinomial(50, np.full(50, 1 / 50), 40))


def test_degrees_of_freedom_of_very_many_groups_are_about_those_of_the_draws(monkeypatch):
    share = np.random.default_rng(0).lognormal(0, 0.5, 2_500)
    share /= share.sum()
    weights = stats.weights_of(share)
    quick = stats._freedom(share, weights)
    monkeypatch.setattr(stats, "PLENTY", 1e9)
    monkeypatch.setattr(stats, "REPLICATES", 2_000)
    tails = [stdtrit(freedom, 0.975) for freedom in (quick, stats._freedom(share, weights))]
    assert tails[0] == pytest.approx(tails[1], rel=0.01)
    assert 200 < quick < 2_499
