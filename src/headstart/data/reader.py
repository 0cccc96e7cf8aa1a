"""How the data of a task are laid out: what claims them, and what reads their rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..options import Option
from ..types import Named
from .listing import Listing
from .reading import Reading


def _never(data: Named, reading: Reading) -> bool:
    return False


Claim = Callable[[Named, Reading], int]
"""How surely the layout of a folder, file or table is one of these: 0 it is none, 1 such examples are there,
2 something beside them says so. The surest reader wins. (`True` is 1.)"""


@dataclass(frozen=True)
class Reader:
    """One kind of layouts."""

    columns: tuple[str, ...]
    """What we call the columns of a table that it reads: users may map them to their own names."""
    options: tuple[Option[object], ...]
    """What may be set for it."""
    claims: Claim
    read: Callable[[Named, Reading], Listing]
    """Rows of a folder, file or table, and what was left out; no example is opened yet.

    Raises DataError when the layout is another one.
    """
    read_heap: Callable[[Named, Reading], Listing]
    """The same without labels: everything that the task could use, as self-taught learning takes it."""
    claims_heap: Callable[[Named, Reading], bool] = _never
    """Are these examples without labels that no other layout knows?"""
