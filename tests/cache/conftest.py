"""An S3 server for the tests of this folder, a bucket for each of them, and a line to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import buckets
from headstart.cache import Cache
from headstart.cache import store as store_module
from headstart.cache.store import Store, store_of

NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with buckets.server() as address:
        yield address


@pytest.fixture(scope="session")
def _line(server) -> Iterator[buckets.Line]:
    """One for all tests: the client, which takes seconds to make, keeps its address."""
    with buckets.line(server) as found:
        yield found


@pytest.fixture
def line(_line, monkeypatch) -> Iterator[buckets.Line]:
    """A line that everything in the test goes through; tries follow each other at once."""
    for name, value in {**buckets.SETTINGS, "AWS_ENDPOINT_URL": _line.address}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(store_module, "WAITS", (0.01, 0.02, 0.04))
    _line.cut, _line.after, _line.lost = False, None, 0
    yield _line
    _line.cut = False
    store_of.cache_clear()


@pytest.fixture
def bucket(server, line) -> str:
    """The name of an empty bucket."""
    name = f"bucket-{next(NUMBERS)}"
    buckets.client(server).create_bucket(Bucket=name)
    return name


@pytest.fixture
def url(bucket) -> str:
    return f"s3://{bucket}/some/cache"


@pytest.fixture
def cache(tmp_path) -> Cache:
    """On this machine alone."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def machine(url, tmp_path):
    """`machine("a")` is the cache of a machine: a folder and a connection of its own."""

    def make(name: str, **options: object) -> Cache:
        return Cache(Path(tmp_path / name), store=Store(url), **options)

    return make
