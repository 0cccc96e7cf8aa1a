"""Rows of a table: a column of sources (`file_name`, `text`), of answers, perhaps of splits and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ...types import Dropped, Finding, Row, Source
from ..images.decode import looks_like_image
from ..label_names import spaced
from ..listing import Listing, unusable
from ..reading import Reading, mapped
from ..strings import encoded
from . import column_names
from .accepted import accepted_column, refusal
from .cells import Place, Placed, Told, is_list, one_text, placed, present, texts
from .column_names import Found
from .named_files import NamedFiles, path_of
from .one_hot import OneHot
from .records import has_lines, header, is_table, notes, records, sample, stem_of, suffix_of, title
from .split_columns import SplitColumns, split_columns, unread
from .unit_columns import torn, unit_column
from .workbooks import formula_in

if TYPE_CHECKING:
    import pandas as pd

    from .records import Table

__all__ = [
    "Place",
    "Placed",
    "Told",
    "column_of",
    "has_all",
    "has_columns",
    "is_table",
    "label_lists",
    "names_files",
    "names_pictures",
    "placing",
    "read_metadata",
    "read_rows",
    "read_table",
    "require_columns",
]

FILES = ("file_name", "label")
_USUAL_FILES = ("filename", *column_names.USUAL["file_name"])
_LOOKED_AT = 20
"""Rows that tell whether a table names pictures."""


@dataclass(frozen=True)
class _Columns:
    """What is read of a table."""

    said: Found
    """How ours were found."""
    names: list[str]
    """All, by the table's names: ours first, in our order."""
    splits: SplitColumns | None
    """Those that say the split, if they are read."""
    accepted: str | None
    """The one that says which rows were accepted, if there is one."""
    unit: str | None
    """The one that probably says whose an example is, where nobody named a group."""


def read_table(table: pd.DataFrame, reading: Reading) -> Listing:
    """Rows of a DataFrame; `file_name` is absolute, or relative to the current folder.

    Raises:
        DataError: a column is missing, or a split has an unknown name.
    """
    return read_rows(table, FILES, _anywhere, reading)


def read_metadata(
    file: Path, root: Path, reading: Reading, split: str | None = None, prefix: str = ""
) -> Listing:
    """Rows of a metadata file; `file_name` is relative to its folder and stays inside `root`.

    `split` is the split of all rows where a folder says it; a `split` column is not read then. `prefix` is
    that of rows which hold pictures themselves.

    Raises:
        DataError: the file cannot be read, a column is missing, or a split has an unknown name.
    """
    named = NamedFiles(file.parent, root, stem_of(file))
    listing = read_rows(file, FILES, named.place, reading, split, prefix)
    return replace(listing, findings=(*listing.findings, *named.findings()))


def names_pictures(table: Table, reading: Reading, names: Sequence[str] = FILES) -> bool:
    """Are there pictures in a table, or do its first rows name some that are there?

    `names` are columns of ours that it has to have, that of the files first.
    """
    return names_files(
        table, reading, lambda source: isinstance(source, bytes) or looks_like_image(source), names
    )


def names_files(
    table: Table, reading: Reading, wanted: Callable[[Source], bool], names: Sequence[str] = FILES
) -> bool:
    """Does a table hold wanted files, or do its first rows name some that are there?

    `names` are columns of ours that it has to have, that of the files first.
    """
    try:
        said = column_names.found(table, names, reading)
        if set(said.columns) != set(names):
            return False
        cells = [row[0] for row in sample(table, [said.columns[names[0]]], _LOOKED_AT)]
    except DataError:
        return False
    place = placing(table)
    there = (placed(cell, "", "file_name", place) for cell in cells)
    return any(reason is None and wanted(source) for _, source, reason in there)


def placing(table: Table) -> Place:
    """What the cells of a table of files stand for: files beside it, or below the current folder."""
    return (
        NamedFiles(table.parent, table.parent, stem_of(table)).place if isinstance(table, Path) else _anywhere
    )


