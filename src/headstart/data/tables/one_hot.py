"""Tables in which each label has a column of its own: 1 where a text has it, 0 where it has not.

    id, comment_text, toxic, obscene, insult
    1,  "...",        0,     1,       1

They are the columns that `names` names; or, where a table has no column of labels, all that hold nothing but
0 and 1, if there are two at least. A row in which one of these is missing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...types import Finding
from ..answers.label_sets import as_answer, as_bit
from ..label_names import NAMES
from ..reading import Reading
from .cells import is_missing
from .column_names import flag_of, found
from .records import header, sample

if TYPE_CHECKING:
    from .records import Table

_ROWS = 200
"""They show what a column holds."""


class OneHot:
    """What the cells of several columns say together; and a finding that they were read so."""

    def __init__(self, columns: Sequence[str]) -> None:
        """`columns` have the names of labels."""
        self.columns = tuple(columns)
        shown = ", ".join(f"`{name}`" for name in columns[:10])
        more = f" and {len(columns) - 10} more" if len(columns) > 10 else ""
        message = (
            f"{len(columns)} columns of 0 and 1 are read as labels: {shown}{more}; others: --set names=a,b,…"
        )
        self.findings = [Finding("label_columns", message, self.columns)]

    def __call__(self, rows: Sequence[object]) -> list[tuple[str, str | None]]:
        """Each answer, and a reason not to use it; a row has one cell for each column."""
        return [self._answer(row) for row in rows]

    def _answer(self, row: object) -> tuple[str, str | None]:
        cells = row if isinstance(row, list | tuple) else (row,)
        for name, cell in zip(self.columns, cells, strict=True):
            if as_bit(cell) is None:
                return "", f"labels: {name} is {'missing' if cell is None else repr(cell)}, not 0 or 1"
        return as_answer(name for name, cell in zip(self.columns, cells, strict=True) if as_bit(cell)), None


def one_hot_columns(table: Table, source: str, reading: Reading) -> tuple[str, ...]:
    """The columns that are labels; none where a table is not of that kind.

    `source` is what we call the column of examples.

    Raises:
        DataError: the file cannot be read.
    """
    there, names = header(table), NAMES.of(reading.options)
    if names and set(names) <= set(there):
        return names
    if "labels" in reading.columns or source not in found(table, (source,), reading).columns:
        return ()
    for ours in ("label", "labels"):
        said = found(table, (source, ours), reading)
        if ours in said.columns or ours in said.ambiguous:
            return ()
    rest = [name for name in dict.fromkeys(there) if name.strip() and there.count(name) == 1]
    rows = sample(table, rest, _ROWS)
    asked = {said.columns[source], reading.group}
    bits = (
        name
        for place, name in enumerate(rest)
        if name not in asked and flag_of(name) is None and _is_bits([row[place] for row in rows])
    )
    columns = tuple(bits)
    return columns if len(columns) > 1 else ()


def nearly_one_hot(table: Table) -> tuple[str, ...]:
    """The columns that hold 0 and 1 for the most part, for an error that names them."""
    rest = list(dict.fromkeys(header(table)))
    rows = sample(table, rest, _ROWS)
    cells = {name: [row[place] for row in rows] for place, name in enumerate(rest) if name.strip()}
    return tuple(
        name
        for name, column in cells.items()
        if 2 * sum(as_bit(cell) is not None for cell in column) > len(column)
    )


def _is_bits(cells: Sequence[Any]) -> bool:
    """0 and 1, though a few may be missing: their rows are left out, with the reason."""
    there = [as_bit(cell) for cell in cells if not is_missing(cell)]
    return 2 * len(there) > len(cells) and None not in there
