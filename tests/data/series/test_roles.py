"""Which columns of a table are what."""

import pandas as pd
import pytest

import serial
from headstart.data.reading import PLAIN, Reading
from headstart.data.series.roles import claimed, number_of
from headstart.data.series.tables import cells
from headstart.errors import DataError

LONG = serial.long_table(2, 4)
WIDE = pd.DataFrame({"date": ["2020-01-01", "2020-01-02"], "a": [1, 2], "b": [3.5, None]})


def test_words_in_place_of_dates_are_no_names_of_series():
    turns = pd.DataFrame(
        {"turn": ["first", "second", "third"], "a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]}
    )
    with pytest.raises(DataError, match="no table of series"):
        cells(turns, PLAIN)


def test_lists_that_are_called_values_are_claimed(tmp_path):
    path = tmp_path / "gluon.jsonl"
    path.write_text('{"start": "2020-01-01", "target": [1, 2, 3], "item_id": "a"}\n')
    assert claimed(path, PLAIN)
    assert [(one.name, one.stamps) for one in cells(path, PLAIN)] == [("a", ["2020-01-01"])]
    path.write_text('{"id": "a", "train": [1, 2, 3]}\n')
    assert not claimed(path, PLAIN)
    assert claimed(path, Reading(columns={"unique_id": "id", "y": "train"}))


def test_what_is_beyond_doubt_is_claimed():
    assert claimed(LONG, PLAIN)
    assert claimed(WIDE, PLAIN)
    texts = pd.DataFrame({"text": ["a b", "c d"], "label": ["x", "y"]})
    numbers = pd.DataFrame({"file_name": ["1.jpg", "2.jpg"], "value": [1, 2]})
    assert not claimed(texts, PLAIN)
    assert not claimed(numbers, PLAIN)
    with pytest.raises(DataError, match="no table of series"):
        cells(texts, PLAIN)


def test_columns_in_any_order_are_claimed_where_there_is_nothing_else():
    turned = pd.DataFrame({"Y": [284, 213], "date": ["1956-01-01", "1956-04-01"]})
    assert claimed(turned, PLAIN)
    assert claimed(turned.assign(id="beer"), PLAIN)
    assert not claimed(turned.assign(text="a sentence"), PLAIN)
    assert not claimed(turned.assign(Y="none"), PLAIN)
    assert not claimed(turned.assign(date=["a", "b"]), PLAIN)


def test_numbers():
    assert [number_of(cell) for cell in ("1.5", 2, "1,5", True, None)] == [1.5, 2.0, None, None, None]
