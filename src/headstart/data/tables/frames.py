"""Python objects as data: tables of other libraries, dicts and lists become a DataFrame; paths stay paths.

    pandas.DataFrame                            as it is
    polars, pyarrow, whatever speaks Arrow      its columns
    datasets.Dataset, DatasetDict               with the names of classes, and with its splits
    a folder that `save_to_disk` wrote          the same
    {"text": [...], "label": [...]}             columns
    [{"text": ..., "label": ...}, ...]          rows
    {"train": any of these, "test": ...}        splits

None of these libraries is imported to look at an object: it is known by what it has.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ...types import Named
from ..listing import SPLITS, split_of
from .arrow import is_saved, names_of, plain_columns, saved
from .records import is_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Columns = dict[str, list[object]]
_PICTURES = 3
"""Axes that pictures in one array have at least."""
_WANTED = (
    "give a path, a DataFrame (of pandas or polars), a pyarrow.Table, a datasets.Dataset or DatasetDict, "
    '{"text": [...], "label": [...]}, or a list of such rows as dicts'
)


def adopted(data: object) -> Named:
    """A path or a DataFrame that holds what was given.

    Raises:
        DataError: it is no data, or of no shape that can be read.
    """
    if isinstance(data, str | os.PathLike):
        return _path(data)
    if is_table(data):
        return _with_stamps(data)
    if isinstance(data, Mapping) and _by_split(data):
        return _frame(_together({name: _columns(part) for name, part in data.items()}))
    return _frame(_columns(data))


def _with_stamps(table: pd.DataFrame) -> pd.DataFrame:
    """A DataFrame whose index is one of dates, with these as a column: `ds`, where it has no name."""
    index: Any = getattr(table, "index", None)
    if type(index).__name__ not in ("DatetimeIndex", "PeriodIndex"):
        return table
    name = next((one for one in (index.name, "ds") if one is not None and one not in table.columns), None)
    if name is None:
        return table
    found = table.reset_index(drop=True)
    found.insert(0, name, index.astype(str))
    return found


def is_rows(data: object) -> bool:
    """Is a list one data set, with a dict for each row, and not several data sets?"""
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(row, Mapping) for row in data)


def is_data(data: object) -> bool:
    """Are these rows or columns in memory, other than a DataFrame of pandas, and not one column?"""
    tabular = hasattr(data, "schema") and hasattr(data, "__arrow_c_stream__")
    return tabular or isinstance(data, Mapping) or is_rows(data) or _is_dataset(data) or _is_lazy(data)


def _path(data: str | os.PathLike[str]) -> Named:
    if "\0" in os.fspath(data):
        raise DataError("expected a path, but got a text with a NUL in it", _WANTED)
    path = Path(data)
    try:
        found = is_saved(path.expanduser())
    except (OSError, RuntimeError):  # longer than any path, or of an unknown user
        raise DataError(f"there is no file or folder `{str(data)[:80]}`", "check the path") from None
    if not found:
        return data
    parts = saved(path.expanduser())
    return _frame(parts[""] if "" in parts else _together(parts))


def _by_split(data: Any) -> bool:
    """Is it a dict from splits to data, and not one of columns?"""
    if not isinstance(data, Mapping) or not data:
        return False
    if all(isinstance(name, str) and split_of(name) for name in data):
        return not all(_is_cells(part) for part in data.values())
    return any(_is_dataset(part) or is_table(part) for part in data.values())


def _together(parts: Mapping[str, Columns]) -> Columns:
    """The rows of all splits, with a column that says which: what else is in only one of them is missing."""
    columns: Columns = {}
    length = 0
    for name, part in parts.items():
        split = split_of(name)
        if split is None:
            raise DataError(
                f"the data have the split {name!r}; expected {', '.join(SPLITS)}",
                'name the splits you want: {"train": data["…"], "test": data["…"]}',
            )
        rows = len(next(iter(part.values()), []))
        for column in {*columns, *part} - {"split"}:
            cells = columns.setdefault(column, [None] * length)
            cells.extend(part.get(column, [None] * rows))
        columns.setdefault("split", []).extend([split] * rows)
        length += rows
    order = list(dict.fromkeys([*(name for part in parts.values() for name in part), "split"]))
    return {name: columns[name] for name in order}


def _columns(data: Any) -> Columns:
    if is_table(data):
        return {str(name): data.iloc[:, place].tolist() for place, name in enumerate(data.columns)}
    if _is_dataset(data):
        return plain_columns(data.with_format("arrow")[:], names_of(getattr(data, "features", None)))
    if _is_lazy(data):
        data = data.collect()
    if hasattr(data, "read_next_batch"):  # gone once it is read, and it is looked at first
        raise DataError(f"expected data, but got a stream ({type(data).__name__})", "give data.read_all()")
    if hasattr(data, "__arrow_c_stream__"):
        return plain_columns(_arrow(data))
    if isinstance(data, Mapping):
        return _of_columns(data)
    if isinstance(data, list | tuple):
        return _of_rows(data)
    raise _refused(data)


def _is_dataset(data: Any) -> bool:
    return hasattr(data, "with_format") and hasattr(data, "features") and hasattr(data, "__len__")


def _is_lazy(data: Any) -> bool:
    """A table of polars that is not computed yet."""
    return hasattr(data, "collect") and hasattr(data, "collect_schema")


def _arrow(data: Any) -> Any:
    import pyarrow as pa

    try:
        return data if isinstance(data, pa.Table) else pa.table(data)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(f"a {type(data).__name__} cannot be read as a table: {error}", _WANTED) from None


def _of_columns(data: Mapping[Any, Any]) -> Columns:
    if len(data) == 1 and is_rows(next(iter(data.values()))):  # {"data": [{...}, ...]}
        return _of_rows(next(iter(data.values())))
    columns = {}
    for name, cells in data.items():
        if not _is_cells(cells) and not (len(data) > 1 and is_rows(cells)):  # a dict may be a cell
            raise DataError(
                f"expected a list of cells in each column, but {str(name)!r} is a {type(cells).__name__}",
                _WANTED,
            )
        columns[str(name)] = _cells(cells)
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise DataError(f"expected columns of one length, got {said}", "give as many cells in each")
    if not columns or not max(lengths.values()):
        raise DataError("the data have no rows", _WANTED)
    return columns


def _of_rows(rows: Sequence[Any]) -> Columns:
    if not rows:
        raise DataError("the data have no rows: the list is empty", _WANTED)
    odd = next((row for row in rows if not isinstance(row, Mapping)), None)
    if odd is not None:
        raise DataError(f"expected a list of rows as dicts, but it holds a {type(odd).__name__}", _WANTED)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {str(name): [row.get(name) for row in rows] for name in names}


def _is_cells(cells: Any) -> bool:
    """One column: a list, tuple, array or series, and not of rows."""
    if isinstance(cells, list | tuple):
        return not is_rows(cells)
    return hasattr(cells, "tolist") and not is_table(cells) and getattr(cells, "ndim", 1) > 0


def _cells(cells: Any) -> list[Any]:
    """Cells as numbers, texts and lists of them; pictures in one array stay arrays."""
    if hasattr(cells, "tolist") and getattr(cells, "ndim", 1) < _PICTURES:
        return list(cells.tolist())
    return list(cells)


def _refused(data: Any) -> DataError:
    kind = type(data).__name__
    if hasattr(data, "take") and hasattr(data, "features"):  # a stream of `datasets`
        return DataError(f"expected data, but got a stream ({kind})", "load it without streaming=True")
    return DataError(f"expected data, but got {'nothing' if data is None else f'a {kind}'}", _WANTED)


def _frame(columns: Columns) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    def cells(column: list[Any]) -> NDArray[np.object_]:
        held = np.empty(len(column), dtype=object)  # lists in cells stay lists
        for place, one in enumerate(column):
            held[place] = one.item() if getattr(one, "shape", None) == () else one  # numbers of numpy
        return held

    return pd.DataFrame({name: pd.Series(cells(column), dtype=object) for name, column in columns.items()})
