"""Which tables of a folder are data, and of which split."""

from __future__ import annotations

import headstart as hs
from headstart.data.tables.splits import split_tables, unread_tables


def folder(tmp_path, *names):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text,label\na,b\n", "utf-8")
    return tmp_path


def told(root):
    return sorted((path.relative_to(root).as_posix(), split) for path, split in split_tables(root))


def test_tables_named_like_splits_are_those_splits_and_others_no_data(tmp_path):
    root = folder(tmp_path, "train.csv", "dev.tsv", "labels.csv")
    assert told(root) == [("dev.tsv", "validation"), ("train.csv", "train")]


def test_parts_of_one_table_are_of_its_split(tmp_path):
    root = folder(tmp_path, "train-00000-of-00002.csv", "train-00001-of-00002.csv", "test.csv")
    assert [split for _, split in told(root)] == ["test", "train", "train"]


def test_the_only_table_is_the_data_but_not_one_about_files(tmp_path):
    assert told(folder(tmp_path / "one", "mine.csv")) == [("mine.csv", None)]
    assert told(folder(tmp_path / "about", "metadata.csv")) == []
    assert told(folder(tmp_path / "two", "a.csv", "b.csv")) == []


def test_the_only_folder_may_hold_the_splits(tmp_path):
    root = folder(tmp_path, "data/train.csv", "data/test.csv", "data/about.csv")
    assert told(root) == [("data/test.csv", "test"), ("data/train.csv", "train")]


def test_tables_that_are_not_read_are_told(tmp_path):
    root = folder(
        tmp_path, "train.csv", "test.csv", "train (1).csv", "test_old.csv", "labels.csv", "train.csv.bak"
    )
    (root / "~$train.xlsx").write_text("")
    (root / "about.json").write_text("{}")
    (root / "val.json").write_text("[]")
    read = [path for path, _ in split_tables(root)]
    (told,) = unread_tables(root, read)
    assert told.items == ("test_old.csv", "train (1).csv", "val.json")
    assert told.message == "3 other tables were not read: test_old.csv, train (1).csv, val.json"
    assert unread_tables(folder(tmp_path / "one", "mine.csv"), [tmp_path / "one" / "mine.csv"]) == []


def test_they_are_told_of_labelled_texts(tmp_path):
    rows = [f"some words here {n},{'ab'[n % 2]}" for n in range(40)]
    for name, part in (("train", rows[:30]), ("test", rows[30:]), ("test_old", rows[30:])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label", *part]))
    assert [one.message for one in hs.check(tmp_path).findings if one.kind == "not_read"] == [
        "1 other table was not read: test_old.csv"
    ]
