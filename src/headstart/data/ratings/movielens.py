"""Tables of MovieLens, which have no header: a user, a film, a rating and a stamp in each line.

u.data                                      tabs between them, as in MovieLens 100k
ratings.dat                                 two colons, as in 1M and 10M

Their other editions are tables with a header. (F. M. Harper & J. A. Konstan, "The MovieLens datasets: history
and context", ACM Transactions on Interactive Intelligent Systems 5, 2015.)
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import DataError
from ..strings import lines
from ..tables.records import CALLED

if TYPE_CHECKING:
    import pandas as pd

_BETWEEN = {"u.data": "\t", "ratings.dat": "::"}
_COLUMNS = ("user_id", "item_id", "rating", "timestamp")


def is_movielens(path: Path) -> bool:
    """Is it called like one?"""
    return path.name.lower() in _BETWEEN


def read(path: Path) -> pd.DataFrame:
    """The lines as a table with our columns, each cell a text.

    Raises:
        DataError: the file cannot be read, or a line has another number of cells.
    """
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> pd.DataFrame:
    """Once for a file as it is: who looks whether it is a table asks for it too."""
    import pandas as pd

    cells: tuple[list[str], ...] = ([], [], [], [])
    between = _BETWEEN[path.name.lower()]
    for number, line in lines(path):
        parts = line.split(between)
        if not line.strip():
            continue
        if len(parts) != len(_COLUMNS):
            raise DataError(
                f"line {number} of {path.name} has {len(parts)} cells, expected {', '.join(_COLUMNS)}",
                "give the file as it was published, or a table with a header",
            )
        for column, part in zip(cells, parts, strict=True):
            column.append(part)
    found = pd.DataFrame(dict(zip(_COLUMNS, cells, strict=True)))
    found.attrs[CALLED] = path.name
    return found
