"""Rows of a table: a column of sources (`file_name`, `text`), of answers, perhaps of splits and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..types import Dropped, Row, Source
from .listing import SPLITS, Listing, shown, split_of, unusable
from .reading import Reading, mapped
from .records import header, is_table, records, shown_names, title
from .strings import encoded, examine_text

if TYPE_CHECKING:
    import pandas as pd

    from .records import Table

__all__ = ["column_of", "has_columns", "is_table", "read_metadata", "read_rows", "read_table"]

Placed = tuple[str, Source, str | None]
Place = Callable[[str, str], Placed]
"""Name of the row, its cell -> (name that is shown, source, reason not to open it)."""
Told = Callable[[Sequence[Any]], Sequence[tuple[str, str | None]]]
"""Cells of answers, None where one is missing -> each answer, and the reason not to use it."""
_FILES = ("file_name", "label")


def read_table(table: pd.DataFrame, reading: Reading) -> Listing:
    """Rows of a DataFrame; `file_name` is absolute, or relative to the current folder.

    Raises:
        DataError: a column is missing, or a split has an unknown name.
    """
    return read_rows(table, _FILES, _anywhere, reading)


def read_metadata(file: Path, root: Path, reading: Reading, split: str | None = None) -> Listing:
    """Rows of a metadata file; `file_name` is relative to its folder and stays inside `root`.

    `split` is the split of all rows where a folder says it; a `split` column is not read then.

    Raises:
        DataError: the file cannot be read, a column is missing, or a split has an unknown name.
    """

    def place(row: str, file_name: str) -> Placed:
        written = _path(file_name)
        path = file.parent / written
        plain = not written.is_absolute() and ".." not in written.parts
        return shown(path, root) if plain else written.as_posix(), path, unusable(path, root)

    return read_rows(file, _FILES, place, reading, split)


def read_rows(
    table: Table,
    names: Sequence[str],
    place: Place,
    reading: Reading,
    split: str | None = None,
    prefix: str = "",
    told: Told | None = None,
) -> Listing:
    """Rows of any table, in one pass.

    Args:
        table: A file or a DataFrame.
        names: What we call the column of sources, and that of answers; without the second all are "".
        place: What a cell of the first stands for.
        reading: The data's own names, and the group.
        split: Of all rows, where a file or folder says it; a `split` column is not read then.
        prefix: Of the names of rows that are called by their number.
        told: What the cells of the column of answers say; one text each where it is not given.

    Raises:
        DataError: the file cannot be read, a column is missing, or a split has an unknown name.
    """
    columns, splitting = _columns(table, names, reading, split)
    rows, rest, dropped = list[tuple[str, Source]](), list[tuple[Any, ...]](), list[Dropped]()
    unit = f"{prefix}{_unit(table)}"
    source: Source
    for number, cells, reason in records(table, columns):
        name, source = f"{unit} {number}", b""
        if reason is None:
            name, source, reason = _placed(cells[0], name, names[0], place)
        if reason is None:
            rows.append((name, source))
            rest.append(cells[1:])
        else:
            dropped.append(Dropped(name, reason))
    by_name = dict(zip(columns[1:], zip(*rest, strict=True), strict=False))
    nothing: tuple[Any, ...] = (None,) * len(rows)
    told = told or _one_text(names[-1])
    answers = told(_present(by_name.get(columns[1], nothing))) if len(names) > 1 else [("", None)] * len(rows)
    named = _texts(by_name.get("split", nothing))
    splits = _splits(named, title(table)) if splitting else [split] * len(rows)
    groups = _texts(by_name.get(reading.group or "", nothing))
    kept = []
    for (name, source), (answer, why), its_split, group in zip(rows, answers, splits, groups, strict=True):
        if splitting and its_split is None:
            why = why or "no split"
        if why is None:
            kept.append(Row(name, source, answer, its_split, group))
        else:
            dropped.append(Dropped(name, why))
    return Listing(tuple(kept), tuple(dropped))


def column_of(
    table: Path, name: str, reading: Reading, prefix: str
) -> Iterator[tuple[str, Source, str | None]]:
    """The cells of one column of texts as a stream: name of the row, text, and a reason not to use it.

    Raises:
        DataError: the file cannot be read, or has no such column; before the first row is read, if it can be.
    """
    columns, _ = _columns(table, (name,), reading, "all")
    unit = f"{prefix}{_unit(table)}"

    def cells() -> Iterator[tuple[str, Source, str | None]]:
        for number, found, reason in records(table, columns):
            row = f"{unit} {number}"
            if reason is not None:
                yield row, b"", reason
            else:
                yield _placed(found[0], row, name, lambda row, cell: (row, encoded(cell), None))

    return cells()


def has_columns(table: Table, names: Sequence[str], reading: Reading) -> bool:
    """Has a table these columns of ours? False too where it cannot be read."""
    try:
        return {reading.column(name) for name in names} <= set(header(table))
    except DataError:
        return False


def _unit(table: Table) -> str:
    """What rows are counted in."""
    return "line" if isinstance(table, Path) and table.suffix.lower() == ".jsonl" else "row"


def _columns(
    table: Table, names: Sequence[str], reading: Reading, split: str | None
) -> tuple[list[str], bool]:
    """The data's names of the columns to read, and whether `split` is among them."""
    there = header(table)
    splitting = split is None and "split" in there
    asked = [reading.column(name) for name in names] + ["split"] * splitting
    asked += [] if reading.group is None else [reading.group]
    for name in asked:
        if name not in there:
            raise DataError(
                f"{title(table)} has no column `{name}`; its columns are: {shown_names(there) or 'none'}",
                "name one of its columns"
                if name == reading.group
                else f"{mapped(names)}; a file without a header needs one",
            )
        if there.count(name) > 1:
            raise DataError(f"{title(table)} has the column `{name}` more than once", "remove all but one")
    return asked, splitting


