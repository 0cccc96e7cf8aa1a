"""The head of forecasts: nothing where nothing is left to learn, and what is left where it is clear."""

import numpy as np
import pytest

from headstart.tasks.scores.forecasts import LEVELS, MEDIAN, future
from headstart.tasks.solvers.steps import each_step, ridge, solve, spread_out, straight

STEPS, WIDTH = 4, 10


def made(series, windows=4, learnable=1.0, seed=0):
    """Features, the last of which are quantiles of 0, and what is right: one feature, and noise."""
    draws = np.random.default_rng(seed)
    features = draws.normal(size=(series * windows, STEPS, WIDTH))
    features[..., -len(LEVELS) :] = np.arange(-2, 3) / 2
    right = np.zeros(len(features), future(STEPS))
    right["values"] = learnable * features[..., 0] + draws.normal(size=features.shape[:2])
    right["series"], right["origin"] = (
        np.repeat(np.arange(series), windows),
        np.tile(np.arange(windows), series),
    )
    right["scale"], right["floor"] = 1, -np.inf
    return features.reshape(len(features), -1), right


@pytest.mark.parametrize("series", [3, 40])
def test_what_can_be_learned_is(series):
    features, right = made(series, 400 // series)
    head = solve(features, right, STEPS)
    assert head.weight[MEDIAN, 0] == pytest.approx(1, abs=0.15)
    assert head.bias.shape == (STEPS, len(LEVELS))
    fresh, answers = made(100, 4, seed=1)
    told = head.outputs(fresh).reshape(400, STEPS, -1)
    assert np.abs(told[..., MEDIAN] - answers["values"]).mean() < 0.85
    inside = (answers["values"] >= told[..., 0]) & (answers["values"] <= told[..., -1])
    assert 0.74 < inside.mean() < 0.86


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_can_be_learned_the_base_stays_as_it_is(seed):
    features, right = made(6, 4, 0.0, seed)
    head = solve(features, right, STEPS)
    assert head.penalty == np.inf
    assert not head.weight.any()
    assert not head.bias.any()
    np.testing.assert_array_equal(
        head.outputs(features).reshape(24, STEPS, -1), features.reshape(24, STEPS, WIDTH)[..., -len(LEVELS) :]
    )


def test_steps_that_nobody_knows_are_not_learned_from():
    features, right = made(20)
    right["values"][::2, 2:] = np.nan
    features = features.reshape(80, STEPS, WIDTH)
    features[::2, 2:, :5] = 1e6
    plain = ridge(features.reshape(80, -1), right, STEPS, 0.0)
    assert np.isfinite(plain.weight).all()
    assert abs(plain.weight[MEDIAN, 0]) > 0.5


def test_one_number_is_told_straight_and_quantiles_are_where_errors_are():
    features, right = made(300)
    head = straight(features, right, STEPS, 0)
    told = head.outputs(features).reshape(-1, STEPS, len(LEVELS))
    # the base's own quantiles are 0 in what dull forecasts stand on
    told -= np.arange(-2, 3) / 2
    np.testing.assert_allclose(told[..., MEDIAN], features.reshape(-1, STEPS, WIDTH)[..., 0])
    below = (right["values"][..., None] <= told).mean((0, 1))
    np.testing.assert_allclose(below, LEVELS, atol=0.05)


def test_each_step_has_weights_of_its_own_and_errors_are_of_windows_left_out():
    draws, (_, right) = np.random.default_rng(0), made(20, 20)
    values = draws.normal(size=(400, 6))
    wanted = np.stack([values[:, step] for step in range(STEPS)], 1) + 0.1 * draws.normal(size=(400, STEPS))
    wanted[::3, 1] = np.nan
    solved = each_step(values, wanted, right)
    np.testing.assert_allclose(solved.weight, np.eye(STEPS, 6), atol=0.05)
    np.testing.assert_array_equal(np.isnan(solved.errors), np.isnan(wanted))
    assert np.nanstd(solved.errors) == pytest.approx(0.1, rel=0.1)
    faint = 0.4 * wanted + draws.normal(size=(400, STEPS))
    some = each_step(values, faint, right)
    inside = faint - values @ some.weight.T - some.bias
    assert np.nanmean(some.errors**2) > np.nanmean(inside**2)


@pytest.mark.parametrize("seed", range(5))
def test_each_step_tells_nothing_where_nothing_can_be_learned(seed):
    draws, (_, right) = np.random.default_rng(seed), made(8, 50)
    solved = each_step(draws.normal(size=(400, 6)), draws.normal(size=(400, STEPS)), right)
    assert not solved.weight.any()
    assert not solved.bias.any()


def test_quantiles_lie_where_errors_are_and_the_forecast_stays():
    bias, _, _ = spread_out(np.random.default_rng(0).normal(size=(4000, STEPS)) + 0.3)
    assert not bias[:, MEDIAN].any()
    np.testing.assert_allclose(bias[:, -1], 0.3 + 1.2816, atol=0.1)
