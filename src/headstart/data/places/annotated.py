"""Pictures with the boxes that an annotation states, as rows: names merged, sizes compared, boxes checked.

Notation: n pictures, k names. A reader of a format gives one `Annotated` for each picture; what is the same
for all formats is done here.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import SupportsFloat

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IMAGELENGTH, IMAGEWIDTH, TiffImageFile

from ...errors import DataError
from ...parallel import each
from ...types import Dropped, Finding, Row
from ..answers.boxes import Corners, Mark, as_answer, checked
from ..images.decode import size_of
from ..label_names import cleaned
from ..listing import Listing, joined, split_of

FRACTIONS = (1.0, 1.0)
"""The size of any picture whose boxes are stated as fractions of its sides."""
_YEAR = re.compile(r"[_-]?\d{4}$")
_SIDEWAYS = (5, 6, 7, 8)
"""EXIF values that swap width and height."""
_BEYOND = 1.5
"""A fraction above it is none."""
_OVER = 0.05
"""How much of a side a box may reach beyond its picture without a word."""
_OFTEN = 0.2
"""Of the pictures, whose boxes reach beyond them until it is told."""
_LATE = (b"eXIf", b"Raw profile type", b"tiff:Orientation")
"""What announces an orientation in a PNG; it may stand behind the pixels."""


@dataclass(frozen=True)
class Annotated:
    """One picture, and what its annotation says."""

    path: Path
    name: str
    """What the user is shown."""
    split: str | None
    size: tuple[float, float] | None
    """Width and height as the annotation states them; None where it does not; or FRACTIONS."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class _Seen:
    """What the header of a picture says."""

    stored: tuple[int, int]
    orientation: int

    @property
    def upright(self) -> tuple[int, int]:
        width, height = self.stored
        return (height, width) if self.orientation in _SIDEWAYS else self.stored


def listed(pictures: Sequence[Annotated]) -> Listing:
    """The rows of the pictures; boxes and pictures that cannot be used are dropped, with reasons.

    Headers of the pictures are read, but not where the boxes are fractions.
    """
    measured, units = in_their_unit(pictures)
    spelled, findings = _spellings(measured)
    found = joined(each(lambda picture: _row(picture, spelled), measured))
    return Listing(found.rows, found.dropped, (*units, *findings, *_cut(measured)))


def in_their_unit(pictures: Sequence[Annotated]) -> tuple[list[Annotated], tuple[Finding, ...]]:
    """The pictures with pixels where fractions were expected, or the other way round, put right and told."""
    found = list(pictures)
    fractions = [one for one in found if one.size == FRACTIONS]
    wide = [max(map(abs, corners)) > _BEYOND for corners in _all_corners(fractions)]
    if sum(wide) > len(wide) / 2:
        message = f"{sum(wide)} of {len(wide)} boxes are no fractions of their pictures: read as pixels"
        found = [replace(one, size=None) if one.size == FRACTIONS else one for one in found]
        return found, (Finding("boxes", message),)
    pixels = _all_corners([one for one in found if one.size != FRACTIONS])
    small = [max(corners) <= 1 and not all(map(float.is_integer, map(float, corners))) for corners in pixels]
    if len(pixels) > 1 and sum(small) == len(small):
        message = f"all {len(small)} boxes are smaller than a pixel: read as fractions of their pictures"
        return [replace(one, size=FRACTIONS) for one in found], (Finding("boxes", message),)
    return found, ()


def _all_corners(pictures: Iterable[Annotated]) -> list[Corners]:
    return [mark.corners for picture in pictures for mark in picture.marks if mark.corners is not None]


def _cut(pictures: Sequence[Annotated]) -> tuple[Finding, ...]:
    """What is told where many boxes reach beyond their pictures: their numbers may mean something else."""
    sized = [(one, one.size or ((seen := _seen(one.path)) and seen.upright)) for one in pictures]
    beyond = list[str]()
    for picture, size in sized:
        corners = [mark.corners for mark in picture.marks if mark.corners is not None]
        if size and any(
            left < -_OVER * size[0]
            or top < -_OVER * size[1]
            or right > (1 + _OVER) * size[0]
            or bottom > (1 + _OVER) * size[1]
            for left, top, right, bottom in corners
        ):
            beyond.append(picture.name)
    marked = sum(bool(picture.marks) for picture in pictures)
    if len(beyond) <= max(1, _OFTEN * marked):
        return ()
    message = (
        f"boxes of {len(beyond)} of {marked} pictures reach beyond them and are cut at the edge: do the four "
        "numbers mean what this format says?"
    )
    return (Finding("boxes", message, tuple(beyond)),)


