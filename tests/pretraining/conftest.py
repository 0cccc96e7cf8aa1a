from __future__ import annotations

import pytest

from makings import Base, hurry, make, others, photos

__all__ = ["others", "photos"]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture(scope="session")
def made(photos, tmp_path_factory) -> Base:
    """A base that was pre-trained on the photos' labels: read it, do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return make(photos, tmp_path_factory.mktemp("made") / "base", probe=photos, licence="CC0-1.0")
