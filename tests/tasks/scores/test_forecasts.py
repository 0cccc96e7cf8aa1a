"""Metrics of forecasts, against values that were worked out by hand."""

import numpy as np
import pytest

from headstart.tasks.scores.forecasts import FORECASTS, LEVELS, MASE, future, quantiles


@pytest.fixture
def right():
    """Values 12, 14 and unknown; then 0, 4 and 2; the scale is 2 and 4."""
    found = np.zeros(2, future(3))
    found["reference"] = [[10, 10, 10], [0, 0, 0]]
    found["values"] = [[1, 2, np.nan], [0, 1, 0.5]]
    found["scale"], found["squares"] = [2, 4], [2, 2]
    found["floor"] = [[-np.inf] * 3, [0, 0, 0]]
    return found


def flat(*medians):
    """(2, H Q) outputs with these medians, quantiles half a unit apart."""
    return (np.array(medians)[..., None] + np.arange(-1, 1.5, 0.5)).reshape(2, -1)


def test_by_hand(right):
    told = flat([[0, 2, 9], [-3, 1, 1]][0], [-3, 1, 1])
    # errors 1 and 0; below the floor is the floor: 0, 0 and 0.5
    np.testing.assert_allclose(MASE.of(told, right), [0.5, 0.5 / 3])
    found = FORECASTS.all(told, right)
    assert found["mase"] == pytest.approx((0.5 + 0.5 / 3) / 2)
    assert found["mae"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["rmsse"] == pytest.approx((np.sqrt(0.5) + np.sqrt(1 / 3)) / 2)
    assert found["smape"] == pytest.approx((2 * 2 / 22 / 2 + 2 * 2 / 6 / 3) / 2)
    assert found["coverage_80"] == pytest.approx((1 + 1) / 2)


def test_less_is_better_and_the_season_before_is_no_answer(right):
    assert MASE.sign == -1
    assert MASE.high == np.inf
    np.testing.assert_allclose(MASE.of(np.zeros((2, 15)), right), [1.5, 0.5])
    assert FORECASTS.titles.of("smape") == "sMAPE"


def test_quantiles_are_in_order_and_not_below_the_floor(right):
    found = quantiles(np.random.default_rng(0).normal(size=(2, 15)), right)
    assert found.shape == (2, 3, len(LEVELS))
    assert (np.diff(found) >= 0).all()
    assert found[1].min() >= 0 > found[0].min()
