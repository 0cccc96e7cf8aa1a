"""Stamps: what they are, how far apart, and what comes after them."""

import numpy as np
import pandas as pd
import pytest

from headstart.data.series import calendar, dates


def found(cells):
    stamps, bad = dates.stamps_of(cells, dates.spelling_of(cells))
    assert not bad.any()
    return calendar.frequency_of(stamps), stamps


@pytest.mark.parametrize(
    ("freq", "name", "season"),
    [
        ("YS", "yearly", 1), ("YE", "yearly", 1), ("QS", "quarterly", 4), ("QE", "quarterly", 4),
        ("MS", "monthly", 12), ("ME", "monthly", 12), ("W", "weekly", 52), ("D", "daily", 7),
        ("B", "business", 5), ("h", "hourly", 24), ("30min", "1800 s", 48), ("10s", "10 s", 6),
        ("2QS", "6 months", 2), ("2QE", "6 months", 2), ("2YS", "24 months", 1), ("2MS", "2 months", 6),
    ],
)  # fmt: skip
def test_a_grid_is_found_and_goes_on(freq, name, season):
    stamps = pd.date_range("2019-01-31", periods=40, freq=freq)
    frequency, seconds = found([str(stamp) for stamp in stamps[:30]])
    assert (frequency.name, frequency.season) == (name, season)
    assert calendar.places(seconds, frequency).tolist() == list(range(30))
    told = [calendar.after(int(seconds[-1]), frequency, step) for step in range(1, 11)]
    assert [calendar.written(one, frequency)[:10] for one in told] == [str(one)[:10] for one in stamps[30:]]
    assert calendar.named(name) == frequency


def test_a_zone_that_changes_its_clock_is_one_hour_after_another():
    local = pd.date_range("2024-03-30 20:00", periods=12, freq="h", tz="Europe/Berlin")
    frequency, seconds = found([stamp.isoformat() for stamp in local])
    assert frequency is calendar.HOURLY
    assert np.diff(seconds).tolist() == [3600] * 11


def test_what_is_on_no_grid_has_no_frequency():
    days = np.cumsum([1, 3, 1, 9, 2, 30, 4, 1, 12]) * calendar.DAY
    assert calendar.frequency_of(days) is None
    assert calendar.frequency_of(days[:2]) is None
    with pytest.raises(ValueError, match="expected yearly"):
        calendar.named("fortnightly")


def test_the_last_day_of_a_month_stays_so_and_working_days_pass_over_weekends():
    _, stamps = found(["2019-11-30", "2019-12-31", "2020-01-31"])
    assert (
        calendar.written(calendar.after(int(stamps[-1]), calendar.MONTHLY, 1), calendar.MONTHLY)
        == "2020-02-29"
    )
    friday = int(pd.Timestamp("2024-03-01").timestamp())
    assert calendar.written(calendar.after(friday, calendar.BUSINESS, 1), calendar.BUSINESS) == "2024-03-04"
    assert calendar.after(7, calendar.NUMBERED, 3) == 10
