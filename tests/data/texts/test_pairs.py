"""Pairs in tables and line-aligned files; a line without its other half never shifts the rest."""

import pandas as pd
import pytest

from headstart.data.reading import Reading
from headstart.data.texts.layouts import looks_like_texts
from headstart.data.texts.pairs import looks_like_pairs, read_pairs
from headstart.errors import DataError

EN_DE = Reading(columns={"source": "en", "target": "de"})


def facts(listing):
    return [(row.name, row.source, row.label, row.split) for row in listing.rows]


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


@pytest.fixture
def aligned(tmp_path):
    """`aligned({"train.en": "a\\nb"})` writes a folder and gives its path."""

    def write(files):
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def test_lines_of_two_files_are_pairs_and_the_name_tells_the_split(aligned):
    root = aligned({
        "train.en": "one\ntwo\n", "train.de": "eins\r\nzwei", "val.en": "three\n", "val.de": "drei\n",
        "test_2016_flickr.en": "four\n", "test_2016_flickr.de": "vier\n", "test_2017.en": "five\n",
        "test_2017.de": "fünf\n", "SOURCE.json": "{}", "train.fr": "un\n",
    })  # fmt: skip
    listing = read_pairs(root, EN_DE)
    assert facts(listing) == [
        ("test_2016_flickr.en line 1", b"four", "vier", "test"),
        ("test_2017.en line 1", b"five", "fünf", "test"),
        ("train.en line 1", b"one", "eins", "train"),
        ("train.en line 2", b"two", "zwei", "train"),
        ("val.en line 1", b"three", "drei", "validation"),
    ]
    assert listing.dropped == ()
    back = read_pairs(root, Reading(columns={"source": "de", "target": "en"}))
    assert facts(back)[1] == ("test_2017.de line 1", "fünf".encode(), "five", "test")


def test_a_pair_with_an_empty_or_broken_side_is_dropped_alone(aligned):
    root = aligned({"train.en": "a\n \nc\nd\n\xa0e\u2028e\n", "train.de": b"A\nB\n\n\xff\nE\x0bE\n"})
    listing = read_pairs(root, EN_DE)
    assert [row.label for row in listing.rows] == ["A", "E\x0bE"]
    assert reasons(listing) == {
        "train.en line 2": "empty",
        "train.en line 3": "target: empty",
        "train.en line 4": "target: not UTF-8 (byte 0xff at 0)",
    }


def test_unequal_line_counts_name_both_files(aligned):
    root = aligned({"train.en": "a\n" * 1200, "train.de": "A\n" * 1199})
    with pytest.raises(DataError, match=r"`train\.en` has 1,200 lines and `train\.de` 1,199") as caught:
        read_pairs(root, EN_DE)
    assert caught.value.hint


def test_a_file_without_its_other_language_is_listed(aligned):
    root = aligned(
        {"train.en": "a\n", "train.de": "A\n", "test_2018.fr": "x\n", "test.en": "b\n", "val.de": "C\n"}
    )
    listing = read_pairs(root, EN_DE)
    assert [row.split for row in listing.rows] == ["train"]
    assert reasons(listing) == {
        "test.en": "there is no test.de beside it",
        "val.de": "there is no val.en beside it",
    }


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "does not say which is the source and which the target; its languages are: de, en"),
        ({"source": "en"}, "does not say which is the source"),
        ({"source": "en", "target": "fr"}, "has no target `fr`; its languages are: de, en"),
        ({"source": "en", "target": "en"}, "source and target are both `en`; expected two of: de, en"),
    ],
)
def test_the_languages_are_named_by_the_user(aligned, columns, message):
    root = aligned({"train.en": "a\n", "train.de": "A\n"})
    with pytest.raises(DataError, match=message) as caught:
        read_pairs(root, Reading(columns=columns))
    assert "--columns source=" in caught.value.hint


def test_other_data_and_a_group_are_refused(aligned):
    root = aligned({"photo.jpg": "x"})
    with pytest.raises(DataError, match=r"expected pairs of texts, but .* holds none: only \.jpg"):
        read_pairs(root, EN_DE)
    with pytest.raises(DataError, match=r"expected a table .* got `photo\.jpg`"):
        read_pairs(root / "photo.jpg")
    aligned({"train.en": "a\n", "train.de": "A\n"})
    with pytest.raises(DataError, match="no column `who`: line-aligned files have no columns"):
        read_pairs(root, Reading("who", EN_DE.columns))


def test_tables_of_pairs(tmp_path):
    table = pd.DataFrame({"source": ["a", "b", None, "d"], "target": ["A", "B", "C", ""]})
    listing = read_pairs(table)
    assert facts(listing) == [("row 1", b"a", "A", None), ("row 2", b"b", "B", None)]
    assert reasons(listing) == {"row 3": "no source", "row 4": "no target"}
    table.rename(columns={"source": "en", "target": "de"}).to_csv(tmp_path / "train.csv", index=False)
    table[:1].rename(columns={"source": "en", "target": "de"}).to_json(
        tmp_path / "test.jsonl", orient="records", lines=True
    )
    assert facts(read_pairs(tmp_path, EN_DE)) == [
        ("test.jsonl line 1", b"a", "A", "test"),
        ("train.csv row 1", b"a", "A", "train"),
        ("train.csv row 2", b"b", "B", "train"),
    ]
    assert looks_like_pairs(tmp_path, EN_DE)
    assert not looks_like_pairs(tmp_path)


def test_data_never_look_like_texts_and_pairs_at_once(aligned, image_folder):
    every = pd.DataFrame({"source": ["a"], "target": ["b"], "text": ["c"], "label": ["d"]})
    folder = aligned({"train.en": "a\n", "train.de": "A\n"})
    for data in (every, every[["source", "target"]], every[["text", "label"]], folder, image_folder()):
        for columns in ({}, {"source": "source"}, {"text": "text"}, {"label": "label"}):
            reading = Reading(columns=columns)
            assert not (looks_like_texts(data, reading) and looks_like_pairs(data, reading))
    assert looks_like_pairs(folder)
    assert looks_like_pairs(every[["source", "target"]])
    assert looks_like_pairs(every, Reading(columns={"source": "text"}))
    assert not looks_like_pairs(every)


def test_one_language_or_tables_and_notes_are_no_pairs(aligned):
    assert not looks_like_pairs(aligned({"train.en": "a\n", "train.txt": "a\n", "train.md": "a\n"}))
    assert not looks_like_pairs(aligned({"test.en": "a\n", "test.de": "a\n"})), "nothing to learn from"


@pytest.mark.realdata
def test_multi30k_is_read_in_every_direction(shared):
    root = shared / "data/translation/multi30k"
    for source, target in (("en", "de"), ("fr", "en")):
        listing = read_pairs(root, Reading(columns={"source": source, "target": target}))
        sizes = [sum(row.split == split for row in listing.rows) for split in ("train", "validation", "test")]
        assert sizes == [29000, 1014, 1000 + 1000 + 461]
        assert listing.dropped == ()
    assert looks_like_pairs(root)
    assert not looks_like_texts(root)
    with pytest.raises(DataError, match="its languages are: de, en, fr"):
        read_pairs(root)
