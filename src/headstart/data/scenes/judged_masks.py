"""A mask that was found beside the right one: outlines of what is right, missed, or a false alarm.

Notation: h, w sides of a mask in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ...exposure import AS_STORED, Exposure
from ...types import BoolArray, Judgement, Outline, Scene, Source
from ..answers.masks import IGNORED, Mask
from ..images.decode import decode
from ..images.shown import as_uri, resized
from .shown_masks import BACKGROUND, stretched

ROOM = 14
"""Pixels from the middle of a region to its edge that a name needs."""
Region = tuple[Judgement, str, BoolArray]
"""What became of some pixels, and what they are."""


def judged_masks(
    source: Source,
    right: Mask,
    found: Mask,
    classes: Sequence[str],
    side: int,
    exposure: Exposure = AS_STORED,
) -> Scene:
    """The picture of at most `side` pixels a side, with outlines of what both masks say of it.

    Args:
        source: the picture.
        right: value i means `classes[i]`; what is not known is not judged.
        found: the same.
        classes: names; `background` is nothing that could be found.
        side: of what is shown, pixels.
        exposure: how the picture is shown.
    """
    image = resized(decode(source, exposure=exposure), side)
    shape = image.height, image.width
    named = len([name for name in classes if name != BACKGROUND]) > 1
    told = regions(stretched(right, shape), stretched(found, shape), classes)
    outlines = tuple(
        Outline(judgement, label, path(region), middle(region) if named else None)
        for judgement, label, region in told
    )
    return Scene(as_uri(image), image.size, outlines, _said(told))


def regions(right: Mask, found: Mask, classes: Sequence[str]) -> list[Region]:
    """(h, w) of each kind of error and class, then of what is right."""
    pairs = 256 * right.astype(int) + found
    told: list[Region] = []
    for pair in np.unique(pairs[right != IGNORED]).tolist():
        # what a model calls by a name that the set has not is nothing, too
        is_right, is_found = (
            classes[number] if number < len(classes) else BACKGROUND for number in divmod(pair, 256)
        )
        if is_right != BACKGROUND or is_found != BACKGROUND:
            told.append((*_judged(is_right, is_found), pairs == pair))
    return sorted(told, key=lambda one: one[0] == "right")


def _judged(is_right: str, is_found: str) -> tuple[Judgement, str]:
    """What became of pixels, and what they are."""
    if is_right == is_found:
        return "right", is_found
    if is_found == BACKGROUND:
        return "missed", is_right
    return (
        ("false alarm", is_found) if is_right == BACKGROUND else ("other class", f"{is_found}, is {is_right}")
    )


def _said(told: Sequence[Region]) -> str:
    """Which share of the picture is what."""
    shares = dict.fromkeys(get_args(Judgement), 0.0)
    for judgement, _, region in told:
        shares[judgement] += 100 * float(region.mean())
    said = [f"{judgement} {share:.1f}\N{NO-BREAK SPACE}%" for judgement, share in shares.items() if share]
    return f"of the picture: {', '.join(said)}" if said else "all background"


def path(region: BoolArray) -> str:
    """The borders of a region as the path of an SVG: closed lines, with holes by the rule of even and odd."""
    lines = contour_generator(z=np.pad(region, 1).astype(float), line_type=LineType.Separate).lines(0.5)
    # they go through the middles of pixels of the padded region, and end where they begin
    points = [np.asarray(line)[:-1] - 0.5 for line in lines]
    return "".join(_line(np.rint(2 * line).astype(int)) for line in points)


def middle(region: BoolArray) -> tuple[float, float] | None:
    """The pixel of a region that is farthest from its edge; None where there is no room for a name."""
    depth = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return (float(column), float(row)) if depth[row, column] >= ROOM else None


def _line(points: NDArray[np.int_]) -> str:
    """A closed line through (n, 2) points, in half pixels, without those on a straight way."""
    steps = np.diff(points, axis=0, append=points[:1])
    corners = points[(steps != np.roll(steps, 1, axis=0)).any(axis=1)]
    (left, top), moves = corners[0] / 2, np.diff(corners, axis=0) / 2
    return f"M{left:g} {top:g}l" + " ".join(f"{x:g} {y:g}" for x, y in moves) + "z"
