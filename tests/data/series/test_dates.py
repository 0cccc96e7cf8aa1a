"""How dates are written."""

import numpy as np
import pandas as pd
import pytest

from headstart.data.series import calendar, dates


def read(cells):
    stamps, bad = dates.stamps_of(cells, dates.spelling_of(cells))
    assert not bad.any()
    return stamps


def days(cells):
    return [calendar.written(int(one), calendar.DAILY) for one in read(cells)]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([2001, 2002, 2003, 2004], "yearly"),
        ([199501, 199502, 199503], "monthly"),
        ([20200101, 20200102, 20200103], "daily"),
        (["2020-01", "2020-02", "2020-03"], "monthly"),
        (["01/31/2020", "02/28/2020", "03/31/2020"], "monthly"),
        (["13/01/2020", "14/01/2020", "15/01/2020"], "daily"),
        (["2020-01-01T00:00:00+02:00", "2020-01-01T01:00:00+02:00", "2020-01-01T02:00:00+02:00"], "hourly"),
    ],
)
def test_dates_in_many_spellings(cells, name):
    assert calendar.frequency_of(read(cells)).name == name


@pytest.mark.parametrize(
    ("cells", "first", "last"),
    [
        (["13.02.2020", "14.02.2020", "01.03.2020"], "2020-02-13", "2020-03-01"),
        (["01/13/2020", "01/14/2020", "02/01/2020"], "2020-01-13", "2020-02-01"),
        (["Jan-19", "Feb-19", "Mar-19"], "2019-01-01", "2019-03-01"),
        (["January 2, 2020", "January 3, 2020"], "2020-01-02", "2020-01-03"),
        (["Mon, 2 Dec 2019", "Tue, 3 Dec 2019"], "2019-12-02", "2019-12-03"),
        (["1956Q1", "1956Q2"], "1956-01-01", "1956-04-01"),
        (["Q3 1956", "Q4-1956"], "1956-07-01", "1956-10-01"),
        (["2020M01", "2020M12"], "2020-01-01", "2020-12-01"),
        (["2020-W05", "2020W06"], "2020-01-27", "2020-02-03"),
        ([202052, 202053, 202101], "2020-12-21", "2021-01-04"),
        (["2021-12-31 00:00:00+01:00", "2022-07-01 00:00:00+02:00"], "2021-12-31", "2022-07-01"),
        (["1/2/2020 11:05 PM", "1/2/2020 11:06 p.m."], "2020-01-02 23:05:00", "2020-01-02 23:06:00"),
        (["1612137600", "1612141200"], "2021-02-01", "2021-02-01 01:00:00"),
        ([1612137600000, 1612141200000], "2021-02-01", "2021-02-01 01:00:00"),
        ([1612137600000000000, 1612141200000000000], "2021-02-01", "2021-02-01 01:00:00"),
    ],
)
def test_the_days_that_are_meant(cells, first, last):
    assert [days(cells)[0], days(cells)[-1]] == [first, last]


def test_working_days_stay_so_in_any_zone():
    local = pd.date_range("2021-03-01", periods=60, freq="B", tz="Europe/Berlin")
    assert calendar.frequency_of(read([str(stamp) for stamp in local])) is calendar.BUSINESS
    assert calendar.frequency_of(read([*local])) is calendar.BUSINESS


def test_days_and_months_change_places_by_what_leaves_fewer_gaps():
    months = pd.date_range("2020-01-01", periods=15, freq="MS")
    for way in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y"):
        stamps = read(list(months.strftime(way)))
        assert calendar.frequency_of(stamps) is calendar.MONTHLY, way
    assert days(["01/02/2020"]) == ["2020-01-02"]
    assert days(["01.02.2020"]) == ["2020-02-01"]


def test_other_whole_numbers_are_places_and_other_texts_nothing():
    assert dates.spelling_of([1, 2, 3]) == dates.PLACES
    assert read([1, 2, 3]).tolist() == [1, 2, 3]
    big = np.arange(2e9, 2e9 + 5)
    assert dates.spelling_of(big.tolist()) == dates.PLACES
    for nothing in ("yesterday", None, "12:30", "31.02.2020", "2020-W60"):
        cells = ["2020-01-01", nothing]
        _, bad = dates.stamps_of(cells, dates.spelling_of(cells))
        assert bad.tolist() == [False, True], nothing


def test_a_stamp_that_stands_in_many_series_is_read_once(monkeypatch):
    stamps, asked, read_them = dates.Stamps(), list[object](), dates.stamps_of

    def counted(cells, spelling):
        asked.extend(cells)
        return read_them(cells, spelling)

    monkeypatch.setattr(dates, "stamps_of", counted)
    months = ["2020-01", "2020-02", "never", "2020-01"]
    for cells in (months, [*months, "2020-03"], [pd.NaT, "2020-01"]):
        expected, bad = read_them(cells, "ISO8601")
        found, wrong = stamps.of(cells, "ISO8601")
        np.testing.assert_array_equal(found[~wrong], expected[~bad])
        np.testing.assert_array_equal(wrong, bad)
    assert asked == ["2020-01", "2020-02", "never", "2020-03", pd.NaT, "2020-01"]


def test_what_stands_there_often_counts_as_often():
    assert dates.spelling_of([2001] * 4 + ["2001-01", "2001-02"]) == "%Y"
    assert dates.spelling_of([2001] * 2 + ["2001-01", "2001-02"] * 2) == "ISO8601"
