"""Small text files beside recordings."""

from __future__ import annotations

from pathlib import Path

from ...errors import DataError
from ..listing import unusable


def lines(path: Path, root: Path) -> list[str]:
    """Of a text file, in UTF-8 or, where it is none, in Latin-1.

    Raises:
        DataError: it must not be read.
    """
    if reason := unusable(path, root):
        raise DataError(f"{path.name}: {reason}", "copy it into the folder")
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return data.decode("latin-1").splitlines()
