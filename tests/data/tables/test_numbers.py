"""Cells that are numbers, and those that are none."""

import pytest

from headstart.data.tables.numbers import numbers


@pytest.mark.parametrize(
    ("cell", "text"), [("3", "3.0"), (" -2.50 ", "-2.5"), (4, "4.0"), (1e-4, "0.0001"), ("1e3", "1000.0")]
)
def test_numbers_are_read(cell, text):
    assert numbers([cell]) == [(text, None)]


@pytest.mark.parametrize(
    ("cell", "why"),
    [(None, "no value"), (" ", "no value"), ("many", "'many' is not a number"), ("inf", "not finite")],
)
def test_what_is_none_has_a_reason(cell, why):
    ((text, reason),) = numbers([cell])
    assert text == ""
    assert why in reason
