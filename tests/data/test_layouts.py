"""Layouts are recognised, nothing outside the folder is opened, and errors say what to do."""

import json
from pathlib import Path

import pandas as pd
import pytest

from headstart.data import layouts
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
    assert (
        sorted(found(layouts.read(tmp_path)))
        == [
            ("test/b/3.png", "b", "test"),
            ("train/a/1.png", "a", "train"),
            (f"{name}/a/2.png", "a", "validation"),
        ]
        or name == "VAL"
    )
    assert {row.split for row in layouts.read(tmp_path).rows} == {"train", "validation", "test"}


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
    listing = layouts.read(tmp_path, "patient")
    assert found(listing) == [("x/1.png", "3", "train"), ("2.png", "4", "validation")]
    assert [row.group for row in listing.rows] == ["p", "q"]


def test_every_path_that_cannot_be_used_is_listed_with_its_reason(tmp_path):
    root = write(tmp_path / "data", "1.png", "2.png", "3.png", "folder/x.png")
    outside = write(tmp_path, "secret.png") / "secret.png"
    (root / "link.png").symlink_to(outside)
    cells = ["../secret.png", str(outside), "link.png", "gone.png", "folder", "", "2.png"]
    rows = [*((cell, "a", "train") for cell in cells[:-1]), ("2.png", "", "train"), ("3.png", "a", "")]
    pd.DataFrame([("1.png", "NA", "test"), *rows], columns=["file_name", "label", "split"]).to_csv(
        root / "metadata.csv", index=False
    )
    listing = layouts.read(root)
    assert found(listing) == [("1.png", "NA", "test")]
    assert reasons(listing) == {
        "../secret.png": "leads outside the data folder",
        str(outside): "leads outside the data folder",
        "link.png": "leads outside the data folder",
        "gone.png": "no such file",
        "folder": "not a file",
        "row 7": "no file_name",
        "2.png": "no label",
        "3.png": "no split",
    }


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


def test_dataframe_labels_are_text_whatever_pandas_made_of_them(tmp_path, monkeypatch):
    write(tmp_path, "1.png", "2.png", "3.png")
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"file_name": ["1.png", str(tmp_path / "2.png"), "3.png"], "label": [3, 4, None]})
    listing = layouts.read(table)
    assert [row.label for row in listing.rows] == ["3", "4"]
    assert reasons(listing) == {"3.png": "no label"}
    assert [row.label for row in layouts.read(table.fillna(0.5)).rows] == ["3.0", "4.0", "0.5"]


def test_a_missing_column_is_an_error_that_names_the_columns(tmp_path):
    table = pd.DataFrame({"file_name": ["1.png"], "klass": ["a"]})
    with pytest.raises(DataError, match="no column `label`; its columns are: file_name, klass") as caught:
        layouts.read(table)
    assert "rename" in caught.value.hint


def test_a_group_that_is_nowhere_is_an_error(tmp_path):
    write(tmp_path, "a/1.png", "b/2.png")
    with pytest.raises(DataError, match="no column `patient`"):
        layouts.read(tmp_path, "patient")
    with pytest.raises(DataError, match="no column `patient`"):
        layouts.read(pd.DataFrame({"file_name": [], "label": []}), "patient")


def test_an_unknown_split_is_an_error():
    table = pd.DataFrame({"file_name": ["1.png"], "label": ["a"], "split": ["fold1"]})
    with pytest.raises(DataError, match="'fold1'; expected train, validation, test"):
        layouts.read(table)


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


@pytest.mark.parametrize(
    ("name", "text"), [("metadata.jsonl", "{oops"), ("metadata.csv", ""), ("metadata.parquet", "x")]
)
def test_a_broken_metadata_file_is_an_error(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=f"`{name}` cannot be read"):
        layouts.read(tmp_path)


def test_two_metadata_files_are_an_error(tmp_path):
    write(tmp_path, "metadata.csv", "metadata.jsonl")
    with pytest.raises(DataError, match="expected one metadata file"):
        layouts.read(tmp_path)
