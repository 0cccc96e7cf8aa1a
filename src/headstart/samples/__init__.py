"""Samples: small data sets that are there without a network, one for most kinds of task."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from .. import registry
from ..errors import RunError
from .base import Sample


def write(name: str, folder: Path, seed: int = 0) -> Path:
    """Write the sample called `name` into a new or empty folder; one that holds it already stays as it is.

    Args:
        name: a file of this folder.
        folder: where to; the folders above it are made.
        seed: another one writes others of the same kind.

    Returns:
        The folder.

    Raises:
        UnknownName: there is no such sample.
        RunError: the folder has something else in it, or cannot be written.
    """
    sample: Sample = registry.get("samples", name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            # whole or not at all
            made = Path(beside) / folder.name
            made.mkdir()
            sample.write(made, seed)
            if not folder.exists():
                made.rename(folder)
                return folder
            if folder.is_dir() and not any(folder.iterdir()):
                shutil.copytree(made, folder, dirs_exist_ok=True)
            elif not folder.is_dir() or _contents(folder) != _contents(made):
                raise RunError(f"{folder} has something else in it", "choose another --out")
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}", "choose another --out") from error
    return folder


def _contents(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


__all__ = ["Sample", "write"]
