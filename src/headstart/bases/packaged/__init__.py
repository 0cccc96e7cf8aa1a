"""Bases that come in installed packages: one record a file, or an entry point in `headstart.packaged`.

The record of `efficientnet_lite0.py` is the base `builtin/efficientnet-lite0`. No package is imported, and
nothing of it is read before its files have the hashes that the record says.
"""

from __future__ import annotations

from collections.abc import Iterator

from ... import registry
from ...types import Offered
from ..base import Located
from .base import PREFIX, Packaged

FOLDER = "bases.packaged"


def records() -> Iterator[tuple[str, Packaged]]:
    """Each base that some package brings, installed or not: its name and its record."""
    for part in registry.names(FOLDER):
        yield PREFIX + part.replace("_", "-"), registry.get(FOLDER, part)


def names() -> list[str]:
    """Names of those whose package is installed, and whose modality some task may take."""
    return [name for name, record in records() if _is_of_use(record)]


def offered() -> list[Offered]:
    """The others, and the line that brings each."""
    return [record.offer(name) for name, record in records() if not _is_of_use(record)]


def _is_of_use(record: Packaged) -> bool:
    return record.modality in registry.names("preprocessing") and record.place() is not None


def locate(name: str) -> Located | None:
    """The base of that name, or None where no record has it.

    Raises:
        BaseError: its package is not installed, or holds other bytes than the record says.
    """
    record = dict(records()).get(name)
    return None if record is None else record.locate(name)


def at_hand(modality: str) -> list[str]:
    """The installed ones of a modality whose networks come whole, largest last."""
    fitting = [
        (record.megabytes, name)
        for name, record in records()
        if record.modality == modality and record.whole and record.place() is not None
    ]
    return [name for _, name in sorted(fitting)]


def extras(modality: str) -> list[str]:
    """The extras that bring whole networks of a modality, each once."""
    found = (record.extra for _, record in records() if record.modality == modality and record.whole)
    return list(dict.fromkeys(found))
