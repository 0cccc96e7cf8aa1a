"""Rows of a table with the columns `file_name`, `label` and perhaps `split` and a group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..types import Dropped, Row
from .listing import SPLITS, Listing, joined, shown, split_of, unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Place = Callable[[str], tuple[str, Path, str | None]]
    """file_name -> (name that is shown, path, reason not to open it)."""


def is_table(data: Any) -> bool:
    """A DataFrame, asked without importing pandas."""
    return hasattr(data, "columns") and hasattr(data, "iloc")


def read_table(table: pd.DataFrame, group: str | None) -> Listing:
    """Rows of a DataFrame; `file_name` is absolute, or relative to the current folder.

    Raises:
        DataError: a column is missing, or a split has an unknown name.
    """
    return _rows(table, "the DataFrame", _anywhere, group, None)


def read_metadata(file: Path, root: Path, group: str | None, split: str | None = None) -> Listing:
    """Rows of a metadata file; `file_name` is relative to its folder and stays inside `root`.

    `split` is the split of all rows where a folder says it; a `split` column is not read then.

    Raises:
        DataError: the file cannot be read, a column is missing, or a split has an unknown name.
    """

    def place(file_name: str) -> tuple[str, Path, str | None]:
        path = file.parent / file_name
        written = Path(file_name)
        plain = not written.is_absolute() and ".." not in written.parts
        return shown(path, root) if plain else file_name, path, unusable(path, root)

    return _rows(_table(file), file.name, place, group, split)


def _anywhere(file_name: str) -> tuple[str, Path, str | None]:
    path = Path(file_name).expanduser()
    return path.as_posix(), path, unusable(path, Path(path.anchor or "."))


def _table(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if file.suffix == ".csv":
            # Only an empty cell is missing: a class may be called NA or None, and 007 is not 7.
            return pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
        if file.suffix == ".jsonl":
            lines = file.read_text(encoding="utf-8-sig").splitlines()
            return pd.DataFrame([json.loads(line) for line in lines if line.strip()], dtype=object)
        return pd.read_parquet(file)
    except (ValueError, OSError, RecursionError) as error:
        raise DataError(
            f"`{file.name}` cannot be read as {file.suffix[1:]}: {error}",
            "check that it is complete, in UTF-8 and has a header",
        ) from error


def _rows(table: pd.DataFrame, title: str, place: Place, group: str | None, split: str | None) -> Listing:
    names, labels = _column(table, "file_name", title), _column(table, "label", title)
    groups = _column(table, group, title) if group is not None else [None] * len(table)
    if split is not None or "split" not in table.columns:
        splits: list[str | None] = [split] * len(table)
        needs_split = False
    else:
        splits, needs_split = _splits(_column(table, "split", title), title), True
    return joined(
        _row(place, number, cells, needs_split)
        for number, cells in enumerate(zip(names, labels, splits, groups, strict=True), start=1)
    )


def _row(place: Place, number: int, cells: tuple[str | None, ...], needs_split: bool) -> Listing:
    file_name, label, split, group = cells
    if file_name is None:
        return _without(f"row {number}", "no file_name")
    name, path, reason = place(file_name)
    if reason is not None:
        return _without(name, reason)
    if label is None:
        return _without(name, "no label")
    if needs_split and split is None:
        return _without(name, "no split")
    return Listing(rows=(Row(name, path, label, split, group),))


def _without(name: str, reason: str) -> Listing:
    return Listing(dropped=(Dropped(name, reason),))


def _column(table: pd.DataFrame, name: str, title: str) -> list[str | None]:
    """A column as text; None where a cell is empty."""
    if name not in table.columns:
        found = ", ".join(map(str, table.columns)) or "none"
        raise DataError(
            f"{title} has no column `{name}`; its columns are: {found}",
            f"rename the column that holds it to `{name}`"
            if name in ("file_name", "label")
            else "name one of its columns",
        )
    column = table[name]
    if column.ndim > 1:
        raise DataError(f"{title} has the column `{name}` more than once", "remove all but one")
    cells = [None if _is_missing(cell) else cell for cell in column.tolist()]
    present = [cell for cell in cells if cell is not None]
    # pandas makes an integer column with gaps a float one: 3 became 3.0, and is 3 again here.
    if present and all(isinstance(cell, float) and cell.is_integer() for cell in present):
        cells = [None if cell is None else int(cell) for cell in cells]
    return [None if cell is None else str(cell) for cell in cells]


def _is_missing(cell: Any) -> bool:
    import pandas as pd

    if isinstance(cell, str):
        return not cell.strip()
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


def _splits(cells: list[str | None], title: str) -> list[str | None]:
    unknown = {cell for cell in cells if cell is not None and split_of(cell) is None}
    if unknown:
        raise DataError(
            f"{title} has the split {sorted(unknown)[0]!r}; expected {', '.join(SPLITS)}",
            "rename the splits to train, validation (or val, valid, dev) and test",
        )
    return [None if cell is None else split_of(cell) for cell in cells]
