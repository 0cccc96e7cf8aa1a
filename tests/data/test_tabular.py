"""Tables as examples: claimed by their columns, read alike from memory, a file or a folder of splits."""

import pandas as pd
import pytest

from headstart.data.reading import Reading
from headstart.data.tables.numbers import numbers
from headstart.data.tabular import Said, Tabular
from headstart.errors import DataError

COLUMNS = ("sequence", "value")
TABLES = Tabular(COLUMNS, "give a CSV file", lambda table, reading: Said(reading, numbers))
PLAIN = Tabular(COLUMNS, "give a CSV file")
TABLE = pd.DataFrame({"sequence": ["ACG", "GG", "TT"], "value": ["1", "abc", "3.5"]})


def rows(listing):
    return [(row.source, row.label, row.split) for row in listing.rows]


def test_memory_file_and_folder_are_read_alike(tmp_path):
    TABLE.to_csv(tmp_path / "one.csv", index=False)
    (tmp_path / "splits").mkdir()
    for split in ("train", "test"):
        TABLE.to_csv(tmp_path / "splits" / f"{split}.csv", index=False)
    expected = [(b"ACG", "1.0", None), (b"TT", "3.5", None)]
    for data in (TABLE, tmp_path / "one.csv"):
        assert rows(TABLES.read(data)) == expected
        assert [one.reason for one in TABLES.read(data).dropped] == ["value: 'abc' is not a number"]
    splits = rows(TABLES.read(tmp_path / "splits"))
    assert sorted(splits) == sorted((*row[:2], split) for row in expected for split in ("train", "test"))


def test_they_are_claimed_by_their_columns_only(tmp_path):
    other = TABLE.rename(columns={"sequence": "body"})
    other.to_csv(tmp_path / "other.csv", index=False)
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    (tmp_path / "photos" / "cats" / "1.jpg").write_bytes(b"")
    assert PLAIN.claims(TABLE)
    assert not PLAIN.claims(other)
    assert not PLAIN.claims(tmp_path / "other.csv")
    assert PLAIN.claims(tmp_path / "other.csv", Reading(columns={"sequence": "body"}))
    assert not PLAIN.claims(tmp_path / "photos")
    assert not PLAIN.claims(tmp_path / "photos" / "cats" / "1.jpg")


def test_what_is_no_table_is_told_with_the_hint(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DataError, match="expected a table") as caught:
        PLAIN.read(tmp_path / "notes.txt")
    assert caught.value.hint == "give a CSV file"
    with pytest.raises(DataError, match="expected tables") as caught:
        PLAIN.read(tmp_path)
    assert caught.value.hint == "give a CSV file"


def test_as_a_reader_it_reads_examples_without_answers_too():
    reader = TABLES.reader()
    assert reader.columns == COLUMNS
    assert reader.claims(TABLE, Reading())
    heap = reader.read_heap(TABLE.drop(columns="value"), Reading())
    assert rows(heap) == [(b"ACG", "", None), (b"GG", "", None), (b"TT", "", None)]


def test_answers_decide_whether_a_table_is_one_of_these():
    sure = Tabular(COLUMNS, "", lambda table, reading: None)
    assert not sure.claims(TABLE)
