"""Pairs of an image and its mask file become rows: values become names, whatever way a set writes them.

Names are those of `classes.txt`. Without it, a value is called by its number, and a set whose masks are all
black and white has a background and a foreground; if any mask is coloured, all are read as colours, called
`#rrggbb`. A value 255 that has no name is unknown, but it is the second of two names where all masks are
black and white.

Masks are read one at a time in each thread, and only their answers are kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..types import Dropped, Row
from .class_names import ClassNames
from .listing import Listing, shown, unusable
from .mask_files import WHITE, Plane, Unusable, lying, read_plane, upright, values_in
from .masks import IGNORED, MOST_CLASSES, Mask, as_answer, names_in
from .parallel import each, stream

_SHOWN_VALUES = 3
_WIDEST = 65_535
"""Values up to here are looked up in a table; colours are too many for one."""


@dataclass(frozen=True)
class Pair:
    """An image and its mask, both inside the data folder."""

    image: Path
    mask: Path
    split: str | None = None


@dataclass(frozen=True)
class _Naming:
    """How the values of a set are called."""

    names: Mapping[int, str] | None
    """None: each is called by itself."""
    coloured: bool
    said: str = ""
    """The end of the sentence about a value without a name."""

    def name(self, value: int) -> str | None:
        """The name of a value, "" for one that is unknown, None where it has none."""
        if self.names is not None and value in self.names:
            return self.names[value]
        if not self.coloured and value == IGNORED:
            return ""
        if self.names is not None:
            return None
        return f"#{value:06x}" if self.coloured else str(value)


def rows_of(pairs: Sequence[Pair], root: Path, named: ClassNames | None) -> Listing:
    """The rows of a set of pairs, in their order; what cannot be used is left out with its reason.

    Raises:
        DataError: a mask was saved with loss, or the masks of the set hold too many different values.
    """
    naming = _naming([pair.mask for pair in pairs], root, named)
    found = each(lambda pair: _row(pair, root, naming), pairs)
    rows = tuple(item for item in found if isinstance(item, Row))
    count = len(names_in(row.label for row in rows))
    if count > MOST_CLASSES:
        raise _too_many(f"the masks hold {count} different values", naming.coloured)
    return Listing(rows, tuple(item for item in found if isinstance(item, Dropped)))


def _naming(masks: Sequence[Path], root: Path, named: ClassNames | None) -> _Naming:
    """The names that were given, or those that follow from all masks of the set."""
    if named is None:
        if any(plane.coloured for plane in _planes(masks, root)):
            return _Naming(None, True)
        white = _black_and_white(masks, root)
        return _Naming({0: "background", WHITE: "foreground"} if white else None, False)
    names = dict(named.names)
    if not named.coloured and set(names) == {0, 1} and _black_and_white(masks, root):
        names[WHITE] = names[1]
    return _Naming(names, named.coloured, _said(named))


def _said(named: ClassNames) -> str:
    return f"{named.file} names {len(named.names)} {'class' if len(named.names) == 1 else 'classes'}"


def _black_and_white(masks: Sequence[Path], root: Path) -> bool:
    """Is there white in the masks, and nothing else but black? Few are opened where there is."""
    seen: set[int] = set()
    for plane in _planes(masks, root):
        seen.update(values_in(plane).tolist())
        if not seen <= {0, WHITE}:
            return False
    return WHITE in seen


def _planes(masks: Sequence[Path], root: Path) -> Iterator[Plane]:
    """Those that can be read; the others are left out, with their reasons, when they are read for good."""

    def look(mask: Path) -> Plane | None:
        try:
            return None if unusable(mask, root) else read_plane(mask, root)
        except Unusable:
            return None

    found = stream(look, masks, os.cpu_count() or 1)
    return (plane for plane in found if plane is not None)


def _row(pair: Pair, root: Path, naming: _Naming) -> Row | Dropped:
    name, mask = shown(pair.image, root), shown(pair.mask, root)
    if reason := unusable(pair.image, root):
        return Dropped(name, reason)
    if reason := unusable(pair.mask, root):
        return Dropped(name, f"{mask}: {reason}")
    try:
        plane = read_plane(pair.mask, root, naming.coloured)
    except Unusable as error:
        return Dropped(name, f"{mask}: {error}")
    picture = lying(pair.image)
    lain = plane if picture is None else upright(plane, picture)
    if lain is None:
        height, width = plane.values.shape
        sides = "{} x {}".format(*picture.upright) if picture else ""
        return Dropped(name, f"{mask} is {width} x {height}, and {name} {sides}")
    try:
        return Row(name, pair.image, _answer(lain, naming, mask), pair.split)
    except Unusable as error:
        return Dropped(name, str(error))


def _answer(plane: Plane, naming: _Naming, mask: str) -> str:
    """The answer of a plane; raises Unusable where it has a value without a name."""
    if plane.bilevel and naming.name(WHITE) == "":
        plane = replace(plane, values=plane.values // np.uint8(WHITE))
    values = values_in(plane)
    if naming.names is None and len(values) > MOST_CLASSES + 1:
        kind = "colours" if plane.coloured else "values"
        raise _too_many(f"the mask {mask} holds {len(values)} different {kind}", plane.coloured)
    if plane.coloured and not naming.coloured:
        unnamed = values.tolist()
    else:
        unnamed = [value for value in values.tolist() if naming.name(value) is None]
    if unnamed:
        raise Unusable(_nameless(unnamed, plane.coloured, mask, naming.said))
    classes = sorted({name for value in values.tolist() if (name := naming.name(value))})
    numbers = [classes.index(name) if (name := naming.name(value)) else IGNORED for value in values.tolist()]
    return as_answer(_replaced(plane, values, np.array(numbers, dtype=np.uint8)), classes)


def _replaced(plane: Plane, values: NDArray[np.int64], numbers: Mask) -> Mask:
    """(h, w) the number of each value; `numbers` are those of the sorted `values`."""
    if values[0] < 0 or values[-1] > _WIDEST:
        return numbers[np.searchsorted(values, plane.values.astype(np.int64))]
    table = np.zeros(int(values[-1]) + 1, np.uint8)
    table[values] = numbers
    return table.take(plane.values)


def _nameless(values: Sequence[int], coloured: bool, mask: str, said: str) -> str:
    """Why a mask is left out whose values have no names."""
    written = [f"#{value:06x}" if coloured else str(value) for value in values]
    more = len(written) - _SHOWN_VALUES
    kind = ("colour" if coloured else "value") + ("s" if len(written) > 1 else "")
    rest = f" and {more} more" if more > 0 else ""
    return f"{mask} holds the {kind} {', '.join(written[:_SHOWN_VALUES])}{rest}, and {said}"


def _too_many(what: str, coloured: bool) -> DataError:
    if coloured:
        hint = (
            "a photograph, or a mask that was saved with loss? Export the masks as PNG, or name the colours"
        )
    else:
        hint = "a photograph, or numbers of objects instead of classes? Give masks whose values are classes"
    return DataError(f"{what}; expected at most {MOST_CLASSES} classes", hint)