def _placed(cell: Any, row: str, column: str, place: Place) -> Placed:
    if isinstance(cell, list | dict):
        return row, b"", f"{column} is a {type(cell).__name__}, not a text"
    if _is_missing(cell):
        return row, b"", f"no {column}"
    return place(row, str(cell))


def _anywhere(row: str, file_name: str) -> Placed:
    path = _path(file_name).expanduser()
    return path.as_posix(), path, unusable(path, Path(path.anchor or "."))


def _path(file_name: str) -> Path:
    """Half a surrogate pair, which no file name holds, becomes bytes that a file system can be asked for."""
    return Path(encoded(file_name).decode("utf-8", "surrogateescape"))


def _one_text(name: str) -> Told:
    """Each cell is one answer, which has to be a text that can be used."""
    return lambda cells: [(answer or "", _why_not(answer, name)) for answer in _texts(cells)]


def _why_not(answer: str | None, name: str) -> str | None:
    if answer is None:
        return f"no {name}"
    reason = examine_text(encoded(answer))
    return None if reason is None else f"{name}: {reason}"


def _texts(column: Sequence[Any]) -> list[str | None]:
    """Cells as text; None where one is missing."""
    cells = _present(column)
    present = [cell for cell in cells if cell is not None]
    # 3 and 3.0 are one class. pandas makes an integer column with gaps a float one: 3.0 is 3 again here.
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in present):
        whole = all(isinstance(cell, int) or cell.is_integer() for cell in present)
        cells = [None if cell is None else int(cell) if whole else _float(cell) for cell in cells]
    return [None if cell is None else str(cell) for cell in cells]


def _present(column: Sequence[Any]) -> list[Any]:
    """Cells as they are; None where one is missing."""
    return [None if _is_missing(cell) else cell for cell in column]


def _float(cell: float) -> float:
    return float(cell) if abs(cell) < 2**53 else cell  # beyond, a whole number would lose digits


def _is_missing(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    if cell is None or isinstance(cell, int):
        return cell is None
    import pandas as pd

    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


def _splits(cells: Sequence[str | None], title: str) -> list[str | None]:
    unknown = {cell for cell in cells if cell is not None and split_of(cell) is None}
    if unknown:
        raise DataError(
            f"{title} has the split {sorted(unknown)[0]!r}; expected {', '.join(SPLITS)}",
            "rename the splits to train, validation (or val, valid, dev) and test",
        )
    return [None if cell is None else split_of(cell) for cell in cells]
