"""A cache that machines share through a real S3 server; a machine is a folder and a connection of its own."""

from __future__ import annotations

import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

import buckets
from headstart.cache import COPIES, Cache, default_folder, filling, key_of, shards
from headstart.errors import RunError

KEY = key_of(name="entry")
VALUES = np.arange(60, dtype=np.float32).reshape(20, 3)
EVERY = np.arange(20)


def place(name: str) -> str:
    """Of the shards of an entry in the bucket."""
    return f"some/cache/rows/{key_of(name=name)}/float32-20x3/"


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Shards of four rows."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 4 * VALUES[0].nbytes)


@pytest.fixture
def objects(server, bucket):
    """Names and contents of the shards that are in the bucket."""
    client = buckets.client(server)

    def read(name: str = "entry") -> dict[str, bytes]:
        listed = client.list_objects_v2(Bucket=bucket, Prefix=place(name)).get("Contents", [])
        names = [one["Key"] for one in listed]
        contents = [client.get_object(Bucket=bucket, Key=one)["Body"].read() for one in names]
        return {one.rpartition("/")[2]: content for one, content in zip(names, contents, strict=True)}

    return read


def filled(cache: Cache, rows=EVERY):
    entry = cache.rows(KEY, VALUES.shape, "float32")
    with filling([entry], pytest.fail):
        missing = entry.missing(rows)
        for part in np.array_split(missing, 3):
            entry.write(part, VALUES[part])
    return entry, missing.tolist()


def test_what_one_machine_writes_another_one_reads(machine):
    filled(machine("a"))
    found = machine("b").find(KEY)
    assert found.missing(EVERY).tolist() == []
    assert (found.read(EVERY) == VALUES).all()
    assert (found.mapped() == VALUES).all()


def test_of_some_rows_only_their_shards_are_fetched_and_the_copy_is_read_without_a_connection(machine, line):
    filled(machine("a"))
    there = machine("b")
    assert there.find(KEY).missing(np.array([5])).tolist() == []
    line.cut = True
    entry = there.find(KEY)
    assert (entry.read(np.arange(4, 8)) == VALUES[4:8]).all()
    assert there.told() is None
    assert entry.missing(EVERY).tolist() == [*range(4), *range(8, 20)]
    assert "not shared any more" in there.told()


def test_machines_that_know_different_rows_know_all_of_them_together(machine):
    assert filled(machine("a"), np.array([0, 1, 9]))[1] == [0, 1, 9]
    assert filled(machine("b"), np.array([1, 2, 9, 19]))[1] == [2, 19]
    assert machine("c").find(KEY).missing(EVERY).tolist() == [*range(3, 9), *range(10, 19)]


