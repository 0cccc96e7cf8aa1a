from __future__ import annotations

import pytest

from makings import Base, hurry, make
from pictures import write_folder


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three classes of six pictures: read it, do not change it."""
    return write_folder(tmp_path_factory.mktemp("data") / "photos", per_class=6)


@pytest.fixture(scope="session")
def others(tmp_path_factory):
    """Two classes of eight other pictures."""
    return write_folder(
        tmp_path_factory.mktemp("data") / "others", classes=("disc", "box"), per_class=8, seed=1
    )


@pytest.fixture(scope="session")
def made(photos, tmp_path_factory) -> Base:
    """A base that was pre-trained on the photos' labels: read it, do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return make(photos, tmp_path_factory.mktemp("made") / "base", probe=photos, licence="CC0-1.0")