def require_columns(table: Table, names: Sequence[str], reading: Reading) -> None:
    """Raises DataError: these columns of ours are not there, or not clear, as `read_rows` says it."""
    _columns(table, names, reading, None)


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
    wide = told.columns if isinstance(told, OneHot) else ()
    asked = _columns(table, names[:1] if wide else names, reading, split, wide)
    columns = asked.names
    _require_header(table, columns[0], names[0], place)
    seen = _usable(table, columns, names[0], place, f"{prefix}{_unit(table)}")
    rows, dropped, every = seen.rows, seen.dropped, [*seen.rest, *seen.lost]
    by_name = dict(zip(columns[1:], zip(*every, strict=True), strict=False))
    nothing: tuple[Any, ...] = (None,) * len(every)
    told = told or one_text(names[-1])
    bare = len(names) == 1
    cells_of = [present(by_name.get(name, nothing)) for name in (wide or columns[1:2])]
    said = list(zip(*cells_of, strict=True)) if wide else cells_of[0] if cells_of else []
    if columns[1:2] and all(cell is None for cell in said):
        _require_values(table, columns[1])
    answers = [("", None)] * len(nothing) if bare else told(said)
    splits: list[str | None] = [split] * len(rows)
    if asked.splits:
        splits = asked.splits.of([by_name.get(name, nothing) for name in asked.splits.names], title(table))
    groups = texts(by_name.get(reading.group or "", nothing))
    refusals = map(refusal, present(by_name.get(asked.accepted, nothing))) if asked.accepted else nothing
    whole = zip(rows, answers, splits, groups, refusals, strict=False)
    kept = tuple(row for one in whole if (row := _row(*one, asked, dropped)) is not None)
    gone = () if bare else tuple(answer for answer, why in answers[len(rows) :] if why is None and answer)
    units = torn(asked.unit, by_name.get(asked.unit, ())) if asked.unit else []
    findings = (*_about(table, asked, names), *_tags(asked.said, kept), *units)
    return Listing(kept, tuple(dropped), findings, lost=gone)


def _row(
    named: tuple[str, Source],
    answered: tuple[str, str | None],
    split: str | None,
    group: str | None,
    refused: str | None,
    asked: _Columns,
    dropped: list[Dropped],
) -> Row | None:
    """One row, or None where it is dropped."""
    (name, source), (answer, why) = named, answered
    why = refused or why or ("no split" if asked.splits and split is None else None)
    if why is None:
        return Row(name, source, answer, split, group)
    dropped.append(Dropped(name, why))
    return None


def _tags(said: Found, rows: Sequence[Row]) -> list[Finding]:
    """That cells of a column which is called by a plural look like several labels."""
    column = said.columns.get("label")
    if column is None or not column_names.is_plural(column):
        return []
    return spaced((row.label for row in rows), column)


@dataclass
class _Usable:
    """What one pass over a table finds; `rest` and `lost` are the cells beside the source."""

    rows: list[tuple[str, Source]] = field(default_factory=list)
    rest: list[Any] = field(default_factory=list)
    """Of these rows."""
    lost: list[Any] = field(default_factory=list)
    """Of rows whose source cannot be used."""
    dropped: list[Dropped] = field(default_factory=list)


def _usable(table: Table, columns: Sequence[str], called: str, place: Place, unit: str) -> _Usable:
    """The rows whose source, a cell of the first column, can be used."""
    seen = _Usable()
    for number, cells, reason in records(table, columns):
        name, source = f"{unit} {number}", b""  # type: str, Source
        if reason is None:
            name, source, reason = placed(cells[0], name, called, place)
        if reason is None:
            seen.rows.append((name, source))
            seen.rest.append(cells[1:])
        else:
            seen.dropped.append(Dropped(name, reason))
            seen.lost += [cells[1:]] if cells else []
    return seen


def column_of(
    table: Path, name: str, reading: Reading, prefix: str
) -> Iterator[tuple[str, Source, str | None]]:
    """The cells of one column of texts as a stream: name of the row, text, and a reason not to use it.

    Raises:
        DataError: the file cannot be read, or has no such column; before the first row is read, if it can be.
    """
    columns = _columns(table, (name,), reading, "all").names[:1]
    unit = f"{prefix}{_unit(table)}"

    def cells() -> Iterator[tuple[str, Source, str | None]]:
        for number, found, reason in records(table, columns):
            row = f"{unit} {number}"
            if reason is not None:
                yield row, b"", reason
            else:
                yield placed(found[0], row, name, lambda row, cell: (row, encoded(cell), None))

    return cells()


def has_columns(table: Table, names: Sequence[str], reading: Reading) -> bool:
    """Has a table these columns of ours, or others that can only be meant? False where it cannot be read."""
    try:
        return set(column_names.found(table, names, reading).columns) == set(names)
    except DataError:
        return False


def has_all(table: Table, names: Sequence[str], reading: Reading) -> bool:
    """Has a table these very columns of ours? False too where it cannot be read."""
    try:
        return {reading.column(name) for name in names} <= set(header(table))
    except DataError:
        return False


def label_lists(table: Table, source: str, reading: Reading) -> str | None:
    """The column that is called like one of a single label, but in which lists stand, if there is one."""
    try:
        column = column_names.found(table, (source, "label"), reading).columns.get("label")
        cells = present([row[0] for row in sample(table, [column])]) if column else []
    except DataError:
        return None
    there = [cell for cell in cells if cell is not None]
    return column if there and all(map(is_list, there)) else None


