"""Tables as people bring them: each is an error with a hint, or what is odd is told or left out by name."""

import numpy as np
import pandas as pd
import pytest

import serial
from headstart import data, tasks
from headstart.data.reading import Reading
from headstart.errors import HeadstartError

SIX = {"horizon": "6"}
GOOD = serial.long_table(12, 60)


def one(values, stamps=None, name="odd"):
    """Good series, and one more."""
    stamps = pd.date_range("2015-01-01", periods=len(values), freq="MS") if stamps is None else stamps
    return pd.concat(
        [GOOD, pd.DataFrame({"unique_id": name, "ds": [str(day) for day in stamps], "y": values})]
    )


def changed(at, value, column="y"):
    """Good series with one other cell."""
    table = GOOD.astype({"y": object}).reset_index(drop=True)
    table.loc[at, column] = value
    return table


def hours(zone=None, start="2024-10-26", periods=60):
    stamps = pd.date_range(start, periods=periods, freq="h", tz=zone)
    return pd.DataFrame({"ds": [str(stamp) for stamp in stamps], "y": serial.values(periods, 24)})


CURVE = serial.values(60)
HALF = np.where(np.arange(60) % 3 == 0, CURVE, np.nan)
LATE = pd.date_range("2190-01-01", periods=60, freq="MS")
AGAIN = pd.concat([GOOD, GOOD.iloc[[7]]])
CLOCK = hours().assign(ds=lambda rows: [*rows["ds"][:27], rows["ds"][26], *rows["ds"][27:59]])

TWICE = hours(start="2024-10-16").assign(
    ds=lambda rows: [*rows["ds"][:26], rows["ds"][25], *rows["ds"][26:59]]
)
LISTS = pd.DataFrame({"item_id": ["a"], "start": ["2015-01-01"], "target": [CURVE.tolist()]})
DOTTED = GOOD.assign(
    y=[f"{1000 + place:,}".replace(",", ".") if place % 3 else "995" for place in range(720)]
)

