"""Files that `datasets` saved stay in its Arrow files, and are what they would be in memory."""

import json
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headstart as hs
from arrowed import FILE, picture
from headstart.data.tables.arrow import saved
from headstart.data.tables.members import Member
from headstart.data.tables.ranges import files_of

FEATURES = {"image": {"_type": "Image"}, "label": {"names": ["dark", "light"], "_type": "ClassLabel"}}


def table(count: int = 24) -> pa.Table:
    cells = [{"bytes": picture(number), "path": f"{number}.png"} for number in range(count)]
    return pa.table({"image": pa.array(cells, FILE), "label": [number % 2 for number in range(count)]})


def save(folder, found, new=pa.ipc.new_stream, options=None, rows=7):
    """As `save_to_disk` writes it, some rows in a batch."""
    folder.mkdir(parents=True)
    with (
        pa.OSFile(str(folder / "data.arrow"), "wb") as sink,
        new(sink, found.schema, options=options) as out,
    ):
        out.write_table(found, max_chunksize=rows)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data.arrow"}]}))
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
    return folder


@pytest.mark.parametrize("new", [pa.ipc.new_stream, pa.ipc.new_file])
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_pictures_are_members_of_their_arrow_file(tmp_path, new, kind):
    found = table().cast(
        pa.schema([("image", pa.struct([("bytes", kind), ("path", pa.string())])), ("label", pa.int64())])
    )
    cells = saved(save(tmp_path / "saved", found, new))[""]["image"]
    assert all(isinstance(cell["bytes"], Member) for cell in cells)
    assert [cell["bytes"].read_bytes() for cell in cells] == [picture(number) for number in range(24)]
    assert [cell["path"] for cell in cells] == [f"{number}.png" for number in range(24)]


def test_what_has_no_bytes_is_its_path_or_nothing(tmp_path):
    cells = [
        {"bytes": b"one", "path": None},
        {"bytes": None, "path": "a.png"},
        None,
        {"bytes": b"", "path": None},
    ]
    cells += [{"bytes": b"last", "path": None}]
    (tmp_path / "whole").mkdir()
    found = saved(save(tmp_path / "saved", pa.table({"image": pa.array(cells, FILE)})))[""]["image"]
    contents = [cell["bytes"] and cell["bytes"].read_bytes() for cell in found]
    assert contents == [b"one", None, None, None, b"last"]
    assert [cell["path"] for cell in found] == [None, "a.png", None, None, None]


def test_compressed_files_are_read_into_memory(tmp_path):
    packed = pa.ipc.IpcWriteOptions(compression="lz4")
    cells = saved(save(tmp_path / "saved", table(), options=packed))[""]["image"]
    assert [bytes(cell["bytes"]) for cell in cells] == [picture(number) for number in range(24)]


def test_other_columns_are_none_of_these(tmp_path):
    whole = pa.py_buffer(b"")
    for column in (
        pa.array(["a"]),
        pa.array([b"a"]),
        pa.array([{"bytes": "a", "path": "b"}]),
        pa.array([{"a": 1}]),
    ):
        assert files_of(pa.chunked_array([column]), tmp_path, whole) is None


def test_bytes_that_do_not_lie_in_the_file_are_not_looked_for_there(tmp_path):
    column = pa.chunked_array([pa.array([{"bytes": b"here", "path": "a"}], FILE)])
    assert files_of(column, tmp_path, pa.py_buffer(b"somewhere else")) is None


def test_a_saved_folder_is_the_same_data_as_parquet_and_keeps_no_pictures_in_memory(tmp_path):
    found = hs.check(save(tmp_path / "saved", table()))
    told = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    pq.write_table(table().replace_schema_metadata(told), tmp_path / "data.parquet")
    assert (
        found.fingerprint == hs.check(tmp_path / "data.parquet", columns={"file_name": "image"}).fingerprint
    )
    assert all(isinstance(source, Member) for source in found.examples.sources)


def test_large_pictures_take_as_little_memory_as_small_ones(tmp_path):
    cells = [{"bytes": bytes(1_000_000), "path": None}] * 20
    folder = save(tmp_path / "saved", pa.table({"image": pa.array(cells, FILE)}))
    tracemalloc.start()
    try:
        before = pa.total_allocated_bytes()
        found = saved(folder)
        assert tracemalloc.get_traced_memory()[1] < 500_000
        assert pa.total_allocated_bytes() - before < 500_000
        assert found[""]["image"][3]["bytes"].size == 1_000_000
    finally:
        tracemalloc.stop()
