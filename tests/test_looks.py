"""When two arms have been looked at for long enough."""

import numpy as np
import pytest

from headstart import looks, stats
from headstart.looks import USE, clear
from headstart.spread import Spread

PRIOR = Spread(0.01, 6.0)


def pairs(gain, seeds, items=150, seed=0):
    """(s, n) differences of hits whose rates differ by `gain`."""
    draws = np.random.default_rng(seed)
    hard, luck = draws.uniform(size=(1, items)), draws.normal(0, 0.02, (2, seeds, 1))
    low, high = (
        hard + draws.normal(0, 0.2, (2, seeds, items)) + luck < np.array([0.5, 0.5 + gain])[:, None, None]
    )
    return high.astype(float) - low


def test_a_large_difference_is_clear_with_two_seeds_and_never_with_one():
    assert clear(pairs(0.35, 2), prior=PRIOR)
    assert clear(-pairs(0.35, 2), prior=PRIOR), "either way"
    assert not clear(pairs(0.35, 1), prior=PRIOR)
    assert not clear(pairs(0.0, 2), prior=PRIOR)


def test_a_look_asks_for_more_than_the_last_one():
    asked = [pairs(0.10, 3, seed=number) for number in range(40)]
    called = [stats.call(stats.interval(one, prior=PRIOR)) == "helps" for one in asked]
    stopped = [clear(one, prior=PRIOR) for one in asked]
    assert sum(stopped) < sum(called)
    assert not any(stop and not call for stop, call in zip(stopped, called, strict=True))


def test_examples_of_few_groups_make_nothing_clear():
    groups = np.arange(150) // 50
    difference = pairs(0.25, 2) + np.array([-0.3, 0.0, 0.3])[groups]
    assert clear(difference, prior=PRIOR)
    assert not clear(difference, groups, PRIOR)


def test_looking_often_seldom_calls_what_is_not_there(monkeypatch):
    """The whole rule: two to six seeds, stopped where it is clear, else called by the last interval."""
    monkeypatch.setattr(stats, "REPLICATES", 300)
    wrong, rounds = 0, 150
    for number in range(rounds):
        difference = pairs(0.0, 6, items=80, seed=number)
        stop = next((s for s in range(looks.FIRST, 6) if clear(difference[:s])), 6)
        wrong += stats.call(stats.interval(difference[:stop])) != "undecided"
    assert wrong / rounds <= 0.08


def test_what_becomes_of_saved_time_can_be_set():
    assert USE.of({}) == "less"
    assert USE.of({"use": "all"}) == "all"
    with pytest.raises(Exception, match="less, all"):
        USE.of({"use": "some"})
