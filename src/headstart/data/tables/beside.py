"""Tables and annotation files beside folders of pictures: read where they have our columns, else told.

train.csv  train/0a1b.jpg                   columns file_name, label; or others, mapped with --columns
labels.csv  images/1.jpg

A cell names a file by its path, by its name, or by its name without suffix, as long as that is one file.

Notation: n files, m rows that are looked at.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ...errors import DataError
from ...types import Finding, Source
from ..folders.roles import is_holder, splits_of
from ..folders.tree import Node
from ..listing import NO_FILE, Listing, joined, shown, unusable
from ..reading import Reading
from .column_names import USUAL, is_plural, plain
from .metadata import METADATA
from .one_hot import nearly_one_hot
from .records import SUFFIXES, header, records, shown_names, stem_of, suffix_of
from .rows import has_all, has_columns, read_rows

FILES = ("file_name", "label")
_ROWS = 100
_LABELS = (
    "label",
    "labels",
    "class",
    "classes",
    "category",
    "target",
    "breed",
    "species",
    "diagnosis",
    "type",
)
_SUBMISSION = "submission"
_ANNOTATIONS = (".json", ".xml")
_LONG = 20_000_000
_START = 1 << 16
"""Bytes of a JSON file that tell whether it says something about images."""


@dataclass(frozen=True)
class Names:
    """A table that names files of the folder."""

    path: Path
    columns: tuple[str, ...]
    files: str
    """The column that does."""
    label: str | None
    """The column that looks like their labels."""
    agrees: bool
    """Are the labels the folders that the files lie in?"""
    headless: bool = False
    """Does its first line name a file, like the others?"""
    bits: tuple[str, ...] = ()
    """Columns of 0 and 1 that look like a label each."""

    @property
    def mapping(self) -> str:
        """What to type for it to be read."""
        return f"--columns file_name={self.files},label={self.label or 'NAME'}"

    @property
    def advice(self) -> str:
        """What to do for it to be read."""
        name = self.path.name
        if self.headless:
            return f"{name} has no header: add a first line that names the columns, file_name,label"
        if self.label is None and self.bits:
            names = shown_names(self.bits)
            return f"{name} has a column of 0 and 1 for each label ({names}): write one column label instead"
        typed = f"{self.mapping} reads {name}"
        if self.label is not None and is_plural(self.label):
            return f"{typed}, if `{self.label}` holds one label a picture: several are not learned"
        return typed if self.label else f"{typed}, where NAME is the column of their labels"


def tables(node: Node, root: Path) -> list[Path]:
    """The tables beside the folders, or in one that is called as folders of pictures are.

    A competition's `sample_submission.csv` says nothing, and a metadata file is read elsewhere.
    """
    inside = [path for below in node.folders if is_holder(below.name) for path in below.files]
    said = (
        path
        for path in (*node.files, *inside)
        if not stem_of(path).lower().endswith(_SUBMISSION) and path.name.lower() not in METADATA
    )
    found = [path for path in said if _may_be_table(path) and not unusable(path, root)]
    return [path for path in found if suffix_of(path) in SUFFIXES] or found


def read_beside(node: Node, root: Path, reading: Reading, guessed: bool = False) -> Listing | None:
    """The rows of the tables that have our columns, or others that are meant where these may be guessed.

    None where there is no such table.

    Raises:
        DataError: there are several, and their names do not say of which split they are.
    """
    there = tables(node, root)
    found = [path for path in there if has_all(path, FILES, reading)]
    if not found and guessed:
        files = _Index(node, root)
        found = [path for path in there if has_columns(path, FILES, reading) and _naming(path, files)]
    if not found:
        return None
    said = splits_of([stem_of(path) for path in found]) if len(found) > 1 else {}
    splits = [said.get(stem_of(path)) for path in found]
    if len(found) > 1 and None in splits:
        names = ", ".join(path.name for path in found)
        raise DataError(f"expected one table with {' and '.join(FILES)}, found {names}", "remove all but one")
    listings = [_read(path, node, root, reading, split) for path, split in zip(found, splits, strict=True)]
    listing = joined(listings)
    titles = ", ".join(path.name for path in found)
    return replace(listing, layout=f"files named in {titles}")


def _may_be_table(path: Path) -> bool:
    """Is its name that of a table? JSON may be anything else, and is read as a whole: no long one."""
    suffix = suffix_of(path)
    return suffix in SUFFIXES or (suffix == ".json" and path.stat().st_size < _LONG)


def naming(node: Node, root: Path) -> list[Names]:
    """The tables beside the folders whose cells are names of files in them."""
    files = _Index(node, root)
    found = (_naming(path, files) for path in tables(node, root))
    return [one for one in found if one is not None]


def annotation_files(node: Node, root: Path) -> list[Path]:
    """Files of JSON about images, and folders of XML or JSON, at the top or one folder below."""
    inside = [*node.files, *(path for below in node.nodes for path in below.files)]
    known = [path for path in inside if path.suffix.lower() in _ANNOTATIONS and not unusable(path, root)]
    return [path for path in known if _is_about_images(path)]


class _Index:
    """Files by what a cell may call them."""

    def __init__(self, node: Node, root: Path) -> None:
        self.node, self.root = node, root
        self.moved = 0
        """Cells of another machine's paths whose file was found by its name."""
        self.by_name: dict[str, list[Path]] = {}
        self.in_any_case: dict[str, list[Path]] = {}
        for path in node.every():
            if path.suffix.lower() in (*SUFFIXES, ".json", ".xml", ".md"):
                continue
            for name in {path.relative_to(node.path).as_posix(), path.name, path.stem}:
                self.by_name.setdefault(_plain(name), []).append(path)
                self.in_any_case.setdefault(_plain(name).casefold(), []).append(path)

    def of(self, cell: str, home: str = "") -> list[Path]:
        """The files that a cell may mean; rather those in the folder `home` at the top."""
        name = _plain(cell.strip().replace("\\", "/").removeprefix("./"))
        found = self.by_name.get(name) or self.in_any_case.get(name.casefold(), [])
        near = [path for path in found if path.relative_to(self.node.path).parts[0].lower() == home.lower()]
        if not found and _is_elsewhere(name):
            # made on another machine: the file is the only one of its name
            alone = self.by_name.get(name.rpartition("/")[2], [])
            found = alone if len(alone) == 1 else []
            self.moved += bool(found)
        return near or found


