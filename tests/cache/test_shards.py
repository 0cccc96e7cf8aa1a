"""Shards are believed where they are whole; nothing that another one writes is lost."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.cache import shards as module
from headstart.cache.shards import Form, Shards, forms
from headstart.cache.store import Store

FORM = Form((10, 3), np.dtype("float32"))
VALUES = np.arange(30, dtype=np.float32).reshape(10, 3)
EVERY = np.arange(10)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(f"file://{tmp_path}/store")


@pytest.fixture
def shards(store, monkeypatch):
    """`shards()` are those of one machine: four rows each, the last of two."""
    monkeypatch.setattr(module, "SHARD_BYTES", 4 * FORM.row)
    return lambda: Shards(store, "key", FORM)


def files(tmp_path):
    return sorted((tmp_path / "store" / "rows" / "key" / FORM.name).glob("*"))


def read(shards, rows=EVERY):
    return {row: value for some, values in shards.read(rows) for row, value in zip(some, values, strict=True)}


def test_rows_come_back_with_their_values(shards):
    writer = shards()
    for number in range(3):
        assert writer.write(writer.stretch(number), VALUES[writer.stretch(number)])
    found = read(shards())
    assert sorted(found) == EVERY.tolist()
    assert all((found[row] == VALUES[row]).all() for row in found)


def test_of_some_rows_only_their_shards_are_read(shards):
    writer = shards()
    for number in range(3):
        writer.write(writer.stretch(number), VALUES[writer.stretch(number)])
    assert sorted(read(shards(), np.array([9]))) == [8, 9]
    assert sorted(read(shards(), np.array([1, 2]))) == [0, 1, 2, 3]


def test_each_file_is_read_once_and_new_ones_after_the_list_is_forgotten(shards):
    writer, reader = shards(), shards()
    writer.write(np.array([0, 1]), VALUES[:2])
    assert sorted(read(reader)) == [0, 1]
    writer.write(np.array([3]), VALUES[3:4])
    assert read(reader) == {}
    reader.forget()
    assert sorted(read(reader)) == [3]
    assert read(writer) == {}, "what it wrote itself is nothing new"


def test_two_who_write_the_same_rows_write_the_same_file_and_others_are_kept(shards, tmp_path):
    one, other = shards(), shards()
    one.write(np.array([0, 2]), VALUES[[0, 2]])
    other.write(np.array([0, 2]), VALUES[[0, 2]])
    assert len(files(tmp_path)) == 1
    other.write(np.array([1, 2]), VALUES[[1, 2]])
    assert len(files(tmp_path)) == 2
    assert sorted(read(shards())) == [0, 1, 2]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content + b"x",
        lambda content: b"\x00" + content[1:],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    ],
)
def test_a_shard_that_is_not_whole_is_not_believed_and_is_mended(shards, tmp_path, change):
    writer = shards()
    for number in range(2):
        writer.write(writer.stretch(number), VALUES[writer.stretch(number)])
    broken = files(tmp_path)[0]
    broken.write_bytes(change(broken.read_bytes()))
    assert sorted(read(shards())) == [4, 5, 6, 7]
    shards().write(EVERY[:4], VALUES[:4])
    assert sorted(read(shards())) == list(range(8))


def test_a_shard_under_another_number_is_not_believed(shards, tmp_path):
    writer = shards()
    writer.write(EVERY[:4], VALUES[:4])
    (one,) = files(tmp_path)
    one.rename(one.with_name(one.name.replace("000000-", "000001-")))
    (tmp_path / "store" / "rows" / "key" / FORM.name / "README").write_text("not ours")
    assert read(shards()) == {} or sorted(read(shards())) == [4, 5, 6, 7]


def test_the_forms_of_an_entry_come_widest_first_and_foreign_names_are_none(shards, store, tmp_path):
    for name in ("float16-10x3", "float32-10x3", "object-10x3", "float32-x", "notes", "float32-10x03"):
        store.write(f"rows/key/{name}/000000-mark", b"")
    assert [form.name for form in forms(store, "key")] == ["float32-10x3", "float16-10x3"]
    assert forms(store, "other") == []


def test_a_row_that_is_longer_than_a_shard_is_one(store):
    shards = Shards(store, "key", Form((3, 2 * module.SHARD_BYTES), np.dtype("uint8")))
    assert (shards.rows, shards.numbers(np.arange(3))) == (1, [0, 1, 2])
