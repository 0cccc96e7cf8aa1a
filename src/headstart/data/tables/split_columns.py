"""Which columns of a table say the split of a row: one with the names of splits, or columns of yes and no.

split = train|val|test         in any case, or a usual name for it whose cells are splits
is_valid, is_test = True|False the split that the name says where it is yes; training where all say no
is_train = 1|0                 training, and test where it is no and nothing else says more

A column of folds by number is no split: that it is not read is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ...types import Finding
from ..answers.label_sets import as_bit
from ..listing import SPLITS, split_of
from .cells import present, texts
from .column_names import flag_of, plain
from .records import header, records, sample, title

if TYPE_CHECKING:
    from .records import Table

_NAMES = (
    "split",
    "set",
    "subset",
    "partition",
    "dataset",
    "datasplit",
    "splitname",
    "phase",
    "fold",
    "usage",
)
_FOLDS = ("fold", "folds", "kfold", "kfolds", "cvfold", "foldid", "foldnumber", "foldno")
_MANY = 100
"""Rows that show what a column holds."""


@dataclass(frozen=True)
class SplitColumns:
    """The columns that say the split."""

    names: tuple[str, ...]
    flags: Mapping[str, str]
    """Those of yes and no to the splits that they say; empty where it is one column of names."""

    def of(self, columns: Sequence[Sequence[object]], table: str) -> list[str | None]:
        """The split of each row, None where it has none.

        Args:
            columns: The cells of each of the columns.
            table: What messages call the table.

        Raises:
            DataError: a cell is the name of no split.
        """
        if not self.flags:
            return _named(texts(columns[0]), table)
        return [
            _flagged(dict(zip(self.flags.values(), row, strict=True))) for row in zip(*columns, strict=True)
        ]

    def findings(self, table: str) -> list[Finding]:
        """That columns of yes and no were taken for the split."""
        if not self.flags:
            return []
        which = " and ".join(f"`{name}`" for name in self.flags)
        message = f"the split is what is said in {which}; to have others drawn, leave that out"
        return [Finding("split_columns", message, (table,))]


def split_columns(table: Table) -> SplitColumns | None:
    """The columns that say the split; None where none do.

    Raises:
        DataError: the file cannot be read.
    """
    there = list(dict.fromkeys(header(table)))
    if "split" in there:
        return SplitColumns(("split",), {})
    for name in there:
        if plain(name) in _NAMES:
            cells = [row[0] for row in sample(table, [name], _MANY)]
            said = [split_of(str(cell)) for cell in cells if cell is not None and str(cell).strip()]
            if said and all(said):
                return SplitColumns((name,), {})
    flags = {name: split for name in there if (split := flag_of(name)) is not None}
    return SplitColumns(tuple(flags), flags) if flags and _divide(table, flags) else None


def unread(table: Table, used: Sequence[str]) -> list[Finding]:
    """That columns which look like splits or folds are not read."""
    rest = [name for name in dict.fromkeys(header(table)) if name not in used]
    found = []
    for name in rest:
        if plain(name) in _FOLDS:
            message = (
                f"the column `{name}` is not read: --group {name} keeps what is in one fold together; for a"
                " split, write train, validation and test into it"
            )
            found.append(Finding("unread_folds", message, (title(table),)))
        elif flag_of(name) is not None:
            message = (
                f"the column `{name}` is not read, as it divides the rows into no training and others; for a"
                " split, name a column split and write train, validation and test into it"
            )
            found.append(Finding("unread_splits", message, (title(table),)))
    return found


def _named(cells: Sequence[str | None], table: str) -> list[str | None]:
    unknown = {cell for cell in cells if cell is not None and split_of(cell) is None}
    if unknown:
        raise DataError(
            f"{table} has the split {sorted(unknown)[0]!r}; expected {', '.join(SPLITS)}",
            "rename the splits to train, validation (or val, valid, dev) and test",
        )
    return [None if cell is None else split_of(cell) for cell in cells]


def _flagged(cells: Mapping[str, Any]) -> str | None:
    said = {split: as_bit(cell) for split, cell in cells.items()}
    for split in reversed(SPLITS):
        if said.get(split):
            return split
    if "train" not in said:
        return "train"
    return "test" if len(said) == 1 else None


def _divide(table: Table, flags: Mapping[str, str]) -> bool:
    """Do columns of yes and no put some rows into training, and others elsewhere?

    One called `is_valid` with yes in most rows says of what quality they are.
    """
    if len(set(flags.values())) < len(flags):
        return False
    splits = set[str | None]()
    checked = {name: [0, 0] for name in flags}
    for cells in _cells(table, list(flags)):
        for name, cell in zip(flags, cells, strict=True):
            if cell is not None and as_bit(cell) is None:
                return False
            checked[name][bool(as_bit(cell))] += 1
        splits.add(_flagged(dict(zip(flags.values(), cells, strict=True))))
    good = any(plain(name) == "isvalid" and yes > no for name, (no, yes) in checked.items())
    return not good and "train" in splits and len(splits - {None}) > 1


def _cells(table: Table, names: Sequence[str]) -> Iterator[list[Any]]:
    return (present(row.cells) for row in records(table, names) if row.reason is None)
