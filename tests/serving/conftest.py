"""Services that several files ask: of texts, of pictures, of series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from served import Served, served
from texts import write_bundle


@pytest.fixture(scope="session")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that answers `good` and `bad`."""
    return write_bundle(tmp_path_factory.mktemp("reviews") / "bundle")


@pytest.fixture(scope="session")
def texts(reviews: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of texts that saves corrections."""
    folder = tmp_path_factory.mktemp("saved") / "corrections"
    with served(reviews, folder, megabytes=0.2, examples=8, seconds=1.0) as service:
        yield service


@pytest.fixture(scope="session")
def pictures(finished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of the finished run, with its examples."""
    folder = tmp_path_factory.mktemp("saved") / "corrections"
    with served(finished.bundle, folder, finished.folder, megabytes=2.0) as service:
        yield service
