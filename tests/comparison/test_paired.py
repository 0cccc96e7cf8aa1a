"""The interval of a paired difference: never narrower than what few differences allow."""

from __future__ import annotations

import numpy as np
import pytest

from headstart import stats
from headstart.comparison.paired import adjusted, interval


def difference(wins: int, losses: int, n: int) -> np.ndarray:
    return np.repeat([1.0, -1.0, 0.0], [wins, losses, n - wins - losses])


def test_few_wins_and_no_loss_decide_nothing():
    few = difference(3, 0, 50)
    low, high = interval(few, np.arange(50))
    assert low < 0 < high
    assert low <= stats.interval(few[None]).low


def test_many_wins_do():
    assert interval(difference(20, 3, 150), np.arange(150)).low > 0


def test_by_hand():
    # won 3/12, lost 1/12: difference 1/6, variance (1/3 - 1/36) / 12
    half = 1.96 * np.sqrt((1 / 3 - 1 / 36) / 12)
    assert adjusted(2, 0, 10) == pytest.approx((1 / 6 - half, 1 / 6 + half))


def test_groups_and_other_scores_have_the_interval_of_a_verdict():
    scores = np.linspace(-1, 1, 30)
    assert interval(scores, np.arange(30)) == stats.interval(scores[None], np.arange(30))
    grouped = np.arange(50) // 2
    few = difference(3, 0, 50)
    assert interval(few, grouped) == stats.interval(few[None], grouped)
