"""Masks that count objects: their values are numbers of objects, which mean another thing in each picture.

Such values lie in one area each, and there are as many as the picture has objects: 1 to their count, or
numbers that no other picture has. Classes come back from picture to picture, in several areas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...options import choice
from ..answers.masks import IGNORED
from .counts import Counted

MASKS = choice(
    "masks",
    "what the values of masks are: classes, or numbers of objects (instances); auto looks",
    "auto",
    ("auto", "classes", "instances"),
)
BACKGROUND, OBJECT = "background", "object"
_LEAST_MASKS = 3
_ALONE = 0.9
"""Of all values, that lie in one area."""
_ONCE = 0.8
"""Of all numbers, that one picture has only."""
_MANY = 10
"""Numbers that tell something when each is in one picture only."""
_DENSE = 0.7
"""Of the numbers up to the highest, that are there."""
_FEW = 3
"""With so few objects, classes may look the same."""
_ENOUGH = 8
"""Masks that are enough even then."""


def count_objects(masks: Sequence[Counted], ground: int) -> bool:
    """Do the values count objects? `ground` is the value of what is no object."""
    found = [ids for mask in masks if (ids := _numbers(mask, ground))]
    if len(found) < _LEAST_MASKS or not _in_one_area(masks, ground):
        return False
    counts = [len(ids) for ids in found]
    return _counted_up(found, counts) or _once(found) or len(set().union(*found)) > IGNORED


def may_count(masks: Sequence[Counted], ground: int) -> bool:
    """Might the values count objects, though it is not sure?"""
    found = [ids for mask in masks if (ids := _numbers(mask, ground))]
    several = len(found) >= _LEAST_MASKS and len({len(ids) for ids in found}) >= _FEW
    return several and len(set().union(*found)) >= _MANY and _in_one_area(masks, ground)


def _numbers(mask: Counted, ground: int) -> set[int]:
    """The values that may be objects."""
    values = {int(one) for one in mask.values if one != ground}
    unknown = IGNORED in values and not mask.plane.coloured and IGNORED - 1 not in values
    return values - {IGNORED} if unknown else values


def _in_one_area(masks: Sequence[Counted], ground: int) -> bool:
    areas = [
        mask.areas[(mask.values != ground) & ((mask.values != IGNORED) | mask.plane.coloured)]
        for mask in masks
        if mask.areas is not None and len(mask.areas) == len(mask.values)
    ]
    every = np.concatenate([np.zeros(0, np.int64), *areas])
    return len(every) > 0 and float((every == 1).mean()) >= _ALONE


def _counted_up(found: Sequence[set[int]], counts: Sequence[int]) -> bool:
    """Are the numbers 1 to the count in nearly all masks, and the counts different?

    Of many objects some may be hidden behind others, so a few numbers may be missing.
    """
    most = [max(ids) for ids in found]
    upward = sum(ids == set(range(1, len(ids) + 1)) for ids in found)
    if len(set(counts)) < _FEW:
        return False
    if upward >= _ALONE * len(found):
        return max(counts) > _FEW or len(found) >= _ENOUGH
    dense = sum(len(ids) >= _DENSE * max(ids) for ids in found)
    return max(most) >= _MANY and min(most) <= _DENSE * max(most) and dense >= _ALONE * len(found)


def _once(found: Sequence[set[int]]) -> bool:
    """Does each number belong to one picture only?"""
    homes = Counter(one for ids in found for one in ids)
    alone = sum(count == 1 for count in homes.values())
    return len(homes) >= _MANY and max(map(len, found)) > 1 and alone >= _ONCE * len(homes)
