"""How the values of a set of masks are called: decided once over all of them, and told where it was guessed.

Names are those of `classes.txt`. Without it, a value is called by its number, and a set whose masks are all
black and white has a background and a foreground; if any mask is coloured, all are read as colours, called
`#rrggbb`. A value 255 that has no name is unknown where the others are small numbers, as in Pascal VOC; where
greys are spread over the byte it is one of them. Soft edges and loss: `peaks.py`. Numbers of objects:
`objects.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import DataError
from ...types import Finding
from ..answers.masks import IGNORED
from ..listing import shown
from .class_names import ClassNames
from .counts import Counted, Total, counted, together, written
from .files import WHITE, Kind
from .objects import BACKGROUND, OBJECT, count_objects, may_count
from .peaks import Peaks, soft

_DEEP_WHITE = 65_535
_SMALL = 64
"""Values below it beside 255 are numbers of classes; greys that are spread over the byte go beyond."""
_UNEVEN = 3
"""How far a grey may be from its place in an even row."""
_KIND = "masks"
_FORCE = "--set masks=classes reads the values as classes"


@dataclass(frozen=True)
class Naming:
    """How the values of a set are called, and how its files are read."""

    names: Mapping[int, str] | None = None
    """None: each is called by itself."""
    coloured: bool = False
    said: str = ""
    """The end of the sentence about a value without a name."""
    kind: Kind = "values"
    peaks: Peaks | None = None
    """Where only these values are classes."""
    unknown: bool = True
    """Is a 255 without a name not known?"""
    ground: int | None = None
    """What is no object, where values count objects."""

    def name(self, value: int) -> str | None:
        """The name of a value, "" for one that is unknown, None where it has none."""
        if self.names is not None and value in self.names:
            return self.names[value]
        if not self.coloured and value == IGNORED and self.unknown:
            return ""
        if self.ground is not None:
            return BACKGROUND if value == self.ground else OBJECT
        if self.names is not None:
            return None
        return f"#{value:06x}" if self.coloured else str(value)


@dataclass(frozen=True)
class _Set:
    """All masks of a set, as they are read."""

    root: Path
    masks: list[Counted]
    total: Total
    kind: Kind

    @property
    def coloured(self) -> bool:
        return self.kind == "colours"

    @property
    def lossy(self) -> bool:
        return any(mask.plane.lossy for mask in self.masks)

    @property
    def values(self) -> list[int]:
        """The different values, but for the white of masks of bits, which is their second value."""
        spoken = [mask.values for mask in self.masks if not mask.plane.bilevel]
        bits = [mask.values for mask in self.masks if mask.plane.bilevel]
        if any(set(values.tolist()) - {0, WHITE} for values in spoken):
            bits = [values // WHITE for values in bits]
        every = np.concatenate([np.zeros(0, np.int64), *spoken, *bits])
        return [int(value) for value in np.unique(every)]


def naming_of(
    masks: Sequence[Path], root: Path, named: ClassNames | None, asked: str = "auto"
) -> tuple[Naming, list[Finding]]:
    """What the values of a set mean, and what a person should know of it.

    Args:
        masks: All files of the set.
        root: The data folder.
        named: What a file says of the names.
        asked: What was set for the option `masks`.

    Raises:
        DataError: the values are no classes: too many, without clear peaks, or changed by loss.
    """
    found, findings = _read(masks, root, named)
    peaks = _peaks(found, named)
    if peaks is not None:
        findings.append(_softened(found, peaks))
    if named is not None:
        naming, more = _given(found, named, peaks)
    elif asked != "classes" and (objects := _objects(found, peaks, asked)):
        naming, more = objects
    else:
        naming, more = _guessed(found, peaks)
        if asked == "auto" and peaks is None and may_count(found.masks, _ground(found)):
            more.append(Finding(_KIND, _MAYBE))
    return naming, [*findings, *more, *_unknown(found, naming)]


_MAYBE = (
    "the values of the masks may be numbers of objects instead of classes: nearly each lies in one area; "
    "if they are, --set masks=instances reads them as object and background"
)


def _read(masks: Sequence[Path], root: Path, named: ClassNames | None) -> tuple[_Set, list[Finding]]:
    """The masks, read as what of them is the mask."""
    found = counted(masks, root, "values")
    findings = list[Finding]()
    kind: Kind = "values"
    veiled = [mask for mask in found if mask.plane.veiled]
    if veiled and len(veiled) >= len(found) / 2:
        kind = "alpha"
        said = (
            "the masks are read from the transparency (alpha) of their files: all else is one colour, "
            "or the picture"
        )
        findings.append(Finding(_KIND, said, _shown(veiled, root)))
    elif named.coloured if named is not None else any(mask.plane.coloured for mask in found):
        kind = "colours"
    elif named is None and _palettes_differ(found):
        kind = "colours"
        said = "the masks are read as colours: the same index has another colour in another file"
        findings.append(Finding(_KIND, said))
    elif any(mask.plane.fractions for mask in found):
        kind = "parts"
    if kind != "values" and not (kind == "colours" and all(mask.plane.coloured for mask in found)):
        found = counted(masks, root, kind)
    usable = [mask for mask in found if mask.plane.coloured == (kind == "colours")]
    return _Set(root, usable, together(usable), kind), findings


def _palettes_differ(masks: Sequence[Counted]) -> bool:
    """Has one index two colours?"""
    seen: dict[int, int] = {}
    return any(
        seen.setdefault(index, colour) != colour
        for mask in masks
        for index, colour in mask.plane.palette.items()
    )


def _peaks(found: _Set, named: ClassNames | None) -> Peaks | None:
    """The values that are classes where edges are soft; None where all are.

    Raises:
        DataError: nobody can tell which are.
    """
    values = set(found.values)
    if len(values) < 2 or (named is not None and not found.lossy and values <= {*named.names, IGNORED}):
        return None
    peaks = soft(found.total, found.lossy, found.coloured)
    if peaks is None or set(peaks.values) == values:
        return None
    if peaks.clear:
        return peaks
    worst = max(found.masks, key=lambda mask: mask.different)
    name = shown(worst.path, found.root)
    commonest = written(found.total.shares(), found.coloured)
    if found.lossy:
        name = shown(next(mask.path for mask in found.masks if mask.plane.lossy), found.root)
        raise DataError(
            f"the mask {name} is saved with loss, and its classes cannot be told apart any more: the masks "
            f"hold {len(values)} different values, the commonest are {commonest}",
            "export the masks as PNG again; to convert the files would not bring the lost values back",
        )
    kind = "colours" if found.coloured else "values"
    raise DataError(
        f"the mask {name} holds {worst.different} different {kind}, the masks {len(values)}, and no few of "
        f"them are clearly the classes: the commonest are {commonest}",
        _hint(found.coloured),
    )


def _hint(coloured: bool) -> str:
    what = "a mask that was saved with loss" if coloured else "numbers of objects instead of classes"
    return (
        f"a photograph, {what}, or soft edges? Give masks whose values are classes (PNG, resized without "
        "smoothing); where values count objects, --set masks=instances"
    )


def _softened(found: _Set, peaks: Peaks) -> Finding:
    """What is told of soft edges."""
    changed = [mask for mask in found.masks if not set(mask.values.tolist()) <= set(peaks.values)]
    spelled = ", ".join(f"#{one:06x}" if peaks.coloured else str(one) for one in peaks.values)
    how = "pixels between them take the nearest"
    if peaks.limit is not None:
        how = f"background up to {peaks.limit}, foreground above"
    return Finding(
        _KIND,
        f"{len(changed)} of {len(found.masks)} masks have soft edges or were saved with loss: "
        f"{len(found.total.values)} different values are read as {len(peaks.values)} ({spelled}); {how}; "
        f"{100 * peaks.share:.1f} % of the pixels are in between",
        _shown(changed, found.root),
    )


def _given(found: _Set, named: ClassNames, peaks: Peaks | None) -> tuple[Naming, list[Finding]]:
    """The names of a file, by value or by rank."""
    names, values = dict(named.names), list(peaks.values) if peaks else found.values
    count = f"{len(names)} {'class' if len(names) == 1 else 'classes'}"
    said = f"{named.file} names {count}"
    naming = Naming(names, named.coloured, said, found.kind, peaks)
    if set(values) <= {*names, IGNORED} and not (names.keys() == {0, 1} and _white(values)):
        return naming, []
    numbered = not named.coloured and sorted(names) == list(range(len(names))) == list(range(len(values)))
    if numbered and (peaks is not None or _even(values)):
        ranked = {**names, **{value: names[rank] for rank, value in enumerate(values)}}
        pairs = ", ".join(f"{value} {names[rank]}" for rank, value in enumerate(values))
        message = f"the values of the masks are those of {named.file} spread over the byte: {pairs}"
        findings = [Finding(_KIND, message)] if len(values) > 2 else []
        return Naming(ranked, False, said, found.kind, peaks), findings
    if names.keys() == {0, 1} and not named.coloured and set(values) == {WHITE}:
        return Naming({**names, WHITE: names[1]}, False, said, found.kind, peaks), []
    if peaks is not None and (extra := [one for one in values if naming.name(one) is None]):
        spelled = ", ".join(f"#{one:06x}" if named.coloured else str(one) for one in extra)
        raise DataError(
            f"{said}, but the masks hold other values clearly: {spelled}",
            f"name all values in {named.file}: one `value name` a line",
        )
    return naming, []


def _white(values: Sequence[int]) -> bool:
    """Black and white only, and some white?"""
    return set(values) <= {0, WHITE} and WHITE in values


def _even(values: Sequence[int]) -> bool:
    """Are the values spread evenly from 0 to white?"""
    if len(values) < 2 or values[0] != 0 or values[-1] not in (WHITE, WHITE - 1, _DEEP_WHITE):
        return False
    step = values[-1] / (len(values) - 1)
    near = _UNEVEN * max(1, values[-1] // WHITE)
    return step >= 2 * near and all(abs(one - rank * step) <= near for rank, one in enumerate(values))


def _ground(found: _Set) -> int:
    """The value of what is no object."""
    values = found.values
    return 0 if 0 in values or not values or not found.coloured else next(iter(found.total.shares()))


def _objects(found: _Set, peaks: Peaks | None, asked: str) -> tuple[Naming, list[Finding]] | None:
    """Object and background, where values count objects or are said to."""
    ground = _ground(found)
    if asked != "instances" and (peaks is not None or not count_objects(found.masks, ground)):
        return None
    values = found.values
    unknown = IGNORED in values and IGNORED - 1 not in values and not _white(values)
    why = "it was asked" if asked == "instances" else "each lies in one area, and pictures have other counts"
    message = (
        f"the values of the masks count objects ({why}): {len(values)} different values are read as "
        f"{BACKGROUND} and {OBJECT}; {_FORCE}"
    )
    return Naming(None, found.coloured, "", found.kind, peaks, unknown, ground), [Finding(_KIND, message)]


def _guessed(found: _Set, peaks: Peaks | None) -> tuple[Naming, list[Finding]]:
    """What follows from the values alone."""
    values = list(peaks.values) if peaks else found.values
    if found.coloured:
        return Naming(None, True, "", found.kind, peaks), []
    if peaks is not None and len(peaks.values) == 2:
        low, high = peaks.values
        return Naming({low: BACKGROUND, high: "foreground"}, False, "", found.kind, peaks), []
    if _white(values):
        return Naming({0: BACKGROUND, WHITE: "foreground"}, False, "", found.kind), []
    if values == [0, _DEEP_WHITE]:
        return Naming({0: BACKGROUND, _DEEP_WHITE: "foreground"}, False, "", found.kind), []
    if IGNORED in values and not _are_small(values):
        message = (
            "the value 255 is read as a class, as the others are greys; if it is not, name the others in "
            "classes.txt"
        )
        return Naming(None, False, "", found.kind, peaks, unknown=False), [Finding(_KIND, message)]
    return Naming(None, False, "", found.kind, peaks), []


def _are_small(values: Sequence[int]) -> bool:
    """Are the values beside 255 numbers of classes, and no greys that are spread over the byte?"""
    others = [one for one in values if one != IGNORED]
    if max(others, default=0) >= IGNORED - 1:
        return False
    return max(others, default=0) <= _SMALL or not (_even(values) or len(values) <= 3)


def _unknown(found: _Set, naming: Naming) -> list[Finding]:
    """What is told of pixels that are not known."""
    share = found.total.shares().get(IGNORED, 0.0)
    if naming.name(IGNORED) != "" or not share or IGNORED not in found.values:
        return []
    message = (
        f"the value 255 is taken as unknown: {100 * share:.1f} % of the pixels are neither learned nor "
        "measured"
    )
    return [Finding(_KIND, f"{message}; name it in classes.txt if it is a class")]


def _shown(masks: Sequence[Counted], root: Path) -> tuple[str, ...]:
    return tuple(shown(mask.path, root) for mask in masks)
