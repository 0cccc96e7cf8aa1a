"""A part is coated as asked, and a fault shows."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.samples import parts


def drawn(state, coating="blue"):
    return np.asarray(parts.part(state, coating, np.random.default_rng(3)), float)


@pytest.mark.parametrize("state", ["scratched", "chipped"])
def test_a_fault_changes_a_few_pixels(state):
    changed = np.abs(drawn(state) - drawn("good")).max(2) > 25
    assert 0.003 < changed.mean() < 0.1


def test_the_coating_shows():
    blue, brass = drawn("good", "blue"), drawn("good", "brass")
    middle = np.abs(blue - blue[0, 0]).max(2) > 40  # the part, not the belt
    assert blue[middle][:, 2].mean() > blue[middle][:, 0].mean() + 30
    assert brass[middle][:, 0].mean() > brass[middle][:, 2].mean() + 30
