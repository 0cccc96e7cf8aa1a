"""Layouts are recognised, nothing outside the folder is opened, and errors say what to do."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from headstart.data import layouts
from headstart.data.reading import Reading
from headstart.errors import DataError


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def found(listing):
    return [(row.name, row.label, row.split) for row in listing.rows]


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


def test_class_folders_give_names_with_forward_slashes_and_no_hidden_files(tmp_path):
    write(
        tmp_path,
        "kätzchen 1/ä b.png",
        "dog/sub/2.png",
        "dog/.x.png",
        "dog/Thumbs.db",
        ".git/3.png",
        "LICENSE",
    )
    assert found(layouts.read(tmp_path)) == [
        ("dog/sub/2.png", "dog", None),
        ("kätzchen 1/ä b.png", "kätzchen 1", None),
    ]


@pytest.mark.parametrize("name", ["val", "valid", "validation", "dev", "VAL"])
def test_split_folders_take_any_name_of_validation(tmp_path, name):
    write(tmp_path, "train/a/1.png", f"{name}/a/2.png", "test/b/3.png", "notes/4.png")
    assert set(found(layouts.read(tmp_path))) == {
        ("test/b/3.png", "b", "test"),
        ("train/a/1.png", "a", "train"),
        (f"{name}/a/2.png", "a", "validation"),
    }


def test_a_class_may_be_called_like_a_split(tmp_path):
    write(tmp_path, "train/1.png", "plane/2.png")
    assert [row.label for row in layouts.read(tmp_path).rows] == ["plane", "train"]


def test_split_folders_may_hold_a_metadata_file_each(tmp_path):
    write(tmp_path, "train/1.png", "test/2.png")
    (tmp_path / "train/metadata.csv").write_text("file_name,label\n1.png,a\n")
    (tmp_path / "test/metadata.jsonl").write_text('{"file_name": "2.png", "label": "b"}\n')
    assert found(layouts.read(tmp_path)) == [("test/2.png", "b", "test"), ("train/1.png", "a", "train")]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_metadata_with_split_and_group(tmp_path, kind):
    write(tmp_path, "x/1.png", "2.png")
    rows = [
        {"file_name": "x/1.png", "label": "3", "split": "train", "patient": "p"},
        {"file_name": "2.png", "label": "4", "split": "dev", "patient": "q"},
    ]
    table = pd.DataFrame(rows)
    if kind == "csv":
        table.to_csv(tmp_path / "metadata.csv", index=False)
    elif kind == "jsonl":
        lines = [json.dumps(row | {"label": int(row["label"])}) for row in rows]
        (tmp_path / "metadata.jsonl").write_text("\n".join(lines))
    else:
        table.to_parquet(tmp_path / "metadata.parquet")
    listing = layouts.read(tmp_path, Reading("patient"))
    assert found(listing) == [("x/1.png", "3", "train"), ("2.png", "4", "validation")]
    assert [row.group for row in listing.rows] == ["p", "q"]


def test_links_in_class_folders_do_not_lead_outside_or_round_in_rings(tmp_path):
    root = write(tmp_path / "data", "a/1.png", "b/2.png")
    write(tmp_path, "other/3.png")
    (root / "a/out.png").symlink_to(tmp_path / "other/3.png")
    (root / "a/in.png").symlink_to(root / "b/2.png")
    (root / "b/ring").symlink_to(root)
    (root / "c").symlink_to(tmp_path / "other")
    listing = layouts.read(root)
    assert [row.name for row in listing.rows] == ["a/1.png", "a/in.png", "b/2.png"]
    assert reasons(listing) == {
        "a/out.png": "leads outside the data folder",
        "b/ring": "not a file",
        "c": "leads outside the data folder",
    }


def test_a_group_that_is_nowhere_is_an_error(tmp_path):
    write(tmp_path, "a/1.png", "b/2.png")
    with pytest.raises(DataError, match="no column `patient`"):
        layouts.read(tmp_path, Reading("patient"))
    with pytest.raises(DataError, match="no column `patient`"):
        layouts.read(pd.DataFrame({"file_name": [], "label": []}), Reading("patient"))


def test_what_is_no_data_folder_is_an_error_with_a_hint(tmp_path):
    write(tmp_path, "data.zip", "one.png", "flat/1.png")
    (tmp_path / "empty").mkdir()
    cases = {
        "absent": ("does not exist", "path"),
        "data.zip": ("archive", "unzip"),
        "one.png": ("single file", "folder"),
        "empty": ("empty", "folder"),
        "flat": ("no class folders", "one folder of files per class"),
    }
    for name, (message, hint) in cases.items():
        with pytest.raises(DataError, match=message) as caught:
            layouts.read(tmp_path / name)
        assert hint in caught.value.hint


def test_two_metadata_files_are_an_error(tmp_path):
    write(tmp_path, "metadata.csv", "metadata.jsonl")
    with pytest.raises(DataError, match="expected one metadata file"):
        layouts.read(tmp_path)


def test_a_heap_is_every_wanted_file_however_deep(tmp_path):
    write(
        tmp_path,
        "a.png",
        "b/c/d.png",
        "b/notes.txt",
        ".hidden/e.png",
        "b/.f.png",
        "test/g.png",
        "Val/x/h.png",
    )
    listing = layouts.heap(tmp_path, lambda path: path.suffix == ".png")
    assert found(listing) == [
        ("Val/x/h.png", "", "validation"),
        ("a.png", "", None),
        ("b/c/d.png", "", None),
        ("test/g.png", "", "test"),
    ]
    assert listing.dropped == ()


def test_a_heap_opens_nothing_outside_and_no_pipe(tmp_path):
    write(tmp_path, "heap/a.png", "outside.png")
    (tmp_path / "heap" / "link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "heap" / "gone").symlink_to(tmp_path / "heap" / "nothing")
    os.mkfifo(tmp_path / "heap" / "pipe")
    asked = []
    listing = layouts.heap(tmp_path / "heap", lambda path: asked.append(path.name) or True)
    assert asked == ["a.png"], "a pipe that is opened waits for ever"
    assert found(listing) == [("a.png", "", None)]
    assert reasons(listing) == {"gone": "no such file", "link.png": layouts.OUTSIDE, "pipe": "not a file"}


def test_a_heap_that_is_none_says_so(tmp_path):
    write(tmp_path, "a.png")
    (tmp_path / "empty").mkdir()
    for name, message in (("gone", "does not exist"), ("a.png", "a single file"), ("empty", "is empty")):
        with pytest.raises(DataError, match=message) as caught:
            layouts.heap(tmp_path / name, lambda path: True)
        assert caught.value.hint
