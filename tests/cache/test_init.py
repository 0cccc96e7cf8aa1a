"""The store: what is in it is whole, it stays within its budget, and a full disk is said."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np
import pytest

from entries import EVERY, KEY, path_of, values
from headstart import cache as module
from headstart.cache import Cache, default_folder, key_of
from headstart.errors import RunError, SettingsError


def test_another_shape_or_a_wider_dtype_is_made_anew_and_a_narrower_one_is_not(cache):
    cache.rows(KEY, (4, 3), "float32").write(EVERY, values(4))
    assert cache.rows(KEY, (4, 3), "float16").dtype == np.float32
    assert len(cache.rows(KEY, (4, 3), "float16").missing(EVERY)) == 0
    assert len(cache.rows(KEY, (4, 3), "float64").missing(EVERY)) == 4
    assert cache.rows(KEY, (5, 3), "float64").shape == (5, 3)


def test_an_entry_that_another_process_makes_meanwhile_is_shared(cache, monkeypatch):
    first = cache.rows(KEY, (4, 3), "float32")
    with monkeypatch.context() as patch:
        patch.setattr(Cache, "find", lambda *_: None)  # it was not there a moment ago
        second = Cache(cache.folder).rows(KEY, (4, 3), "float32")
    first.write(np.array([2]), values(1))
    first.settle()
    second.refresh()
    assert second.missing(EVERY).tolist() == [0, 1, 3]


def damaged(path, change):
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"not an entry at all",
        lambda data: data + b"x",
        lambda data: data[:-1] + b"?",
        lambda data: b"\x93NUMPY\x02\x00" + data[8:],
        lambda data: data.replace(b"<f4", b"|O "),
    ],
)
def test_a_damaged_or_foreign_file_is_dropped_and_made_anew(cache, change):
    cache.rows(KEY, (4, 3), "float32").write(EVERY, values(4))
    damaged(path_of(cache), change)
    assert cache.find(KEY) is None
    assert not path_of(cache).exists()
    assert len(cache.rows(KEY, (4, 3), "float32").missing(EVERY)) == 4


def test_an_entry_under_another_name_is_not_believed(cache):
    cache.rows(KEY, (4, 3), "float32").write(EVERY, values(4))
    other = key_of(name="other")
    path_of(cache).rename(path_of(cache, other))
    assert cache.find(other) is None


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError) as caught:
        Cache(tmp_path / "file" / "cache").rows(KEY, (4,), "int64")
    assert "HEADSTART_CACHE" in caught.value.hint


def sized(cache: Cache, *names: str, age: int = 0) -> None:
    """Entries of 40 kB; `age` seconds old."""
    for name in names:
        key = key_of(name=name)
        rows = cache.rows(key, (1, 40_000), "uint8")
        rows.write(np.array([0]), np.ones((1, 40_000), np.uint8))
        when = path_of(cache, key).stat().st_mtime - age
        os.utime(path_of(cache, key), (when, when))


def kept(cache: Cache) -> list[str]:
    names = {key_of(name=name): name for name in ("oldest", "old", "new", "next", "a", "b", "c")}
    return sorted(names[path.stem] for path in cache.folder.glob("*.rows"))


def test_what_was_used_longest_ago_makes_room(cache):
    sized(cache, "oldest", age=300)
    sized(cache, "old", age=200)
    sized(cache, "new", age=100)
    assert 120_000 <= cache.used() < 140_000
    cache.budget = 150_000
    sized(cache, "next")
    assert kept(cache) == ["new", "next", "old"]


def test_finding_an_entry_makes_it_young(cache):
    sized(cache, "old", age=300)
    sized(cache, "new", age=200)
    cache.find(key_of(name="old"))
    cache.budget = 100_000
    sized(cache, "next")
    assert kept(cache) == ["next", "old"]


def test_within_the_budget_nothing_goes(cache):
    cache.budget = 150_000
    sized(cache, "a", age=300)
    sized(cache, "b", "c")
    assert kept(cache) == ["a", "b", "c"]


def test_what_fits_neither_budget_nor_disk_is_not_made(cache, monkeypatch):
    cache.budget = 1_000
    assert cache.rows(KEY, (1, 1_001), "uint8") is None
    assert cache.rows(KEY, (1, 1_000), "uint8") is not None
    cache.clear()
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    assert cache.rows(key_of(name="a"), (1, 900), "uint8") is None


def test_a_disk_that_is_nearly_full_makes_room_too(cache, monkeypatch):
    sized(cache, "old", age=300)
    sized(cache, "new", age=100)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5_000}))
    sized(cache, "next")
    assert kept(cache) == ["new", "next"]


def test_an_evicted_array_can_still_be_read_by_who_has_it(cache):
    sized(cache, "old", age=100)
    held = cache.find(key_of(name="old"))
    os.utime(path_of(cache, key_of(name="old")), (1, 1))
    cache.budget = 50_000
    sized(cache, "new")
    assert kept(cache) == ["new"]
    assert int(held.read(np.array([0])).sum()) == 40_000


def test_clear_frees_what_it_says(cache):
    assert (cache.used(), cache.clear()) == (0, 0)
    sized(cache, "a", "b")
    cache.remember(KEY, {"a": 1})
    used = cache.used()
    assert (cache.clear(), cache.used(), list(cache.folder.iterdir())) == (used, 0, [])


def test_what_a_killed_process_was_making_is_swept_away(cache):
    sized(cache, "a")
    own = f".someone.{os.getpid()}.1.{platform.node()}.part"
    for name in (f".someone.999999999.1.{platform.node()}.part", own, ".someone.999999999.1.elsewhere.part"):
        (cache.folder / name).write_bytes(b"x")
    sized(cache, "b")
    left = {path.name for path in cache.folder.glob(".*.part")}
    assert left == {own, ".someone.999999999.1.elsewhere.part"}, "of another machine nothing is known"


def test_a_dropped_entry_is_gone(cache):
    sized(cache, "a")
    cache.drop(key_of(name="a"))
    assert cache.find(key_of(name="a")) is None
    cache.drop(key_of(name="a"))


def test_a_small_fact_is_recalled_unless_it_is_damaged(cache):
    assert cache.recall(KEY) is None
    cache.remember(KEY, {"engine": "x"})
    assert Cache(cache.folder).recall(KEY) == {"engine": "x"}
    assert [path.suffix for path in cache.folder.iterdir()] == [".json"]
    for broken in ("", "[1]", "{"):
        (cache.folder / f"{KEY}.json").write_text(broken)
        assert cache.recall(KEY) is None


def test_a_fact_that_cannot_be_kept_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    Cache(tmp_path / "file").remember(KEY, {"engine": "x"})


def test_a_key_depends_on_every_part_and_not_on_their_order():
    assert key_of(a=1, b=[2, 3]) == key_of(b=[2, 3], a=1)
    keys = [key_of(a=1), key_of(a=2), key_of(a="1"), key_of(b=1), key_of(a=1, b=None)]
    assert len(set(keys)) == len(keys)
    with pytest.raises(TypeError):
        key_of(a=object())


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


def test_without_a_home_it_says_how_to_name_a_folder(monkeypatch):
    for name in ("HEADSTART_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(module.Path, "home", nobody)
    with pytest.raises(SettingsError, match="no home folder") as refused:
        default_folder()
    assert "HEADSTART_CACHE" in refused.value.hint


def test_a_folder_is_written_once_and_anew_where_it_was_changed(tmp_path):
    written = []

    def write(folder):
        written.append(folder)
        (folder / "a.txt").write_text("right")

    cache = Cache(tmp_path)
    folder = cache.folder_of("key", write)
    assert cache.folder_of("key", write) == folder
    assert cache.folder_of("other", write) != folder
    assert len(written) == 2
    (folder / "a.txt").write_text("wrong")
    assert (cache.folder_of("key", write) / "a.txt").read_text() == "right"
    (folder / "b.txt").write_text("foreign")
    assert [file.name for file in cache.folder_of("key", write).iterdir()] == ["a.txt"]
    assert cache.used() > 0
    assert cache.clear() > 0
    assert not folder.exists()


def test_a_folder_that_could_not_be_written_is_none(tmp_path):
    def write(folder):
        (folder / "a.txt").write_text("half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        Cache(tmp_path).folder_of("key", write)
    assert list((tmp_path / "folders").rglob("*")) == []
