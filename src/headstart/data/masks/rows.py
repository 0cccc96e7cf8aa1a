"""Pairs of an image and its mask file become rows: values become names, whatever way a set writes them.

What the values mean is decided over all masks of the set (`naming.py`). Masks are read one at a time in
each thread, and only their answers are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError
from ...parallel import each
from ...types import Dropped, Finding, Row
from ..answers.masks import IGNORED, MOST_CLASSES, Mask, as_answer, names_in
from ..listing import Listing, shown, unusable
from ..reading import PLAIN, Reading
from .class_names import ClassNames
from .files import WHITE, Plane, Unusable, lying, read_plane, upright, values_in
from .naming import Naming, naming_of
from .objects import MASKS

_SHOWN_VALUES = 3
_FEW = 3
"""So many masks may be the same by chance."""
_WIDEST = 65_535
"""Values up to here are looked up in a table; colours are too many for one."""


@dataclass(frozen=True)
class Pair:
    """An image and its mask, both inside the data folder."""

    image: Path
    mask: Path
    split: str | None = None
    group: str | None = None


def rows_of(pairs: Sequence[Pair], root: Path, named: ClassNames | None, reading: Reading = PLAIN) -> Listing:
    """The rows of a set of pairs, in their order; what cannot be used is left out with its reason.

    Raises:
        DataError: the values are no classes, are too many, or most masks have one without a name.
    """
    naming, findings = naming_of([pair.mask for pair in pairs], root, named, MASKS.of(reading.options))
    found = each(lambda pair: _row(pair, root, naming), pairs)
    rows = tuple(item for item in found if isinstance(item, Row))
    _require_named(found, len(rows), naming)
    classes = names_in(row.label for row in rows)
    if len(classes) > MOST_CLASSES:
        raise _too_many(f"the masks hold {len(classes)} different values", naming.coloured)
    if len(classes) == 1 and len(rows) > 1:
        message = f"all masks hold one class only, `{classes[0]}`: nothing can be told apart"
        findings.append(Finding("masks", message))
    elif len(rows) > _FEW and len({row.label for row in rows}) == 1:
        message = f"all {len(rows)} masks are the same, so they say nothing about the pictures"
        findings.append(Finding("masks", message))
    dropped = tuple(item.dropped for item in found if isinstance(item, _Left))
    return Listing(rows, dropped, tuple(findings))


@dataclass(frozen=True)
class _Left:
    """A pair that is left out, and the values of its mask that have no name."""

    dropped: Dropped
    nameless: tuple[int, ...] = ()


class _Nameless(Unusable):
    """A mask has values without a name."""

    def __init__(self, reason: str, values: Sequence[int]) -> None:
        super().__init__(reason)
        self.values = tuple(values)


def _require_named(found: Sequence[Row | _Left], rows: int, naming: Naming) -> None:
    """Raises DataError: most masks hold one value that has no name, so the list of names is not theirs."""
    counts = Counter(value for item in found if isinstance(item, _Left) for value in item.nameless)
    if not rows or not counts:
        return
    value, masks = counts.most_common(1)[0]
    if masks > len(found) / 2:
        written = f"#{value:06x}" if naming.coloured else str(value)
        raise DataError(
            f"{masks} of {len(found)} masks hold the value {written}, but {naming.said}, not this one",
            "name every value of the masks, one `value name` a line",
        )


def _row(pair: Pair, root: Path, naming: Naming) -> Row | _Left:
    name, mask = shown(pair.image, root), shown(pair.mask, root)
    if reason := unusable(pair.image, root):
        return _left(name, reason)
    if reason := unusable(pair.mask, root):
        return _left(name, f"{mask}: {reason}")
    try:
        plane = read_plane(pair.mask, root, naming.kind)
    except Unusable as error:
        return _left(name, f"{mask}: {error}")
    picture = lying(pair.image)
    lain = plane if picture is None else upright(plane, picture)
    if lain is None:
        height, width = plane.values.shape
        sides = "{} x {}".format(*picture.upright) if picture else ""
        return _left(name, f"{mask} is {width} x {height}, and {name} {sides}")
    try:
        return Row(name, pair.image, _answer(lain, naming, mask), pair.split, pair.group)
    except _Nameless as error:
        return _Left(Dropped(name, str(error)), error.values)
    except Unusable as error:
        return _left(name, str(error))


def _left(name: str, reason: str) -> _Left:
    return _Left(Dropped(name, reason))


def _answer(plane: Plane, naming: Naming, mask: str) -> str:
    """The answer of a plane; raises Unusable where it has a value without a name."""
    if plane.bilevel and naming.name(WHITE) == "":
        plane = replace(plane, values=plane.values // np.uint8(WHITE))
    if naming.peaks is not None and plane.coloured == naming.coloured:
        plane = replace(plane, values=naming.peaks.applied(plane.values))
    values = values_in(plane)
    most = MOST_CLASSES + (naming.name(IGNORED) == "")
    if naming.names is None and naming.ground is None and len(values) > most:
        kind = "colours" if plane.coloured else "values"
        raise _too_many(f"the mask {mask} holds {len(values)} different {kind}", plane.coloured)
    if plane.coloured and not naming.coloured:
        unnamed = values.tolist()
    else:
        unnamed = [value for value in values.tolist() if naming.name(value) is None]
    if unnamed:
        raise _Nameless(_nameless(unnamed, plane.coloured, mask, naming.said), unnamed)
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
            "a photograph, or a mask that was saved with loss? Export the masks as PNG, or name the colours; "
            "where colours count objects, --set masks=instances"
        )
    else:
        hint = (
            "a photograph, or numbers of objects instead of classes? Give masks whose values are classes; "
            "where they count objects, --set masks=instances"
        )
    return DataError(f"{what}; expected at most {MOST_CLASSES} classes", hint)