def placed(folder: str, name: str) -> str | None:
    """Where a name that stands in a file leads to, relative to the data folder; None where it leads outside.

    Nothing is looked at. The name may have been written on Windows.
    """
    place = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))
    return None if place == ".." or place.startswith(("../", "/")) else place


def split_written(name: str) -> str | None:
    """The split that a name means, such as `train` or `val2017`."""
    return split_of(_YEAR.sub("", name))


def _side(stated: object) -> float:
    return float(stated) if isinstance(stated, str | bytes | SupportsFloat) else 0.0


def stated_size(width: object, height: object) -> tuple[float, float] | None:
    """Width and height of an annotation; None where it has none, as some tools write zeros."""
    try:
        size = _side(width), _side(height)
    except (ValueError, OverflowError):
        return None
    return size if all(0 < side < float("inf") for side in size) else None


def printable(text: str) -> str:
    """A text without half a surrogate pair, which JSON can spell but no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _row(picture: Annotated, spelled: Mapping[str, str]) -> Listing:
    reference = _reference(picture)
    if isinstance(reference, str):
        return Listing(dropped=(Dropped(picture.name, reference),))
    marks = [mark._replace(name=spelled.get(mark.name, mark.name)) for mark in picture.marks]
    boxes, refused = checked(marks, *reference)
    row = Row(picture.name, picture.path, as_answer(boxes), picture.split)
    dropped = (Dropped(f"{picture.name} box {number}", reason) for number, reason in refused)
    return Listing((row,), tuple(dropped))


def _reference(picture: Annotated) -> tuple[tuple[float, float], int] | str:
    """The size that the boxes refer to and how they are turned, or why they fit to no picture."""
    if picture.size == FRACTIONS:
        return FRACTIONS, 1
    seen = _seen(picture.path)
    if seen is None:  # the picture is refused when it is decoded, with a better reason
        return (picture.size, 1) if picture.size else "no size is stated, and the image cannot be read"
    if picture.size is None or picture.size == seen.upright:
        return seen.upright, 1
    if picture.size == seen.stored:
        return picture.size, seen.orientation
    return f"annotated at {_by(picture.size)}, but the image is {_by(seen.upright)}"


def _by(size: tuple[float, float]) -> str:
    return f"{size[0]:g} x {size[1]:g}"


def _seen(path: Path) -> _Seen | None:
    """Size and orientation from the header; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            return _Seen(_stored(image), _orientation(image, path))
    except Exception:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        pass
    try:  # formats that Pillow alone does not know, which lie as they are shown
        return _Seen(size_of(path), 1)
    except (DataError, OSError):
        return None


def _stored(image: Image.Image) -> tuple[int, int]:
    """Width and height before anything is turned; of a TIFF, Pillow's own are turned already."""
    if isinstance(image, TiffImageFile):
        return int(image.tag_v2[IMAGEWIDTH]), int(image.tag_v2[IMAGELENGTH])
    return image.size


def _orientation(image: Image.Image, path: Path) -> int:
    if image.format == "PNG" and "exif" not in image.info:
        # Pillow decodes all of a PNG to look behind its pixels; that is rarely needed.
        content = path.read_bytes()
        if not any(sign in content for sign in _LATE):
            return 1
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF does not make a good picture unusable
        return 1


def _spellings(pictures: Iterable[Annotated]) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """For each name as it is stated the one to use; and what was merged."""
    counts = Counter(mark.name for picture in pictures for mark in picture.marks if mark.problem is None)
    alike: dict[str, Counter[str]] = defaultdict(Counter)
    for stated, count in counts.items():
        alike[cleaned(printable(stated)).casefold()][stated] += count
    spelled, merged = dict[str, str](), list[str]()
    for variants in alike.values():
        trimmed = Counter[str]()
        for stated, count in variants.items():
            trimmed[cleaned(printable(stated))] += count
        best = min(trimmed, key=lambda name: (-trimmed[name], name))
        spelled |= dict.fromkeys(variants, best)
        if len(variants) > 1:
            merged.append(f"{best}: {', '.join(f'{name!r} ({variants[name]})' for name in sorted(variants))}")
    if not merged:
        return spelled, ()
    what = "class is" if len(merged) == 1 else "classes are"
    message = f"{len(merged)} {what} spelled in several ways; merged into the commonest spelling"
    return spelled, (Finding("names", message, tuple(sorted(merged))),)
