"""The store: what is in it is whole, it stays within its budget, and a full disk is said."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headstart import cache as module
from headstart.cache import Cache, Entry, Memory, default_folder, key_of
from headstart.errors import RunError

KILLED = """
import os, signal, sys
from pathlib import Path
from headstart.cache import Cache

def fill(array):
    array[:2] = 7
    array.flush()
    os.kill(os.getpid(), signal.SIGKILL)

Cache(Path(sys.argv[1])).array("k", (4,), "int64", fill)
"""


def never(_):
    raise AssertionError("this is in the cache already")


def filled(value):
    """A `fill` that writes one value everywhere."""

    def fill(array):
        array[:] = value

    return fill


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


def test_a_value_is_computed_once_and_read_only_ever_after(cache):
    first = cache.array("k", (2, 3), "float16", filled(0.5))
    again = Cache(cache.folder).array("k", (2, 3), "float16", never)
    assert (again.dtype, again.tolist()) == (np.float16, [[0.5] * 3] * 2)
    for array in (first, again):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_one_pass_fills_several_arrays_and_fills_all_where_one_is_missing(cache):
    entries = [Entry("a", (2,), "int32"), Entry("b", (3,), "float32")]
    counts = []

    def fill(arrays):
        counts.append([array.shape for array in arrays])
        arrays[0][:], arrays[1][:] = 1, 2

    cache.arrays(entries, fill)
    cache.arrays(entries[:1], never)
    (cache.folder / "b.npy").unlink()
    one, two = cache.arrays(entries, fill)
    assert counts == [[(2,), (3,)]] * 2
    assert (one.tolist(), two.tolist()) == ([1, 1], [2, 2, 2])


def test_an_empty_array_is_a_value_too(cache):
    assert cache.array("none", (0, 5), "float32", filled(1)).shape == (0, 5)
    assert cache.array("none", (0, 5), "float32", never).shape == (0, 5)


def test_a_fill_that_fails_leaves_nothing(cache):
    def broken(array):
        array[:] = 1
        raise KeyError("the pass failed")

    with pytest.raises(KeyError):
        cache.array("k", (4,), "int64", broken)
    assert list(cache.folder.iterdir()) == []
    assert cache.array("k", (4,), "int64", filled(2)).tolist() == [2] * 4


def test_a_kill_leaves_nothing_that_is_believed(cache):
    done = subprocess.run([sys.executable, "-c", KILLED, cache.folder], capture_output=True, timeout=60)
    assert done.returncode == -9
    assert [path.suffix for path in cache.folder.iterdir()] == [".part"]
    assert cache.used() == 0
    assert cache.array("k", (4,), "int64", filled(3)).tolist() == [3] * 4
    cache.clear()
    assert list(cache.folder.iterdir()) == []


def test_a_full_disk_is_an_error_with_a_way_out(cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "posix_fallocate", full)
    with pytest.raises(RunError, match="No space left on device") as caught:
        cache.array("k", (4,), "int64", never)
    assert str(cache.folder) in caught.value.message
    assert "HEADSTART_CACHE" in caught.value.hint
    assert list(cache.folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError) as caught:
        Cache(tmp_path / "file" / "cache").array("k", (4,), "int64", never)
    assert "HEADSTART_CACHE" in caught.value.hint


def sized(cache: Cache, *names: str, age: int = 0) -> None:
    """Entries of 1000 bytes, header included; `age` seconds old."""
    for name in names:
        cache.array(name, (872,), "uint8", filled(1))
        path = cache.folder / f"{name}.npy"
        assert path.stat().st_size == 1000
        when = path.stat().st_mtime - age
        os.utime(path, (when, when))


def kept(cache: Cache) -> list[str]:
    return sorted(path.stem for path in cache.folder.glob("*.npy"))


def test_what_was_used_longest_ago_makes_room(cache):
    sized(cache, "oldest", age=300)
    sized(cache, "old", age=200)
    sized(cache, "new", age=100)
    assert cache.used() == 3000
    cache.budget = 3500
    sized(cache, "next")
    assert kept(cache) == ["new", "next", "old"]


def test_reading_an_entry_makes_it_young(cache):
    sized(cache, "first", age=300)
    sized(cache, "second", age=200)
    cache.array("first", (872,), "uint8", never)
    cache.budget = 2500
    sized(cache, "third")
    assert kept(cache) == ["first", "third"]


def test_within_the_budget_nothing_goes(cache):
    cache.budget = 3000
    sized(cache, "a", age=300)
    sized(cache, "b", "c")
    assert kept(cache) == ["a", "b", "c"]


def test_a_disk_that_is_nearly_full_makes_room_too(cache, monkeypatch):
    sized(cache, "old", age=300)
    sized(cache, "new", age=100)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 500}))
    sized(cache, "next")
    assert kept(cache) == ["new", "next"]


def test_an_evicted_array_can_still_be_read_by_who_has_it(cache):
    held = cache.array("old", (872,), "uint8", filled(1))
    cache.budget = 1000
    sized(cache, "new")
    assert kept(cache) == ["new"]
    assert int(held.sum()) == 872


def test_clear_frees_what_it_says(cache):
    assert (cache.used(), cache.clear()) == (0, 0)
    sized(cache, "a", "b")
    assert (cache.clear(), cache.used(), kept(cache)) == (2000, 0, [])


def test_a_key_depends_on_every_part_and_not_on_their_order():
    assert key_of(a=1, b=[2, 3]) == key_of(b=[2, 3], a=1)
    keys = [key_of(a=1), key_of(a=2), key_of(a="1"), key_of(b=1), key_of(a=1, b=None)]
    assert len(set(keys)) == len(keys)
    with pytest.raises(TypeError):
        key_of(a=object())


def test_memory_keeps_nothing(tmp_path):
    memory = Memory(tmp_path / "cache")
    first = memory.array("k", (2,), "float32", filled(1))
    second = memory.array("k", (2,), "float32", filled(2))
    assert (first.tolist(), second.tolist()) == ([1, 1], [2, 2])
    assert not memory.folder.exists()


def test_the_folder_is_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.delenv("HEADSTART_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_folder() == tmp_path / "xdg" / "headstart"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert default_folder() == tmp_path / ".cache" / "headstart"
    assert Cache().folder == default_folder()


def test_nothing_is_unpickled(cache):
    cache.folder.mkdir()
    np.save(cache.folder / "evil.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        cache.array("evil", (1,), "O", never)
