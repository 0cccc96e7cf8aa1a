"""Boxes of one picture: the record, the text that carries them as an answer, and the checks.

Notation: n boxes; a corner is a fraction of the upright picture's width or height, 0..1, from the top left.

An answer is {"boxes":[["name",left,top,right,bottom],...]}: JSON without spaces, fractions rounded to six
decimals, boxes sorted, so that equal boxes are equal texts. A box of a model has its score as a sixth value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, SupportsFloat

from ...errors import DataError

DECIMALS = 6
"""A millionth of a side is far below a pixel."""
Corners = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Box(NamedTuple):
    """What is where in a picture, as fractions of its sides."""

    name: str
    left: float
    top: float
    right: float
    bottom: float
    score: float | None = None
    """How sure a model is, 0..1; None of a box that a person drew."""


class Mark(NamedTuple):
    """A box as an annotation states it, before anything is checked."""

    name: str
    corners: Corners | None
    """In the annotation's own unit; None where `problem` says why there are none."""
    problem: str | None = None


def as_answer(boxes: Iterable[Sequence[Any]]) -> str:
    """The boxes, (name, left, top, right, bottom) or with a score, as the text of an answer.

    Raises:
        ValueError: a number is not finite.
    """
    plain = ([box[0], *(_rounded(value) for value in box[1:] if value is not None)] for box in boxes)
    found = {"boxes": sorted(plain)}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def boxes_of(answer: str) -> list[Box]:
    """The boxes of an answer, in its order.

    Raises:
        DataError: the text is not an answer.
    """
    try:
        found = [Box(*entry) for entry in json.loads(answer)["boxes"]]
        if all(isinstance(box.name, str) and _numeric(box) for box in found):
            return found
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise DataError(
        f"expected boxes, but got {answer[:60]!r}",
        'write them as {"boxes":[["name",left,top,right,bottom],...]}, in fractions of the sides',
    )


def names_in(answers: Iterable[str]) -> tuple[str, ...]:
    """The k different names of the boxes of some answers, sorted."""
    return tuple(sorted({box.name for answer in answers for box in boxes_of(answer)}))


def corners_of(values: Sequence[object]) -> Corners | None:
    """Four finite numbers, or texts of them; None where they are anything else."""
    try:
        left, top, right, bottom = map(_float, values)
    except (TypeError, ValueError, OverflowError):
        return None
    corners = left, top, right, bottom
    return corners if all(map(math.isfinite, corners)) else None


def _float(one: object) -> float:
    """A number, or a text of one; not a number where it is anything else."""
    if isinstance(one, bool) or not isinstance(one, str | bytes | SupportsFloat):
        return float("nan")
    return float(one)


def checked(
    marks: Sequence[Mark], size: tuple[float, float], orientation: int = 1
) -> tuple[list[Box], list[tuple[int, str]]]:
    """The boxes that can be used, and of the others the number, from 1, and the reason.

    A box that is partly outside is cut at the edge.

    Args:
        marks: The boxes as they are stated.
        size: Width and height of the picture in the unit of the marks.
        orientation: The EXIF value of the picture, where the marks are on it as it is stored, not upright.
    """
    first: dict[Box, int] = {}
    refused = []
    for number, mark in enumerate(marks, start=1):
        found = _check(mark, size)
        if isinstance(found, str):
            refused.append((number, found))
            continue
        box = Box(mark.name, *turned(found, orientation))
        if (same := first.setdefault(box, number)) != number:
            refused.append((number, f"same as box {same}"))
    return list(first), refused


def turned(corners: Corners, orientation: int) -> Corners:
    """Corners on a picture as it is stored, moved to where a viewer shows them.

    Only the EXIF values that swap the sides (5 to 8) are known here: others leave the sides' lengths as
    they are, so nobody can tell on which picture a box was drawn, and the upright one is taken.
    """
    left, top, right, bottom = corners
    if orientation == 5:
        return top, left, bottom, right
    if orientation == 6:
        return _rest(bottom), left, _rest(top), right
    if orientation == 7:
        return _rest(bottom), _rest(right), _rest(top), _rest(left)
    if orientation == 8:
        return top, _rest(right), bottom, _rest(left)
    return corners


def _check(mark: Mark, size: tuple[float, float]) -> Corners | str:
    """The corners as fractions within the picture, or why the box cannot be used."""
    if mark.problem is not None:
        return mark.problem
    if not mark.name:
        return "no class name"
    if mark.corners is None:
        return "not numbers"
    left, top, right, bottom = mark.corners
    width, height = size
    if right < left or bottom < top:
        return "flipped corners: its right is left of its left, or its bottom above its top"
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return "outside of the image"
    left, right = _fraction(left, width), _fraction(right, width)
    top, bottom = _fraction(top, height), _fraction(bottom, height)
    return "no area" if right <= left or bottom <= top else (left, top, right, bottom)


def _fraction(value: float, side: float) -> float:
    return _rounded(min(max(value / side, 0.0), 1.0))


def _rest(value: float) -> float:
    return _rounded(1.0 - value)


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0  # no -0.0, which is written differently


def _numeric(box: Box) -> bool:
    numbers = box[1:5] if box.score is None else box[1:]
    return all(isinstance(one, int | float) and math.isfinite(one) for one in numbers)
