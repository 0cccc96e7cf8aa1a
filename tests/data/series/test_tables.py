"""Tables of series, whatever they look like."""

import json
from array import array

import numpy as np
import pandas as pd
import pytest

import serial
from headstart.data.reading import PLAIN, Reading
from headstart.data.series.roles import claimed
from headstart.data.series.tables import cells, remarks
from headstart.errors import DataError

LONG = serial.long_table(2, 4)
WIDE = pd.DataFrame({"date": ["2020-01-01", "2020-01-02"], "a": [1, 2], "b": [3.5, None]})


def test_a_long_table():
    one, other = cells(LONG, PLAIN)
    assert (one.name, other.name) == ("s0", "s1")
    assert len(one.stamps) == len(one.values) == 4
    renamed = LONG.rename(columns={"unique_id": "shop", "ds": "when", "y": "sold"})
    reading = Reading(columns={"unique_id": "shop", "ds": "when", "y": "sold"})
    assert cells(renamed, reading) == [one, other]
    with pytest.raises(DataError, match="no column `nothing`"):
        cells(LONG, Reading(columns={"y": "nothing"}))


def test_a_wide_table_and_one_series():
    one, other = cells(WIDE, PLAIN)
    assert (one.name, one.values, other.stamps) == ("a", [1, 2], ["2020-01-01", "2020-01-02"])
    (single,) = cells(LONG[["ds", "y"]].iloc[:4], PLAIN)
    assert len(single.values) == 4
    (numbered,) = cells(LONG[["y"]].iloc[:4], PLAIN)
    assert numbered.stamps == []


def test_a_list_in_a_row(tmp_path):
    rows = [
        {"unique_id": "a", "ds": "2020-01-01", "y": [1, 2, 3]},
        {"unique_id": "b", "ds": "2020-02-01", "y": [4, 5]},
    ]
    path = tmp_path / "series.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    one, other = cells(path, PLAIN)
    assert (one.values, other.values, one.stamps) == ([1, 2, 3], [4, 5], ["2020-01-01"])


def test_a_series_in_each_row(tmp_path):
    world = pd.DataFrame({"country": ["France", "Spain"], "1990": [1, 2], "1991": [3, None], "1992": [5, 6]})
    assert claimed(world, PLAIN)
    one, other = cells(world, PLAIN)
    assert (one.name, one.stamps, one.values) == ("France", ["1990", "1991", "1992"], [1, 3, 5])
    assert np.isnan(other.values[1])
    with pytest.raises(DataError, match="'France' in two of them"):
        cells(pd.concat([world, world]), PLAIN)
    path = tmp_path / "numbered.csv"
    path.write_text('"V1","V2","V3","V4"\n"H1",5,6,\n"H2",7,8,9\n')
    assert not claimed(path, PLAIN)  # it may be anything
    assert [(one.name, one.stamps, one.values) for one in cells(path, PLAIN)] == [
        ("H1", [], ["5", "6"]), ("H2", [], ["7", "8", "9"]),
    ]  # fmt: skip


def test_a_first_row_of_values_is_not_lost(tmp_path):
    path = tmp_path / "bare.csv"
    for text in ("1,2\n3,4\n", "2020-01-01,5\n2020-01-02,6\n2020-01-03,7\n"):
        path.write_text(text)
        with pytest.raises(DataError, match="begins with a row of values"):
            cells(path, PLAIN)
    assert len(cells(pd.DataFrame([[1, 2], [3, 4]]), PLAIN)) == 2


def test_one_spelling_for_a_whole_table():
    long = pd.DataFrame(
        {
            "unique_id": ["a"] * 3 + ["b"] * 3,
            "ds": ["05/04/2020", "06/04/2020", "07/04/2020", "13/04/2020", "14/04/2020", "15/04/2020"],
            "y": range(6),
        }
    )
    assert {one.spelling for one in cells(long, PLAIN)} == {"%d-%m-%Y"}


def test_columns_that_are_not_read_are_told():
    table = pd.DataFrame({"unique_id": ["a"], "ds": ["2020-01"], "y": [1.0], "price": [2.0]})
    (finding,) = remarks(table, PLAIN)
    assert "not read is price" in finding.message
    assert not remarks(table.drop(columns="price"), PLAIN)


def test_decimal_commas_are_read_in_long_and_wide_tables():
    long = pd.DataFrame({"unique_id": ["a", "a"], "ds": ["2020-01", "2020-02"], "y": ["1,5", "1.234,5"]})
    assert cells(long, PLAIN)[0].values == ["1.5", "1234.5"]
    wide = pd.DataFrame({"date": ["2020-01", "2020-02"], "shop": ["1,5", "2,5"], "other": ["7", "8"]})
    assert [one.values for one in cells(wide, PLAIN)] == [["1.5", "2.5"], ["7", "8"]]


def test_plain_numbers_take_eight_bytes_each_and_stamps_are_shared(tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("unique_id,ds,y\na,2020-01,1\na,2020-02,\nb,2020-01,na\nb,2020-02,-inf\n")
    one, other = cells(table, PLAIN)
    assert isinstance(one.values, array)
    np.testing.assert_equal([*one.values, *other.values], [1.0, np.nan, np.nan, -np.inf])
    assert one.stamps[0] is other.stamps[0]
    table.write_text('unique_id,ds,y\na,2020-01,1.234\na,2020-02,2\nb,2020-01,"1,5"\nb,2020-02,3\n')
    assert [one.values for one in cells(table, PLAIN)] == [["1234", "2"], ["1.5", "3"]]


def test_points_between_thousands_are_no_decimal_ones(tmp_path):
    table = tmp_path / "long.csv"
    table.write_text("unique_id,ds,y\na,2020-01,990\na,2020-02,1.019\nb,2020-01,995\n")
    with pytest.raises(DataError, match="more than a thousand"):
        cells(table, PLAIN)
    wide = pd.DataFrame({"date": ["2020-01", "2020-02"], "shop": ["990", "1.019"]})
    with pytest.raises(DataError, match="more than a thousand"):
        cells(wide, PLAIN)
    table.write_text("unique_id,ds,y\na,2020-01,1.125\na,2020-02,1.019\n")
    assert [*cells(table, PLAIN)[0].values] == ["1.125", "1.019"]


def test_numbers_of_rows_and_parts_of_dates_are_no_series():
    table = WIDE.assign(id=[1, 2], Year=2020, **{"Unnamed: 0": [0, 1]})
    assert [one.name for one in cells(table, PLAIN)] == ["a", "b"]
    (finding,) = remarks(table, PLAIN)
    assert finding.items == ("id", "Year", "Unnamed: 0")
    assert [one.name for one in cells(table[["date", "id"]], PLAIN)] == ["id"], "there is nothing else"
