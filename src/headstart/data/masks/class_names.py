"""What the values or colours of masks are called: the file `classes.txt`, one class a line.

    background          value 0         one name a line: line i, from 0, names value i
    7 road              value 7         every line begins with its value
    #80ff00 tree        a colour        every line begins with its colour, as #rrggbb ...
    128 255 0 tree      a colour        ... or as red, green and blue

Two values may have one name: they are one class. What tools write beside masks is read too: `labelmap.txt`
(`tree:128,255,0::`), `class_dict.csv` (columns name, r, g, b) and, there or in the folder of a split,
`_classes.csv` (columns Pixel Value, Class).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import DataError
from ..answers.masks import MOST_CLASSES
from ..listing import entries, split_of, unusable
from ..strings import encoded, examine_text, lines

FILES = ("classes.txt", "labelmap.txt", "class_dict.csv", "_classes.csv")
_COLUMNS = (("name", "r", "g", "b"), ("pixel value", "class"))
"""Of tables that name colours, or values."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{6})[\s,:;=]+(\S.*)")
_RGB = re.compile(r"(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[\s,:;=]+(\S.*)")
_VALUE = re.compile(r"(\d{1,5})[\s,:;=]+(\S.*)")
_LABELMAP = re.compile(r"([^:]*\S[^:]*):\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(:.*)?")


@dataclass(frozen=True)
class ClassNames:
    """The names in a file."""

    file: str
    """What messages call it."""
    names: Mapping[int, str]
    """By value, or by colour as the number 0xrrggbb."""
    coloured: bool = False


def read_class_names(root: Path) -> ClassNames | None:
    """The names of a data set's classes, or None where no file at its top says them.

    Raises:
        DataError: the file cannot be read, names nothing or too much, or names one value twice.
    """
    inner = [path / FILES[3] for path in entries(root) if path.is_dir() and split_of(path.name)]
    for path in (*(root / name for name in FILES), *inner):
        name = path.name
        if path.is_file() and unusable(path, root) is None:
            if path.suffix == ".csv" and _table(path) is None:  # it may be about something else
                continue
            found = _table(path) or (_labelmap(path) if name == FILES[1] else _classes(path))
            if len(found.names) > MOST_CLASSES:
                raise DataError(
                    f"`{name}` names {len(found.names)} classes; expected at most {MOST_CLASSES}",
                    "join some classes into one: several values may have the same name",
                )
            return found
    return None


def _table(path: Path) -> ClassNames | None:
    """The names in a table of colours or values; None where its columns are others."""
    if path.suffix != ".csv":
        return None
    (_, head), *rows = [(number, line.split(",")) for number, line in _said(path)]
    columns = tuple(cell.strip().strip('"').lower() for cell in head)
    if columns not in _COLUMNS:
        return None
    coloured = columns == _COLUMNS[0]
    pairs = []
    for number, row in rows:
        cells = [cell.strip().strip('"') for cell in row]
        name, numbers = (cells[0], cells[1:]) if coloured else (cells[-1], cells[:1])
        if len(cells) != len(columns) or not name or not all(one.isdecimal() for one in numbers):
            raise DataError(f"`{path.name}` line {number} is not {', '.join(columns)}", "write it so")
        value = _packed(tuple(numbers)) if coloured else int(numbers[0])
        pairs.append((number, None if value is None else (value, name)))
    return _named(path, pairs, coloured)


def _classes(path: Path) -> ClassNames:
    said = _said(path)
    if any(_COLOUR.fullmatch(line) for _, line in said):
        return _named(path, [(number, _hexadecimal(line)) for number, line in said], True)
    if all(_RGB.fullmatch(line) for _, line in said):
        return _named(path, [(number, _rgb(line)) for number, line in said], True)
    if all(_VALUE.fullmatch(line) for _, line in said):
        return _named(path, [(number, _value(line)) for number, line in said], False)
    return _named(path, [(number, (number - 1, line)) for number, line in said], False)


def _labelmap(path: Path) -> ClassNames:
    said = [(number, line) for number, line in _said(path) if not line.startswith("#")]
    pairs = []
    for number, line in said:
        match = _LABELMAP.fullmatch(line)
        colour = _packed(match.group(2, 3, 4)) if match else None
        pairs.append((number, None if match is None or colour is None else (colour, match[1].strip())))
    return _named(path, pairs, True)


def _said(path: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1."""
    said = [(number, line.strip()) for number, line in lines(path) if line.strip()]
    for number, line in said:
        if reason := examine_text(encoded(line)):
            raise DataError(f"`{path.name}` line {number}: {reason}", "save it as plain text in UTF-8")
    if not said:
        raise DataError(f"`{path.name}` names no classes", "write one name a line, or remove the file")
    return said


def _named(path: Path, pairs: list[tuple[int, tuple[int, str] | None]], coloured: bool) -> ClassNames:
    names: dict[int, str] = {}
    for number, pair in pairs:
        if pair is None:
            raise DataError(
                f"`{path.name}` line {number} has no colour, though other lines have one",
                "begin every line with its colour: #rrggbb name (in labelmap.txt: name:red,green,blue::)",
            )
        value, name = pair
        if names.setdefault(value, name) != name:
            what = f"colour #{value:06x}" if coloured else f"value {value}"
            raise DataError(
                f"`{path.name}` names the {what} twice: {names[value]} and {name}", "remove one of the lines"
            )
    return ClassNames(path.name, names, coloured)


def _hexadecimal(line: str) -> tuple[int, str] | None:
    match = _COLOUR.fullmatch(line)
    return (int(match[1], 16), match[2]) if match else None


def _rgb(line: str) -> tuple[int, str] | None:
    match = _RGB.fullmatch(line)
    colour = _packed(match.group(1, 2, 3)) if match else None
    return None if match is None or colour is None else (colour, match[4])


def _value(line: str) -> tuple[int, str] | None:
    match = _VALUE.fullmatch(line)
    return (int(match[1]), match[2]) if match else None


def _packed(parts: tuple[str, ...]) -> int | None:
    red, green, blue = map(int, parts)
    return None if max(red, green, blue) > 255 else (red << 16) + (green << 8) + blue