def _unit(table: Table) -> str:
    """What rows are counted in."""
    return "line" if has_lines(table) else "row"


def _columns(
    table: Table, names: Sequence[str], reading: Reading, split: str | None, wide: Sequence[str] = ()
) -> _Columns:
    """The columns of a table to read; `wide` are those of labels that have one each."""
    there = header(table)
    said = column_names.found(table, names, reading)
    _require_no_pair(table, there, names, said, reading)
    hint = f"{mapped(names)}; a file without a header needs one"
    for name in names:
        if name not in said.columns:
            lacking = reading.column(name) if name not in said.ambiguous else name
            raise column_names.missing(table, names, lacking, said, hint)
    splits_by = split_columns(table) if split is None else None
    for name in wide:
        if name not in there:
            raise column_names.missing(table, names, name, said, "name columns that all tables have")
    asked = [said.columns[name] for name in names] + [*wide] + ([*splits_by.names] if splits_by else [])
    if reading.group is not None:
        if reading.group not in there:
            raise column_names.missing(table, names, reading.group, said, "name one of its columns")
        asked.append(reading.group)
    unit = unit_column(there, asked) if reading.group is None else None
    asked += [unit] if unit else []
    if (accepted := accepted_column(table, asked)) is not None:
        asked.append(accepted)
    for name in asked:
        if there.count(name) > 1:
            raise DataError(f"{title(table)} has the column `{name}` more than once", "remove all but one")
    return _Columns(said, asked, splits_by, accepted, unit)


def _require_values(table: Table, column: str) -> None:
    """Raises DataError: a workbook has formulas in a column, and nobody computed them."""
    if isinstance(table, Path) and suffix_of(table) == ".xlsx" and (formula := formula_in(table, column)):
        raise DataError(
            f"the column `{column}` of {table.name} holds formulas without values, as {formula}",
            "open the workbook in Excel or LibreOffice and save it, which computes them, or save it as CSV",
        )


def _require_header(table: Table, column: str, name: str, place: Place) -> None:
    """Raises DataError: the name of the column of files is itself that of a file, like those below."""
    if name != "file_name" or not isinstance(table, Path) or column_names.plain(column) in _USUAL_FILES:
        return
    _, source, reason = place("", column)
    if reason is None and isinstance(source, Path) and looks_like_image(source):
        raise DataError(
            f"{table.name} has no header: its first line names a file, {column}",
            "add a first line that names the columns: file_name,label",
        )


def _require_no_pair(
    table: Table, there: Sequence[str], names: Sequence[str], said: Found, reading: Reading
) -> None:
    """Raises DataError: an example is two texts, of which nobody said which is to be read."""
    if names[0] != "text" or len(names) == 1 or "text" in reading.columns:
        return
    text = said.columns.get("text")
    pair = column_names.pair_of(there, text) if text else column_names.usual_pair(table)
    if pair is not None and (names[1] in said.columns or len(there) > len(pair)):
        label = f",{names[1]}={said.columns.get(names[1], 'NAME')}"
        raise DataError(
            f"{title(table)} has pairs of texts, `{pair[0]}` and `{pair[1]}`, and the task reads one text",
            f"write both into one column; or read one of them: --columns text={pair[0]}{label}, or {pair[1]}",
        )


def _about(table: Table, asked: _Columns, names: Sequence[str]) -> tuple[Finding, ...]:
    """What was guessed about a table, and what nobody reads of it."""
    said, columns = asked.said, asked.names
    found = [Finding("table", note, (title(table),)) for note in notes(table)]
    if said.guessed:
        guessed = ", ".join(f"`{own}` is read as {name}" for name, own in said.guessed.items())
        hint = ",".join(f"{name}={said.columns[name]}" for name in names if name in said.columns)
        typed = f'"{hint}"' if " " in hint else hint
        message = f"{guessed}; to say it yourself: --columns {typed}"
        found.append(Finding("columns", message, (title(table),)))
    if names[0] == "text" and (unused := column_names.unused_texts(table, columns)):
        which = ", ".join(f"`{name}`" for name in unused)
        message = f"there are texts that are not read, in the column {which}: only `{columns[0]}` is"
        found.append(Finding("unused_columns", message, (title(table),)))
    found += asked.splits.findings(title(table)) if asked.splits else []
    return (*found, *unread(table, columns))


def _anywhere(row: str, file_name: str) -> Placed:
    path = path_of(file_name).expanduser()
    return path.as_posix(), path, unusable(path, Path(path.anchor or "."))
