"""Time stamps in any usual form."""

import pytest

from headstart.data.ratings.stamps import seconds_of

DAY = 1377993600
"""The first of September 2013."""


@pytest.mark.parametrize(
    "cells",
    [
        [DAY, DAY + 86400],
        [str(DAY), str(DAY + 86400)],
        [DAY * 1000, (DAY + 86400) * 1000],
        [float(DAY), float(DAY + 86400)],
        ["2013-09-01", "2013-09-02"],
        ["2013-09-01T00:00:00Z", "2013-09-02T00:00:00+00:00"],
        [20130901, 20130902],
    ],
)
def test_seconds_and_dates_are_the_same_times(cells):
    found, bad = seconds_of(cells)
    assert found.tolist() == [DAY, DAY + 86400]
    assert not bad.any()


def test_what_is_no_time_is_marked():
    assert seconds_of([DAY, "soon", DAY])[1].tolist() == [False, True, False]
    assert seconds_of(["2013-09-01", "", "2013-09-03"])[1].tolist() == [False, True, False]
    assert seconds_of([1, 2, 3])[0].tolist() == [1, 2, 3]  # an order is enough
