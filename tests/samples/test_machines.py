"""A fault can be heard."""

from __future__ import annotations

import numpy as np

from headstart.samples import _files, machines


def envelope(state):
    """How much loudness changes from one 20th of a second to the next, and how sharp its peaks are."""
    parts = [machines.second(state, np.random.default_rng(seed)).reshape(20, -1) for seed in range(5)]
    loud = np.array([part.std(1) for part in parts])
    peaks = np.array([np.abs(part).max() / part.std() for part in parts])
    return (loud.std(1) / loud.mean(1)).mean(), peaks.mean()


def test_a_belt_swells_and_a_bearing_clicks():
    good, bearing, belt = (envelope(state) for state in machines.STATES)
    assert belt[0] > 3 * good[0]
    assert bearing[1] > 1.3 * good[1]
    sound = machines.second("good", np.random.default_rng(0))
    assert sound.shape == (_files.RATE,)
    assert np.abs(sound).max() < 1
