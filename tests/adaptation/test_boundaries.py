"""Boundaries lie where a byte saves the most computing, in two windows, within the room there is."""

import pytest

from headstart.adaptation._boundaries import WINDOWS, boundaries
from headstart.types import BaseCard

EVERYTHING = float("inf")


def card(*stages):
    """A base of 1000 operations with (computing below, numbers) at each stage."""
    names = tuple(f"stage{number}" for number in range(len(stages)))
    below, numbers = zip(*stages, strict=True) if stages else ((), ())
    return BaseCard("x", "image", None, None, "", 1, 1000, 8, 32, names, numbers, below)


def test_one_in_each_window_the_top_one_first():
    base = card((100, 10), (500, 10), (900, 10), (990, 10))
    assert boundaries(base, 5, EVERYTHING) == ("stage2", "stage1")


def test_thin_tensors_come_first_though_they_lie_lower():
    base = card((400, 10), (600, 40), (800, 10), (900, 20))
    assert boundaries(base, 5, EVERYTHING) == ("stage2", "stage0")


def test_what_does_not_fit_is_left_out_with_everything_below_it():
    base = card((500, 10), (900, 10))
    assert boundaries(base, 5, 5 * 10 * 2 * 2) == ("stage1", "stage0")
    assert boundaries(base, 5, 5 * 10 * 2 * 2 - 1) == ("stage1",)
    assert boundaries(base, 5, 5 * 10 * 2 - 1) == ()


@pytest.mark.parametrize("stages", [(), ((990, 10),), ((100, 10),)])
def test_a_base_without_a_stage_in_the_windows_has_none(stages):
    assert boundaries(card(*stages), 5, EVERYTHING) == ()


def test_the_windows_do_not_overlap():
    assert WINDOWS[0][1] <= WINDOWS[1][0]