def test_two_machines_that_write_at_once_leave_the_bytes_of_one(machine, objects):
    filled(machine("alone"))
    alone = objects()
    assert len(alone) == 5
    entries = [machine(name).rows(key_of(name="at once"), VALUES.shape, "float32") for name in "ab"]
    begin = threading.Barrier(2)

    def fill(entry, parts):
        begin.wait(60)
        for part in np.array_split(EVERY, parts):
            entry.write(part, VALUES[part])

    both = [threading.Thread(target=fill, args=one) for one in zip(entries, (2, 7), strict=True)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    assert objects("at once") == alone


@pytest.mark.parametrize("left", [0, 20])
def test_a_shard_that_was_cut_off_is_not_believed(machine, objects, server, bucket, left):
    filled(machine("a"))
    name, content = sorted(objects().items())[1]
    buckets.client(server).put_object(Bucket=bucket, Key=place("entry") + name, Body=content[:left])
    entry = machine("b").rows(KEY, VALUES.shape, "float32")
    assert entry.missing(EVERY).tolist() == [4, 5, 6, 7]
    assert filled(machine("c"))[1] == [4, 5, 6, 7]
    assert objects()[name] == content, "and is mended by who computes its rows"


def test_a_connection_that_breaks_in_a_shard_leaves_none_that_is_believed(
    machine, objects, line, monkeypatch
):
    monkeypatch.setattr(shards, "SHARD_BYTES", 2**20)
    entry = machine("a").rows(KEY, (2, 2**18), "float32")
    values = np.random.default_rng(0).random((2, 2**18), np.float32)
    line.after, before = 1_200_000, line.lost
    with filling([entry], pytest.fail):
        entry.write(np.arange(2), values)
    assert line.lost == before + 1
    found = machine("b").find(KEY)
    assert (found.read(np.arange(2)) == values).all(), "it was written again"


def test_where_the_connection_is_lost_the_work_goes_on_and_is_shared_later(machine, objects, line):
    cache = machine("a")
    entry = cache.rows(KEY, VALUES.shape, "float32")
    line.cut = True
    with filling([entry], pytest.fail):
        entry.write(EVERY, VALUES)
    assert (entry.read(EVERY) == VALUES).all()
    assert "not shared any more" in cache.told()
    line.cut = False
    assert objects() == {}
    found = machine("a").find(KEY)
    assert found.missing(EVERY).tolist() == []
    assert len(objects()) == 5, "what could not be written follows when the entry is used again"


def write_and_fail(entry, starts):
    for row in starts:
        entry.write(np.array([row, row + 1]), VALUES[row : row + 2])
    entry.write(np.array([16]), VALUES[16:17])
    raise KeyError


def test_full_shards_follow_while_the_rest_is_computed_and_what_failed_is_not_waited_for(machine, objects):
    entry = machine("a").rows(KEY, VALUES.shape, "float32")
    with pytest.raises(KeyError), filling([entry], pytest.fail):
        write_and_fail(entry, range(0, 16, 2))
    entry._sender.shutdown(wait=True)
    assert len(objects()) == 4
    assert machine("b").find(KEY).missing(EVERY).tolist() == [16, 17, 18, 19]


def test_a_wider_entry_is_taken_and_a_narrower_one_is_not(machine):
    filled(machine("a"))
    assert machine("b").rows(KEY, VALUES.shape, "float16").dtype == np.float32
    wide = machine("c").rows(KEY, VALUES.shape, "float64")
    assert (wide.dtype, len(wide.missing(EVERY))) == (np.float64, 20)
    wide.write(EVERY, VALUES.astype(np.float64))
    assert machine("d").find(KEY).dtype == np.float64


def test_an_entry_of_others_that_fits_no_budget_is_none(machine):
    filled(machine("a"))
    assert machine("b", budget=100).find(KEY) is None


def test_facts_are_shared_and_kept_here(machine, line):
    machine("a").remember(KEY, {"engine": "x"})
    there = machine("b")
    assert there.recall(KEY) == {"engine": "x"}
    assert there.recall(key_of(name="other")) is None
    line.cut = True
    assert there.recall(KEY) == {"engine": "x"}


def test_examples_and_folders_stay_here(machine, objects):
    cache = machine("a")
    cache.here.rows(KEY, VALUES.shape, "float32").write(EVERY, VALUES)
    cache.folder_of(KEY, lambda folder: (folder / "a.txt").write_text("ours"))
    assert objects() == {}
    assert machine("b").recall(KEY) is None


def test_clearing_leaves_the_store_to_the_others(machine, objects):
    filled(machine("a"))
    assert machine("a").clear() > 0
    assert len(objects()) == 5


def test_the_environment_names_it_and_its_copy_lies_in_the_users_cache(url, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = Cache()
    assert (cache.place, cache.folder) == (url, default_folder())
    assert cache.folder.parent == tmp_path / "headstart" / COPIES
    filled(cache)
    monkeypatch.setenv("HEADSTART_CACHE", f"{url}/")
    assert Cache().find(KEY).missing(EVERY).tolist() == []
    assert not Path("s3:").exists()


def test_another_process_has_its_copy_where_its_user_has(url, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "driver"))
    sent = pickle.dumps(Cache())
    monkeypatch.delenv("HEADSTART_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "worker"))
    cache = pickle.loads(sent)
    assert cache.place == url
    assert cache.folder.is_relative_to(tmp_path / "worker")
    plain = Cache(tmp_path / "own", budget=5)
    assert pickle.loads(pickle.dumps(plain)).folder == tmp_path / "own"
    assert os.fspath(plain.folder) == plain.place


def test_a_bucket_that_is_not_there_is_an_error_before_anything_is_done(line, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", "s3://nowhere/cache")
    with pytest.raises(RunError, match="s3://nowhere/cache"):
        Cache()