TOLD = {
    "duplicates": (AGAIN, "duplicates"),
    "an hour that the clock repeats": (CLOCK, "clock"),
    "a gap": (changed(30, None), "gaps"),
    "words for nothing": (changed(30, "n/a"), "gaps"),
    "infinite": (changed(30, np.inf), "infinite"),
    "no row for a stamp": (GOOD.drop(30), "gaps"),
    "rows after the last value": (changed(59, None), "later"),
    "several frequencies": (one(CURVE, pd.date_range("2015-01-01", periods=60, freq="D")), "frequencies"),
    "values of the future": (one(CURVE, LATE), "future"),
    "too short to learn from": (one(CURVE[:10]), "short"),
    "one series alone": (GOOD[:60], "few_examples"),
    "no column of names": (GOOD[:60][["ds", "y"]], "few_examples"),
    "names in several cases": (one(CURVE, name="S1"), "similar_names"),
    "columns that nobody reads": (GOOD.assign(price=1.0), "unused_columns"),
}
LEFT_OUT = {
    "irregular stamps": (
        one(CURVE, pd.to_datetime("2015-01-01") + pd.to_timedelta(np.arange(60) ** 2, "D")),
        "irregular",
    ),
    "mostly gaps": (one(HALF), "are missing"),
    "no value at all": (one([np.nan] * 60), "has no value"),
    "constant": (one([4.0] * 60), "constant"),
    "zeros": (one([0] * 60), "constant"),
    "of length one": (one([1.0]), "too few to tell"),
    "too short": (one(CURVE[:7]), "too short: 7 values"),
}
REFUSED = {
    "another value for an hour": (TWICE, {}, "two different values, the first is 2024-10-17 01:00"),
    "lists from a date on": (LISTS, {}, "one stamp, so that nothing says how far apart"),
    "points between thousands": (DOTTED, {}, "more than a thousand"),
    "two values for one stamp": (pd.concat([GOOD, GOOD[3:4].assign(y=1.0)]), SIX, "two different values"),
    "several series without their names": (GOOD[["ds", "y"]], SIX, "two different values"),
    "words among values": (changed(30, "many"), SIX, "no numbers"),
    "truth among values": (changed(30, True), SIX, "no numbers"),
    "words among stamps": (changed(30, "soon", "ds"), SIX, "no dates"),
    "an empty table": (GOOD[:0], SIX, "no rows"),
    "another table": (pd.DataFrame({"text": ["a b"], "word": ["c"]}), SIX, "no table of series"),
    "more steps than there are values": (GOOD, {"horizon": "200"}, "no series can be used"),
    "stamps nearer than was said": (GOOD, {**SIX, "freq": "yearly"}, "nearer than yearly"),
    "a column that is not there": (GOOD, {**SIX, "known": "price"}, "no column `price`"),
    "a column that is the value": (GOOD.assign(p=GOOD["y"] * 2), {**SIX, "known": "p"}, "says the values"),
    "constants alone": (GOOD.assign(y=3.0), SIX, "constant"),
    "no steps": (GOOD, {"horizon": "0"}, "expected a whole number"),
}  # fmt: skip
FINE = {
    "decimal commas": GOOD.assign(y=[f"{value:.2f}".replace(".", ",") for value in GOOD["y"]]),
    "working days": GOOD.assign(ds=[*pd.date_range("2015-01-01", periods=60, freq="B").astype(str)] * 12),
    "half-years": GOOD.assign(ds=[*pd.date_range("1975-01-01", periods=60, freq="2QS").astype(str)] * 12),
    "ends of months": GOOD.assign(ds=[*pd.date_range("2015-01-31", periods=60, freq="ME").astype(str)] * 12),
    "zones and summer time": hours("Europe/Berlin"),
    "whole numbers for time": GOOD.assign(ds=[*range(60)] * 12),
    "other beginnings and ends": GOOD.drop([*range(15), *range(100, 120)]),
    "values below zero": GOOD.assign(y=-GOOD["y"]),
    "huge values": GOOD.assign(y=1e300 * GOOD["y"]),
}


def load(table, options=SIX):
    return data.load(table, tasks.task_named("forecasting"), 0, Reading(options=options))


@pytest.mark.parametrize("name", TOLD)
def test_what_is_odd_is_told_and_counted(name):
    table, kind = TOLD[name]
    found = [finding for finding in load(table).findings if finding.kind == kind]
    assert found
    assert found[0].count >= 1


def test_a_header_that_is_no_text_is_an_error(tmp_path):
    table = tmp_path / "sales.csv"
    rows = "".join(f"{day:%Y-%m-%d},{value:.2f}\n" for day, value in zip(LATE, CURVE, strict=True))
    table.write_bytes("日付,売上\n".encode("shift-jis") + rows.encode())
    with pytest.raises(HeadstartError, match="no text"):
        load(table)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_cannot_be_used_is_left_out_by_name(name):
    table, reason = LEFT_OUT[name]
    splits = load(table)
    assert [one.file for one in splits.dropped if reason in one.reason] == ["odd"]
    assert len(splits.test) == 12


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_an_error_with_a_hint(name):
    table, options, said = REFUSED[name]
    with pytest.raises(HeadstartError, match=said) as caught:
        load(table, options)
    assert caught.value.hint


@pytest.mark.parametrize("name", FINE)
def test_what_only_looks_odd_is_read(name):
    splits = load(FINE[name])
    assert not splits.dropped
    answers = splits.examples.answers
    assert np.isfinite(answers["reference"]).all()
    assert (answers["scale"] > 0).all()


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        (GOOD.assign(y=3.0), "values that change"),
        (GOOD.groupby("unique_id").head(2), "longer series"),
        (GOOD.groupby("unique_id").head(8), "fewer steps"),
    ],
)
def test_the_hint_is_about_the_reason(table, hint):
    with pytest.raises(HeadstartError) as caught:
        load(table)
    assert hint in caught.value.hint
