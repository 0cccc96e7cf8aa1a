"""Texts with sets of labels from tables of any kind: nothing is lost silently, and no other task is meant."""

import json

import pandas as pd
import pytest

import languages
from headstart import tasks
from headstart.data.reading import Reading
from headstart.data.texts.label_set_layouts import looks_like_label_sets, read_label_sets
from headstart.data.texts.layouts import looks_like_texts
from headstart.errors import DataError

ROWS = [("one", ["b", "a"]), ("two", []), ("three", ["a"])]


def facts(listing):
    return [(row.name, row.source, row.label, row.split) for row in listing.rows]


def write(folder, suffix):
    """The rows as a file of this kind."""
    path = folder / f"train.{suffix}"
    frame = pd.DataFrame(ROWS, columns=["text", "labels"])
    if suffix == "jsonl":
        path.write_text("\n".join(json.dumps({"text": text, "labels": some}) for text, some in ROWS))
    elif suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame["labels"] = frame["labels"].map("|".join)
        frame.to_csv(path, index=False, sep="\t" if suffix == "tsv" else ",")
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_every_kind_of_table_gives_the_same_rows(tmp_path, suffix):
    path = write(tmp_path, suffix)
    unit = "line" if suffix == "jsonl" else "row"
    for data in (path, tmp_path):
        assert looks_like_label_sets(data)
        split = "train" if data == tmp_path else None
        assert facts(read_label_sets(data)) == [
            (f"train.{suffix} {unit} 1", b"one", "a|b", split),
            (f"train.{suffix} {unit} 2", b"two", "", split),
            (f"train.{suffix} {unit} 3", b"three", "a", split),
        ]


def test_a_dataframe_of_lists_texts_and_gaps(tmp_path):
    frame = pd.DataFrame({"text": ["one", "two", "three"], "labels": [["b", "a"], None, "a"]})
    assert [row.label for row in read_label_sets(frame).rows] == ["a|b", "", "a"]
    frame.to_csv(tmp_path / "printed.csv", index=False)  # lists as Python prints them
    assert [row.label for row in read_label_sets(tmp_path / "printed.csv").rows] == ["a|b", "", "a"]
    numbers = pd.DataFrame({"text": ["one", "two"], "labels": [1, None]})
    assert [row.label for row in read_label_sets(numbers).rows] == ["1", ""]


def test_columns_may_have_other_names_and_groups():
    frame = pd.DataFrame({"body": ["x"], "topics": ["a|b"], "author": ["me"], "split": ["dev"]})
    reading = Reading(group="author", columns={"text": "body", "labels": "topics"})
    assert looks_like_label_sets(frame, reading)
    assert tasks.infer(frame, reading) == "multilabel_text_classification"
    (row,) = read_label_sets(frame, reading).rows
    assert (row.source, row.label, row.split, row.group) == (b"x", "a|b", "validation", "me")


def test_rows_that_cannot_be_used_are_dropped_alone_with_their_reasons():
    frame = pd.DataFrame({"text": ["one", None, "three"], "labels": [["a"], ["b"], [{"c": 1}]]})
    listing = read_label_sets(frame)
    assert [row.name for row in listing.rows] == ["row 1"]
    assert {item.file: item.reason for item in listing.dropped} == {
        "row 2": "no text",
        "row 3": "labels: a label is a dict, not a text",
    }


def test_texts_without_labels_and_rare_labels_are_found():
    rows = [("x", ["often"])] * 5 + [("y", ["often", "seldom"]), ("z", [])]
    listing = read_label_sets(pd.DataFrame(rows, columns=["text", "labels"]))
    assert [(one.kind, one.message, one.items) for one in listing.findings] == [
        ("no_label", "1 texts have no label; they are learned as such", ("row 7",)),
        ("few_examples", "1 labels have fewer than 5 texts", ("seldom: 1",)),
    ]
    assert read_label_sets(pd.DataFrame(rows[:5], columns=["text", "labels"])).findings == ()


def test_where_no_text_has_a_label_there_is_nothing_to_learn():
    with pytest.raises(DataError, match="none of the 2 texts has a label") as caught:
        read_label_sets(pd.DataFrame({"text": ["a", "b"], "labels": ["", " "]}))
    assert "|" in caught.value.hint


def test_it_is_not_what_other_tasks_are_meant_for(tmp_path, image_folder):
    one = pd.DataFrame({"text": ["a"], "label": ["b"]})
    both = one.assign(labels=["b"])
    assert not looks_like_label_sets(one)
    assert not looks_like_label_sets(both)
    assert looks_like_texts(both)
    chosen = Reading(columns={"labels": "labels"})
    assert looks_like_label_sets(both, chosen)
    assert not looks_like_texts(both, chosen)
    assert not looks_like_label_sets(both.drop(columns="label"), Reading(columns={"label": "labels"}))
    assert not looks_like_label_sets(pd.DataFrame({"source": ["a"], "target": ["b"]}))
    sets = pd.DataFrame({"text": ["a"], "labels": ["b"]})
    assert looks_like_label_sets(sets)
    assert not looks_like_label_sets(sets, Reading(columns={"source": "text", "target": "labels"}))
    assert not looks_like_label_sets(languages.write_texts(tmp_path / "folders", 1))
    assert not looks_like_label_sets(image_folder())
    (tmp_path / "a.txt").write_text("text,labels\n")
    assert not looks_like_label_sets(tmp_path / "a.txt")


@pytest.mark.parametrize("make", ["a file of no table", "a folder of pictures", "a table of others"])
def test_other_data_are_refused_with_a_hint(make, tmp_path, image_folder):
    (tmp_path / "a.txt").write_text("x")
    data = {
        "a file of no table": tmp_path / "a.txt",
        "a folder of pictures": image_folder(),
        "a table of others": pd.DataFrame({"text": ["a"], "label": ["b"]}),
    }[make]
    with pytest.raises(DataError) as caught:
        read_label_sets(data)
    assert "labels" in caught.value.hint
