"""Names of classes come from the schema, and saved data sets stay in their folder."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headstart as hs
from headstart.data.tables.arrow import (
    cells_of,
    is_saved,
    names_of,
    names_of_schema,
    plain_columns,
    said,
    saved,
)
from headstart.errors import DataError

FEATURES = {
    "text": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["neg", "pos"], "_type": "ClassLabel"},
}


def table(count=24, metadata=True, start=0):
    columns = {
        "text": [f"text number {n + start}" for n in range(count)],
        "label": [n % 2 for n in range(count)],
    }
    found = pa.table(columns)
    told = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    return found.replace_schema_metadata(told) if metadata else found


def save(folder, found, metadata=True):
    """As `save_to_disk` writes it."""
    folder.mkdir(parents=True)
    with (
        pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, found.schema) as out,
    ):
        out.write_table(found)
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES if metadata else {}}))
    return folder


def test_names_are_told_by_the_schema():
    assert names_of_schema(table().schema.metadata) == {"label": ["neg", "pos"]}
    assert names_of_schema(None) == names_of_schema({b"huggingface": b"{"}) == {}
    assert names_of({"labels": {"feature": {"names": ["a", "b"]}}}) == {"labels": ["a", "b"]}
    assert names_of({"labels": [{"names": ["a", "b"]}]}) == {"labels": ["a", "b"]}
    assert plain_columns(table(3))["label"] == ["neg", "pos", "neg"]


def test_a_number_of_no_class_is_missing():
    assert [said(cell, ["a", "b"]) for cell in (0, -1, 2, None, [1, -1], "a")] == [
        "a",
        None,
        None,
        None,
        ["b"],
        "a",
    ]


def test_texts_keep_their_bytes():
    assert cells_of(pa.array([b"fine", b"\xff"], pa.binary()).view(pa.string())) == ["fine", "\udcff"]


def test_a_shard_of_a_hub_keeps_the_names_of_its_classes(tmp_path):
    pq.write_table(table(), tmp_path / "train-00000-of-00001.parquet")
    assert hs.check(tmp_path / "train-00000-of-00001.parquet").examples.categories == ("neg", "pos")


def test_a_saved_data_set_is_read(tmp_path):
    folder = save(tmp_path / "saved", table(metadata=False))
    assert is_saved(folder)
    assert hs.check(folder).examples.categories == ("neg", "pos")


def test_saved_splits_stay_splits(tmp_path):
    save(tmp_path / "train", table())
    save(tmp_path / "test", table(6, start=100))
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    splits = hs.check(tmp_path)
    assert (len(splits.examples), len(splits.test)) == (30, 6)


@pytest.mark.parametrize("name", ["../secret.arrow", "/etc/passwd", "gone.arrow"])
def test_a_file_outside_is_not_read(tmp_path, name):
    folder = save(tmp_path / "saved", table())
    save(tmp_path / "other", table())
    (tmp_path / "secret.arrow").write_bytes((tmp_path / "other/data-00000-of-00001.arrow").read_bytes())
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name}]}))
    with pytest.raises(DataError, match=r"of the saved data set: (leads outside|no such file)"):
        saved(folder)


@pytest.mark.parametrize("state", ["{", "[]", "{}", '{"_data_files": []}', '{"_data_files": [{}]}'])
def test_a_broken_state_is_an_error(tmp_path, state):
    folder = save(tmp_path / "saved", table())
    (folder / "state.json").write_text(state)
    with pytest.raises(DataError):
        saved(folder)


def test_a_broken_table_is_an_error(tmp_path):
    folder = save(tmp_path / "saved", table())
    (folder / "data-00000-of-00001.arrow").write_bytes(b"broken")
    with pytest.raises(DataError, match="cannot be read as Arrow"):
        saved(folder)
