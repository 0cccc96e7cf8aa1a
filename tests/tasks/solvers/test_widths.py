"""One factor on the widths of intervals, where windows that were not learned from say so."""

import numpy as np
import pytest

from headstart.tasks.scores.forecasts import LEVELS, MEDIAN, future
from headstart.tasks.solvers.widths import factor, stretched

STEPS = 6


def windows(series, origins=2, seed=0, spread=1.0):
    """Forecasts of 0 with the quantiles of a normal distribution, and values that spread otherwise."""
    draws, n = np.random.default_rng(seed), series * origins
    right = np.zeros(n, future(STEPS))
    right["values"] = spread * draws.normal(size=(n, STEPS))
    right["series"], right["origin"] = (
        np.repeat(np.arange(series), origins),
        np.tile(np.arange(origins), series),
    )
    right["scale"], right["floor"] = 1, -np.inf
    return np.tile([-1.2816, -0.6745, 0, 0.6745, 1.2816], (n, STEPS)), right


@pytest.mark.parametrize("spread", [0.5, 1.8])
def test_intervals_become_as_wide_as_what_happens(spread):
    outputs, right = windows(60, spread=spread)
    found = factor(outputs, right)
    assert found == pytest.approx(spread, rel=0.15)
    told = stretched(outputs, found).reshape(len(right), STEPS, len(LEVELS))
    inside = (right["values"] >= told[..., 0]) & (right["values"] <= told[..., -1])
    assert 0.76 < inside.mean() < 0.84
    assert not told[..., MEDIAN].any()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_as_wide_as_it_should_be_stays(seed):
    assert factor(*windows(40, seed=seed)) == 1


def test_one_window_or_two_that_say_otherwise_decide_nothing():
    assert factor(*windows(60, origins=1, spread=2.0)) == 1
    outputs, right = windows(60)
    right["values"] *= np.where(right["origin"] == 0, 3.0, 0.4)[:, None]
    assert factor(outputs, right) == 1
    assert factor(*windows(1, origins=2, spread=2.0)) in (1, pytest.approx(2, rel=0.5))
