"""Boxes that were found beside the right ones: which are right, missed, false alarms, or found twice.

As COCO matches them at an overlap of one half: the surest box chooses first, among the right ones of its
class that are left. A box that finds none of these is told by what it overlaps.

Notation: n right boxes, m found ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...exposure import AS_STORED, Exposure
from ...types import FloatArray, Judgement, Outline, Scene, Source
from ..answers.boxes import Box
from ..images.decode import decode
from ..images.shown import as_uri, resized

OVERLAP = 0.5
"""Intersection over union from which on a box is at the place of another."""
_WORDS: dict[Judgement, tuple[str, str]] = {
    "right": ("right", "right"),
    "missed": ("missed", "missed"),
    "false alarm": ("false alarm", "false alarms"),
    "duplicate": ("duplicate", "duplicates"),
    "other class": ("of another class", "of another class"),
}
"""Of one box, and of several."""
Matched = tuple[Judgement, Box, str]
"""What became of a box, and its label."""


def judged_boxes(
    source: Source, right: Sequence[Box], found: Sequence[Box], side: int, exposure: Exposure = AS_STORED
) -> Scene:
    """The picture of at most `side` pixels a side, and all boxes on it."""
    image = resized(decode(source, exposure=exposure), side)
    told = matched(right, found)
    outlines = tuple(_outline(*one, image.size) for one in told)
    counts = Counter(judgement for judgement, *_ in told)
    said = [f"{counts[one]} {words[counts[one] > 1]}" for one, words in _WORDS.items() if counts[one]]
    return Scene(
        as_uri(image), image.size, outlines, ", ".join(said) or "nothing is there, and nothing found"
    )


def matched(right: Sequence[Box], found: Sequence[Box]) -> list[Matched]:
    """All found boxes, the surest first, and the right ones that were missed.

    A right box at the place of a found one of another class was not missed: it is told there.
    """
    surest = sorted(found, key=lambda box: -(box.score or 0.0))
    overlaps = overlap(surest, right)
    taken: set[int] = set()
    told: list[Matched] = []
    others: list[tuple[int, Box]] = []
    for number, box in enumerate(surest):
        near = _near(overlaps[number], [box.name == one.name for one in right])
        free = [place for place in near if place not in taken]
        if free:
            taken.add(free[0])
            told.append(("right", box, _said(box)))
        elif near:
            told.append(("duplicate", box, _said(box)))
        else:
            others.append((number, box))
    for number, box in others:
        near = [place for place in _near(overlaps[number], [True] * len(right)) if place not in taken]
        taken.update(near[:1])
        told.append(
            ("other class", box, f"{_said(box)}, is {right[near[0]].name}")
            if near
            else ("false alarm", box, _said(box))
        )
    return [*told, *(("missed", box, box.name) for place, box in enumerate(right) if place not in taken)]


def overlap(boxes: Sequence[Box], others: Sequence[Box]) -> FloatArray:
    """(m, n) intersection over union; 0 where both are empty."""
    one, two = (np.array([box[1:5] for box in side], float).reshape(-1, 4) for side in (boxes, others))
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, 2:], two[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(-1)
    either = _area(one)[:, None] + _area(two)[None] - both
    found: FloatArray = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    return found


def _area(corners: FloatArray) -> FloatArray:
    areas: FloatArray = np.clip(corners[:, 2:] - corners[:, :2], 0, None).prod(-1)
    return areas


def _near(overlaps: FloatArray, asked: Sequence[bool]) -> list[int]:
    """Places of the right boxes that a found one may mean, the nearest first."""
    order = np.argsort(-overlaps, kind="stable").tolist()
    return [place for place in order if asked[place] and overlaps[place] >= OVERLAP]


def _said(box: Box) -> str:
    return box.name if box.score is None else f"{box.name} {box.score:.2f}"


def _outline(judgement: Judgement, box: Box, label: str, size: tuple[int, int]) -> Outline:
    width, height = size
    left, right = (round(place * width, 1) for place in (box.left, box.right))
    top, bottom = (round(place * height, 1) for place in (box.top, box.bottom))
    path = f"M{left:g} {top:g}H{right:g}V{bottom:g}H{left:g}z"
    return Outline(judgement, label, path, (left, top))
