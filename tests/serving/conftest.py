"""Services that several files ask: of texts, of pictures, of series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import serial
import sounds
from headstart import registry
from headstart.bases import load_base
from headstart.shipping.bundles import bundle
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


@pytest.fixture(scope="session")
def series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service that forecasts six steps."""
    home = tmp_path_factory.mktemp("series")
    with served(untrained(home / "bundle", "forecasting", serial.write_base(home / "base"), 6)) as service:
        yield service


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of recordings of two classes."""
    home = tmp_path_factory.mktemp("recordings")
    bare = untrained(home / "bundle", "audio_classification", sounds.write_base(home / "base"), 2)
    with served(bare) as service:
        yield service


def untrained(folder: Path, task: str, base: str, count: int) -> Path:
    """A bundle of this task with so many labels that has learned nothing."""
    plugin, plain = registry.get("tasks", task), load_base(base)
    steps = plugin.modality.name == "series"
    made = plain.prepared(plain.preprocess.at(count)) if steps else plain
    network, labels = made.network(), tuple(map(str, range(count)))
    head = plugin.answer.head(made.card.width, labels)
    parts = bundle.Parts(task, made.architecture, made.preprocess, labels, made.card.width, {})
    bundle.write(folder, parts, network, head)
    return folder
