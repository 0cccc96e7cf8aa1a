"""Tar archives made up for tests."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


def write(path: Path, files: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> Path:
    """A tar of names and bytes, or of whole entries."""
    with tarfile.open(path, "w") as tar:
        for name, content in files:
            entry = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path