def _is_elsewhere(name: str) -> bool:
    """Is it an absolute path, of any system?"""
    return name.startswith("/") or name[1:3] == ":/"


def _plain(name: str) -> str:
    """The one Unicode form of a name: systems write them in several."""
    return unicodedata.normalize("NFC", name)


def _read(table: Path, node: Node, root: Path, reading: Reading, split: str | None) -> Listing:
    files = _Index(node, root)

    def place(row: str, cell: str) -> tuple[str, Source, str | None]:
        found = files.of(cell, table.stem)
        if len(found) > 1:
            return cell, b"", f"{len(found)} files are called so, such as {shown(found[0], root)}"
        if not found:
            return cell, b"", NO_FILE
        return shown(found[0], root), found[0], unusable(found[0], root)

    listing = read_rows(table, FILES, place, reading, split)
    if not files.moved:
        return listing
    what = f"{files.moved} cells of {table.name} are paths of another machine"
    message = f"{what}: the only file of that name is meant"
    return replace(listing, findings=(*listing.findings, Finding("found_files", message, (table.name,))))


def _naming(table: Path, files: _Index) -> Names | None:
    try:
        columns = list(dict.fromkeys(header(table)))
        rows = [row.cells for row in islice(records(table, columns), _ROWS) if row.reason is None]
    except DataError:
        return None
    meant = [[files.of(str(row[place]), table.stem) for row in rows] for place in range(len(columns))]
    shares = [sum(map(bool, found)) for found in meant]
    if not rows or 2 * max(shares) <= len(rows):
        return None
    place = shares.index(max(shares))
    label = _label(columns, place, rows)
    pairs = [(row, found[0]) for row, found in zip(rows, meant[place], strict=True) if found]
    said = [] if label is None else [(str(row[columns.index(label)]).strip(), path) for row, path in pairs]
    rest = [name for name in nearly_one_hot(table) if name != columns[place]]
    return Names(
        table,
        tuple(columns),
        columns[place],
        label,
        _agree(said),
        headless=_is_headless(columns[place], files),
        bits=tuple(rest) if len(rest) > 1 else (),
    )


def _is_headless(column: str, files: _Index) -> bool:
    """Is the name of a column itself that of a file, and none that columns have?"""
    return plain(column) not in ("filename", *USUAL["file_name"]) and bool(files.of(column))


def _label(columns: Sequence[str], files: int, rows: Sequence[tuple[object, ...]]) -> str | None:
    """The column that looks like labels: by its name, else the only other one if its values repeat."""
    others = [name for place, name in enumerate(columns) if place != files]
    named = [name for name in others if name.strip().lower() in _LABELS]
    if named:
        return named[0]
    if len(others) != 1:
        return None
    counts = Counter(row[columns.index(others[0])] for row in rows)
    return others[0] if 2 * len(counts) <= len(rows) else None


def _agree(said: Sequence[tuple[str, Path]]) -> bool:
    """Are the labels those of the folders, or do they divide the files in the same way, as 0 and 1 would?"""
    named = sum(label.casefold() in {part.casefold() for part in path.parts} for label, path in said)
    both = {(label, path.parent.name) for label, path in said}
    labels, folders = ({pair[side] for pair in both} for side in (0, 1))
    return 2 * named > len(said) or len(both) == len(labels) == len(folders) > 1


def _is_about_images(path: Path) -> bool:
    """Is it JSON with COCO's lists or a name of an image, or XML with boxes? Looks at its beginning."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_START)
    except OSError:
        return False
    signs = (b'"annotations"', b'"images"', b'"imagePath"', b'"regions"', b'"shapes"', b"<annotation")
    return any(sign in start for sign in signs)


def told(names: Iterable[Names]) -> str:
    """The tables with their columns, for an error."""
    return "; ".join(f"{one.path.name} has the columns {shown_names(one.columns)}" for one in names)
