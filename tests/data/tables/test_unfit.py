"""A table that is no task's is refused with what it has and what to do."""

import pandas as pd
import pytest

import headstart as hs
from headstart.data.reading import PLAIN
from headstart.data.tables.unfit import refused, unread


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": ["a b"], "score": [0.5]}, "has no column `label`; its columns are: text, score"),
        ({"foo": ["a"], "bar": ["b"]}, "no task fits the DataFrame: its columns are foo, bar"),
        (
            {"sold": [1, 2], "in stock at night": [3, None]},
            "are sold, in stock at night, all of them numbers",
        ),
        ({"1": [1], "2.5": [3]}, "1, 2.5: a row of values"),
        ({"id": ["a"], "train": [[1.0] * 9], "test": [[2.0] * 9]}, "lists of numbers in train, test"),
        (dict.fromkeys(map(str, range(100)), ["a"]), "18, 19 and 80 more"),
        ({"I like this one": ["a"], "good": ["b"]}, "that looks like a first row, not like a header"),
        (
            {"image": ["gone.png"], "label": ["b"]},
            "`image` of the DataFrame names no picture that is there: 'gone.png'",
        ),
        ({"image": [], "label": []}, "the DataFrame has no rows"),
        ({"premise": ["a"], "hypothesis": ["b"], "label": ["c"]}, "pairs of texts"),
        ({"title": ["a"], "body": ["b"], "label": ["c"]}, "could be `title` or `body`"),
    ],
)
def test_the_columns_are_said(columns, said):
    error = refused(pd.DataFrame(columns), PLAIN)
    assert said in error.message
    assert error.hint


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    (tmp_path / "a.json").write_text("[1, 2")
    with pytest.raises(hs.errors.DataError, match=r"`a\.json` cannot be read as json"):
        hs.check(tmp_path / "a.json")
    (tmp_path / "b.csv").write_bytes(b"text,label\n" + "привет мир,да\n".encode("cp1251") * 9)
    with pytest.raises(hs.errors.DataError, match="neither in UTF-8 nor in Windows-1252") as caught:
        hs.check(tmp_path / "b.csv")
    assert "UTF-8" in caught.value.hint


def test_pictures_with_a_column_for_each_class_are_told_what_is_wanted():
    error = refused(pd.DataFrame({"image": ["a.png"] * 4, "rust": [0, 1] * 2, "scab": [1, 0] * 2}), PLAIN)
    assert "columns of 0 and 1: rust, scab" in error.message
    assert "a picture has one label" in error.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [("a.xls", ".xlsx"), ("a.pkl", "unpickled"), ("a.feather", "Parquet"), ("a.txt", ".csv"), ("a", ".csv")],
)
def test_a_table_of_another_kind_says_what_to_write_instead(tmp_path, name, hint):
    (tmp_path / name).write_text("one\ttwo\n")
    with pytest.raises(hs.errors.DataError, match="no table that is read") as caught:
        hs.check(tmp_path / name)
    assert hint in caught.value.hint
    assert unread(tmp_path / "a.mp4") is None


def test_addresses_are_not_fetched(tmp_path):
    table = pd.DataFrame(
        {"picture": [f"https://x.org/{n}.jpg" for n in range(9)], "label": ["a", "b", "c"] * 3}
    )
    error = refused(table, PLAIN)
    assert error.message == "the column `picture` of the DataFrame holds addresses, which are not fetched"
    mixed = table.assign(picture=["1.jpg", *table["picture"][1:]])
    assert "not fetched" not in refused(mixed, PLAIN).message


def test_arrays_of_numbers_have_advice(tmp_path):
    assert "save each picture as PNG" in unread(tmp_path / "a.npz").hint


@pytest.mark.parametrize(
    ("columns", "tool"),
    [
        ({"id": 1, "data": [{}], "annotations": [[]]}, "Label Studio"),
        ({"text": ["a"], "options": [[]], "accept": [["b"]], "_input_hash": 1}, "Prodigy"),
    ],
)
def test_exports_of_tools_are_named(columns, tool):
    assert tool in refused(pd.DataFrame(columns), PLAIN).message


def test_texts_that_are_kept_otherwise_are_told_how(tmp_path):
    for folder in ("lines", "fast", "groups"):
        (tmp_path / folder).mkdir()
    for name in ("pos", "neg"):
        (tmp_path / "lines" / f"{name}.txt").write_text("good\nbetter\n")
        (tmp_path / "groups" / name).mkdir()
        (tmp_path / "groups" / name / "49960").write_text("From: x")
    (tmp_path / "fast" / "train.txt").write_text("__label__pos fine\n")
    wanted = {
        "lines": "one CSV file",
        "groups": "end in .txt",
        "fast": "text,label",
        "fast/train.txt": "mark",
    }
    for name, hint in wanted.items():
        with pytest.raises(hs.errors.DataError) as caught:
            hs.check(tmp_path / name)
        assert hint in caught.value.hint
    assert unread(tmp_path) is None


def test_compressed_archives_are_told_how_they_would_be_read(tmp_path):
    for name in ("0.tar.gz", "1.tar.gz"):
        (tmp_path / name).write_bytes(b"\x1f\x8b")
    error = unread(tmp_path)
    assert "compressed archives: 0.tar.gz, 1.tar.gz" in error.message
    assert "gunzip" in error.hint
