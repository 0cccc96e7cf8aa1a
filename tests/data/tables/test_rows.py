"""Tables become rows of text; every row that cannot be used is listed with its reason."""

import json
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
    assert "--columns file_name=NAME,label=NAME" in caught.value.hint


def test_columns_of_a_metadata_file_may_have_names_of_their_own(tmp_path):
    write(tmp_path, "1.png")
    pd.DataFrame({"path": ["1.png"], "kind": ["a"]}).to_csv(tmp_path / "metadata.csv", index=False)
    listing = layouts.read(tmp_path, Reading(columns={"file_name": "path", "label": "kind"}))
    assert found(listing) == [("1.png", "a", None)]


def test_a_metadata_file_of_odd_names_gives_reasons(tmp_path):
    odd = [{"file_name": "\ud83d.png", "label": "a"}, [], {"file_name": "a\0b", "label": "a"}, {"label": "a"}]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, odd)))
    assert set(reasons(layouts.read(tmp_path)).items()) >= {
        ("line 2", "not a JSON object"),
        ("line 4", "no file_name"),
    }
    assert len(reasons(layouts.read(tmp_path))) == 4


def test_an_unknown_split_is_an_error(tmp_path):
    table = pd.DataFrame(
        {"file_name": [str(write(tmp_path, "1.png") / "1.png")], "label": ["a"], "split": ["fold1"]}
    )
    with pytest.raises(DataError, match="'fold1'; expected train, validation, test"):
        layouts.read(table)


@pytest.mark.parametrize(
    ("name", "text"), [("metadata.jsonl", "{oops"), ("metadata.csv", ""), ("metadata.parquet", "x")]
)
def test_a_broken_metadata_file_is_an_error(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=f"`{name}` cannot be read"):
        layouts.read(tmp_path)
