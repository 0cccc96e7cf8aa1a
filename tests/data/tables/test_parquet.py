"""Files in a Parquet table stay in it, and are what they would be in memory."""

from __future__ import annotations

import pickle
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headstart as hs
from arrowed import FILE, picture
from headstart.data.tables import parquet

GROUP = 7
"""Rows of a group."""


def write(path, count=24, side=8, kind=FILE):
    cells = [{"bytes": picture(number, side), "path": f"{number}.png"} for number in range(count)]
    labels = ["light" if number % 2 else "dark" for number in range(count)]
    pq.write_table(pa.table({"image": pa.array(cells, kind), "label": labels}), path, row_group_size=GROUP)
    return path


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_files_are_cells_of_their_table(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(parquet, "BATCH", 3)  # several batches in a group
    table = write(tmp_path / "a.parquet", kind=pa.struct([("bytes", kind), ("path", pa.string())]))
    found = list(parquet.rows(table, ["label", "image"]))
    cells = [cell["bytes"] for _, cell in found]
    assert [label for label, _ in found[:3]] == ["dark", "light", "dark"]
    assert all(isinstance(cell, parquet.Cell) for cell in cells)
    assert [cell.read_bytes() for cell in cells] == [picture(number) for number in range(24)]
    assert [cell.stat().st_size for cell in cells] == [len(picture(number)) for number in range(24)]
    assert [cell["path"] for _, cell in found[:2]] == ["0.png", "1.png"]
    last = pickle.loads(pickle.dumps(cells[-1]))
    assert (last, last.read_bytes()) == (cells[-1], picture(23))


@pytest.mark.parametrize(("kept", "again"), [(10**9, 0), (1, 4)])
def test_a_group_is_read_once_by_who_goes_in_order_and_kept_where_there_is_room(
    tmp_path, monkeypatch, kept, again
):
    reads, read = [], parquet._files
    monkeypatch.setattr(parquet, "_files", lambda *asked: reads.append(asked) or read(*asked))
    monkeypatch.setattr(parquet, "_latest", parquet._Latest())
    monkeypatch.setattr(parquet, "KEPT_BYTES", kept)
    cells = [cell["bytes"] for (cell,) in parquet.rows(write(tmp_path / "a.parquet"), ["image"])]
    for counted in (4, 4 + again):
        for cell in cells:
            cell.read_bytes()
        assert len(reads) == counted, "groups of seven of 24 rows"


def test_what_has_no_bytes_is_its_path_or_nothing(tmp_path):
    cells = [
        {"bytes": None, "path": "a.png"},
        None,
        {"bytes": b"", "path": None},
        {"bytes": b"x", "path": None},
    ]
    pq.write_table(pa.table({"image": pa.array(cells, FILE)}), tmp_path / "a.parquet")
    found = [cell for (cell,) in parquet.rows(tmp_path / "a.parquet", ["image"])]
    assert [cell["path"] for cell in found] == ["a.png", None, None, None]
    assert [cell["bytes"] and cell["bytes"].read_bytes() for cell in found] == [None, None, None, b"x"]


@pytest.mark.parametrize("how", ["other", "shorter", "broken", "gone"])
def test_a_table_that_was_changed_is_seen(tmp_path, how):
    path = write(tmp_path / "a.parquet")
    cells = [cell["bytes"] for (cell,) in parquet.rows(path, ["image"])]
    changes = {
        "other": lambda: write(path, side=9),
        "shorter": lambda: write(path, count=3),
        "broken": lambda: path.write_bytes(b"PAR1"),
        "gone": path.unlink,
    }
    changes[how]()
    with pytest.raises(OSError, match="changed" if how != "gone" else "No such file"):
        cells[-1].read_bytes()


def test_other_columns_of_pairs_are_what_they_are(tmp_path):
    other = pa.struct([("bytes", pa.int64()), ("path", pa.string())])
    pq.write_table(pa.table({"x": pa.array([{"bytes": 3, "path": "a"}], other)}), tmp_path / "a.parquet")
    assert list(parquet.rows(tmp_path / "a.parquet", ["x"])) == [({"bytes": 3, "path": "a"},)]


def test_pictures_are_not_kept_in_memory(tmp_path):
    cells = [{"bytes": bytes(1_000_000), "path": None}] * 40
    pq.write_table(pa.table({"image": pa.array(cells, FILE)}), tmp_path / "a.parquet", row_group_size=10)
    tracemalloc.start()
    try:
        before = pa.total_allocated_bytes()
        found = list(parquet.rows(tmp_path / "a.parquet", ["image"]))
        assert tracemalloc.get_traced_memory()[0] < 500_000
        assert pa.total_allocated_bytes() - before < 15_000_000, "no more than a group"
        assert found[3][0]["bytes"].stat().st_size == 1_000_000
    finally:
        tracemalloc.stop()


def test_a_data_set_of_such_tables_has_its_pictures_in_them(tmp_path):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data" / "train-00000-of-00001.parquet", count=60)
    sources = hs.check(tmp_path).examples.sources
    assert len(sources) == 60
    assert all(isinstance(source, parquet.Cell) for source in sources)
