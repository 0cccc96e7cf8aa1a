"""Numbers with a decimal comma, or commas between thousands: one way in a table, or none."""

import pytest

from headstart.data.tables.numerals import doubtful, pointed


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        (["1,5", "2,25", "3"], ["1.5", "2.25", "3"]),
        (["1.234,5", "12 345,0", "1.000", None], ["1234.5", "12345.0", "1000", None]),
        (["-0,125", "7,5", "", "n/a"], ["-0.125", "7.5", "", "n/a"]),
        (["1,234.5", "12,345", "9.5"], ["1234.5", "12345", "9.5"]),
        (["1,234,567", "1,000"], ["1234567", "1000"]),
    ],
)
def test_one_way_is_found(cells, meant):
    assert pointed(cells) == meant


@pytest.mark.parametrize(
    "cells",
    [
        ["1.5", "2.5", "1e5"],  # as computers write them
        ["1,234", "5,678"],  # either
        ["1,5", "2.5"],  # both, which nobody means
        ["1,5", "1,234.5"],
        ["a,b", "1,5"],
        [1.5, None],
        [],
    ],
)
def test_what_is_clear_already_or_not_at_all_is_left(cells):
    assert pointed(cells) == cells


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        (["990", "1.019", "1.044", "-995"], "1.019"),
        (["990", "1.019.000", ""], "1.019.000"),
        (["990", "1.02", "1.019"], None),
        (["990", "0.019"], None),
        (["1500", "1.019"], None),
        (["1.019", "1.044"], None),
        (["2", "1.044"], None),
        ([990, 1.019], None),
    ],
)
def test_points_may_stand_between_thousands(cells, doubt):
    assert doubtful(cells) == doubt
