"""A store on a real S3 server: what fails for a moment is tried again, what fails for good is said once."""

from __future__ import annotations

import importlib
import pickle
import sys

import pytest

import buckets
from headstart.cache import Cache
from headstart.cache import store as module
from headstart.cache.store import MARKER, Store, store_of
from headstart.errors import MissingExtra, RunError, SettingsError


def test_files_come_back_by_their_names(url):
    store = Store(url)
    assert store.read("rows/a") is None
    assert store.names("rows") == []
    assert store.write("rows/b", b"second")
    assert store.write("rows/a", b"first")
    assert store.write("rows/a", b"over it")
    assert Store(f"{url}/").read("rows/a") == b"over it"
    assert store.names("rows") == ["a", "b"]
    assert MARKER in store.names("")
    assert store.told() is None


@pytest.mark.parametrize("form", ["file://{}/new/folder", "memory://{}"])
def test_any_file_system_will_do(form, tmp_path):
    store = Store(form.format(tmp_path))
    store.write("rows/key/a", b"content")
    assert (store.read("rows/key/a"), store.names("rows/key")) == (b"content", ["a"])


def test_folders_are_made_where_a_file_system_has_them(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FLAT", ())
    monkeypatch.setattr(module, "OPTIONS", {})
    assert Store(f"file://{tmp_path}/a/b").write("rows/a", b"content")
    assert (tmp_path / "a" / "b" / "rows" / "a").read_bytes() == b"content"


def test_no_such_bucket_is_an_error_and_none_is_made(server, line):
    with pytest.raises(
        RunError, match="s3://nowhere/cache cannot be used: .*bucket does not exist"
    ) as caught:
        Store("s3://nowhere/cache")
    assert "make the bucket" in caught.value.hint
    assert "nowhere" not in [one["Name"] for one in buckets.client(server).list_buckets()["Buckets"]]


def test_wrong_credentials_are_an_error_that_names_them(server, url, monkeypatch):
    buckets.require_keys(server, after=0)
    monkeypatch.setattr(
        module, "OPTIONS", {"s3": {"secret": "wrong", "key": "wrong", **module.OPTIONS["s3"]}}
    )
    try:
        with pytest.raises(RunError, match="cannot be used") as caught:
            Store(url)
    finally:
        buckets.require_keys(server, after=None)
    assert "AWS_SECRET_ACCESS_KEY" in caught.value.hint


def test_a_server_that_does_not_answer_is_an_error(url, line):
    line.cut = True
    with pytest.raises(RunError, match="cannot be used") as caught:
        Store(url)
    assert "AWS_ENDPOINT_URL" in caught.value.hint
    assert line.lost > len(module.WAITS)


def test_a_connection_that_is_lost_once_costs_nothing(url, line):
    store, content = Store(url), bytes(range(256)) * 4096
    line.after = 500_000
    assert store.write("rows/a", content)
    assert line.lost == 1
    assert (store.read("rows/a"), store.told()) == (content, None)


def test_one_that_is_lost_for_good_is_said_once_and_not_tried_again(url, line):
    store = Store(url)
    store.write("rows/a", b"content")
    line.cut = True
    assert store.read("rows/a") is None
    tried = line.lost
    assert len(module.WAITS) < tried <= 2 * (len(module.WAITS) + 1), "a client begins a broken one anew"
    assert not store.write("rows/b", b"content")
    assert store.names("rows") == []
    assert line.lost == tried
    assert "not shared any more" in store.told()
    assert store.told() is None


def test_a_store_that_may_not_be_written_is_read(url, monkeypatch):
    Store(url).write("rows/a", b"content")
    store = Store(url)

    def refuse(*_):
        raise PermissionError("Access Denied")

    monkeypatch.setattr(store._system, "pipe_file", refuse)
    assert not store.write("rows/b", b"content")
    assert "Access Denied" in store.told()
    assert store.read("rows/a") == b"content"
    assert not store.write("rows/b", b"content")
    assert store.told() is None


def test_a_store_of_a_later_version_is_not_touched(url):
    store = Store(url)
    store.write(MARKER, b"2\n")
    with pytest.raises(RunError, match="another version"):
        Store(url)


def test_a_package_that_is_missing_is_named_with_its_line(monkeypatch):
    known = importlib.import_module("fsspec.registry")
    monkeypatch.delitem(known._registry, "s3", raising=False)  # it was imported before
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtra, match="s3fs") as caught:
        Store("s3://bucket/cache")
    assert caught.value.hint == "pip install 'headstart[cloud]'"
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(MissingExtra, match="gcsfs") as caught:
        Store("gs://bucket/cache")
    assert "headstart[" not in caught.value.hint


def test_a_protocol_that_nobody_knows_is_an_error(monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", "nothing://bucket/cache")
    with pytest.raises(SettingsError, match="nothing") as caught:
        Cache()
    assert "HEADSTART_CACHE" in caught.value.hint


def test_a_process_has_one_of_each_address(url):
    store = store_of(url)
    assert store_of(url) is store
    assert pickle.loads(pickle.dumps(store)) is store
