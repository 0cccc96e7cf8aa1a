"""Thirty bad tables: each is an error with a hint, or a finding that counts."""

import numpy as np
import pandas as pd
import pytest

from headstart.data.series import calendar
from headstart.data.series.dates import spelling_of
from headstart.data.series.gridded import gridded
from headstart.data.series.tables import Cells
from headstart.errors import DataError

DAYS = [str(day.date()) for day in pd.date_range("2020-01-01", periods=30)]
HOURS = pd.date_range("2024-10-26 00:00", periods=72, freq="h", tz="Europe/Berlin")
AUTUMN = [stamp.strftime("%Y-%m-%d %H:%M") for stamp in HOURS]
SPRING = [
    stamp.strftime("%Y-%m-%d %H:%M")
    for stamp in pd.date_range("2024-03-30", periods=48, freq="h", tz="Europe/Berlin")
]
NUMBERS = list(np.arange(30.0) % 7)


def cells(name, stamps, values):
    return Cells(name, list(stamps), list(values), spelling_of(list(stamps)))


def asked(stamps, values, **other):
    return gridded([cells("a", stamps, values)], other.get("frequency"), other.get("season"))


def kinds(told):
    return {finding.kind: finding.count for finding in told.findings()}


def test_a_plain_series():
    (series,), told = asked(DAYS, NUMBERS)
    assert (series.frequency.name, series.season, len(series.values)) == ("daily", 7, 30)
    assert not kinds(told)
    (again,), _ = asked(DAYS[::-1], NUMBERS[::-1])
    assert again.values.tolist() == series.values.tolist()


GAP = DAYS[:10] + DAYS[12:]
FINDINGS = {
    "a row twice": (DAYS + DAYS[:1], NUMBERS + NUMBERS[:1], {"duplicates": 1}),
    "gaps": (GAP, NUMBERS[:28], {"gaps": 1}),
    "NaN": (DAYS, [*NUMBERS[:5], float("nan"), *NUMBERS[6:]], {"gaps": 1}),
    "an empty cell": (DAYS, [*NUMBERS[:5], "", *NUMBERS[6:]], {"gaps": 1}),
    "n/a": (DAYS, [*NUMBERS[:5], "n/a", *NUMBERS[6:]], {"gaps": 1}),
    "infinite": (DAYS, [*NUMBERS[:5], float("inf"), *NUMBERS[6:]], {"infinite": 1, "gaps": 1}),
    "minus infinite": (DAYS, [*NUMBERS[:5], "-inf", *NUMBERS[6:]], {"infinite": 1, "gaps": 1}),
    "rows after the last value": (DAYS, [*NUMBERS[:28], None, None], {"later": 1}),
    "the end of summer time": (AUTUMN, range(72), {"clock": 1}),
    "a missing hour in spring": (SPRING, range(48), {"gaps": 1}),
    "text for numbers": (DAYS, [str(one) for one in NUMBERS], {}),
    "a value before the first": (DAYS, [None, *NUMBERS[1:]], {}),
    "negative": (DAYS, [-one for one in NUMBERS], {}),
    "numbered": (range(30), NUMBERS, {}),
    "numbered with gaps": ([*range(10), *range(12, 32)], NUMBERS, {"gaps": 1}),
    "numbers as texts": ([str(one) for one in range(30)], NUMBERS, {}),
    "no stamps": ([], NUMBERS, {}),
    "a stamp late in its day": ([f"{day} 00:00:07" for day in DAYS], NUMBERS, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", FINDINGS)
def test_what_is_odd_is_counted(case):
    stamps, values, expected = FINDINGS[case]
    (series,), told = asked(stamps, values)
    assert kinds(told) == expected
    assert np.isfinite(series.values[[0, -1]]).all()
    assert int(np.isnan(series.values).sum()) in (0, 1, 2)


ERRORS = {
    "two values for a day": (DAYS + DAYS[:1], [*NUMBERS, 99.0], "unique_id=NAME"),
    "several series in one": (DAYS * 2, [*NUMBERS, *NUMBERS[::-1]], "unique_id=NAME"),
    "words for values": (DAYS, ["many", *NUMBERS[1:]], "decimal point"),
    "a comma in numbers": (DAYS, ["1,5", *NUMBERS[1:]], "decimal point"),
    "yes and no": (DAYS, [True, *NUMBERS[1:]], "decimal point"),
    "words for stamps": (["soon", *DAYS[1:]], NUMBERS, "2020-01-31"),
    "a day that is none": (["2020-02-31", *DAYS[1:]], NUMBERS, "2020-01-31"),
    "no stamp": ([None, *DAYS[1:]], NUMBERS, "2020-01-31"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_cannot_be_read_is_an_error_with_a_hint(case):
    stamps, values, hint = ERRORS[case]
    with pytest.raises(DataError) as caught:
        asked(stamps, values)
    assert hint in caught.value.hint


LEFT_OUT = {
    "irregular": (
        [DAYS[number] for number in (0, 1, 3, 4, 9, 12, 13, 20, 22, 29)],
        NUMBERS[:10],
        "irregular",
    ),
    "no value": (DAYS, [None] * 30, "no value"),
    "two rows": (DAYS[:2], NUMBERS[:2], "too few"),
    "mostly gaps": ([*range(20), *range(10_000, 10_010)], NUMBERS, "missing"),
    "half of it gaps": (DAYS, [*NUMBERS[:5], *[None] * 20, *NUMBERS[25:]], "20 of 30 values are missing"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_is_no_series_is_left_out_with_its_reason(case):
    stamps, values, reason = LEFT_OUT[case]
    series, told = asked(stamps, values)
    assert not series
    assert reason in told.dropped[0].reason


def test_a_person_knows_better():
    days = [DAYS[number] for number in (0, 8, 14, 22, 29)]
    (series,), _ = asked(days, NUMBERS[:5], frequency=calendar.WEEKLY, season=4)
    assert (series.frequency, series.season, len(series.values)) == (calendar.WEEKLY, 4, 5)
    with pytest.raises(DataError, match="nearer than monthly"):
        asked(DAYS, NUMBERS, frequency=calendar.MONTHLY)


def test_different_frequencies_are_said():
    months = ["2020-01", "2020-02", "2020-03"]
    series, told = gridded([cells("a", DAYS, NUMBERS), cells("b", months, [1, 2, 3])], None, None)
    assert len(series) == 2
    (finding,) = told.findings()
    assert finding.message == "the series have different frequencies: 1 daily, 1 monthly"
