"""How good found boxes are: COCO's mean average precision, and what each image adds to it.

A found box is right when it overlaps (IoU) a right box of its class by a threshold; boxes with better scores
choose first. Average precision is the mean precision at 101 recalls; its mean over classes and the
thresholds .50, .55, ..., .95 is COCO's number (Lin et al., "Microsoft COCO: Common Objects in Context",
ECCV 2014). pycocotools matches the boxes, image by image, as it does for areas of all sizes and 100
boxes of a class in an image. The sums over images are ours, because they are also needed without each image,
where the matches stay as they are; they equal those of pycocotools.

As in pycocotools:
* A class that is found but right nowhere is left out of the mean: its boxes cost nothing.
* An image without boxes counts through what is found in it.
* Of equal scores the earlier image comes first. Where no scores are equal, the order of images is nothing.

Not as in pycocotools: where no image has a right box the precision is 0, not -1.

Notation: n images, k classes that are right somewhere, t thresholds, d found boxes of one class, h of them
right at one threshold, m choices of which image to leave out.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError, MissingExtra
from ...types import FloatArray, IntArray
from .base import Score, Scores, Titles
from .influence import influence

SCALE = 1000
"""Boxes are fractions; the overlap of two boxes stays as it is when an axis is stretched."""
MOST = 100
"""Found boxes of one class in one image that count: those with the best scores."""
RECALLS = np.linspace(0, 1, 101)
AT_ONCE = 300_000
"""Numbers in one table of choices by hits: 2.4 MB stay near the processor."""
NOBODY = -1
"""Leaves out no image."""


@dataclass(frozen=True)
class Precision:
    """COCO's numbers, all 0..1."""

    map: float
    """The mean over classes and over the thresholds .50, .55, ..., .95."""
    ap50: float
    """The mean over classes at an overlap of one half."""
    per_class: dict[str, float]
    """At an overlap of one half, of each class that is right somewhere."""


@dataclass(frozen=True)
class Matches:
    """All found boxes of one class, best score first."""

    name: str
    image: IntArray
    """(d,) the number of the image."""
    hit: NDArray[np.bool_]
    """(t, d) whether it matches a right box."""
    right: IntArray
    """(n,) how many right boxes of the class each image has."""


@dataclass(frozen=True)
class Matching:
    """The boxes of n images, matched once: gives the numbers of all images and the scores of each."""

    n: int
    classes: tuple[Matches, ...]

    def precision(self) -> Precision:
        """COCO's numbers of all images."""
        nobody = np.array([NOBODY])
        found = {one.name: _average(one, nobody)[0] for one in self.classes}
        if not found:
            return Precision(0.0, 0.0, {})
        per_class = {name: float(values[0]) for name, values in found.items()}
        ap50 = float(np.mean(list(per_class.values())))
        return Precision(float(np.mean(list(found.values()))), ap50, per_class)

    def scores(self) -> FloatArray:
        """(n,) what each image does to the mean average precision, which is their mean.

        Without the only image of a class, that class is not in the mean.
        """
        total, counted = np.zeros(self.n), np.zeros(self.n)
        for one in self.classes:
            values = _without_each(one)
            total += np.nan_to_num(values)
            counted += ~np.isnan(values)
        return influence(self.precision().map, total / counted.clip(1))


def average_precision(outputs: Sequence[str], right: Sequence[str]) -> Precision:
    """The numbers of n answers with scores against the n right ones.

    Raises:
        DataError: a found box has no score.
        MissingExtra: pycocotools is not installed.
    """
    return matched(outputs, right).precision()


def scores(outputs: Sequence[str], right: Sequence[str]) -> FloatArray:
    """(n,) what each image does to the mean average precision, which is their mean.

    Raises:
        DataError: a found box has no score.
        MissingExtra: pycocotools is not installed.
    """
    return matched(outputs, right).scores()


def matched(outputs: Sequence[str], right: Sequence[str]) -> Matching:
    """The matches of n answers with scores and the n right ones, from which all numbers come.

    Raises:
        DataError: a found box has no score.
        MissingExtra: pycocotools is not installed.
    """
    pairs = [(_boxes(one), _boxes(other)) for one, other in zip(outputs, right, strict=True)]
    found, true = [one for one, _ in pairs], [other for _, other in pairs]
    names = sorted({name for boxes in true for name, *_ in boxes})
    if any(len(box) != 6 for boxes in found for box in boxes):
        raise DataError(
            "boxes of a model are [name, left, top, right, bottom, score], and one has no score",
            "give the answers of the model as outputs, not right answers",
        )
    if not names:
        return Matching(len(true), ())
    judged = _judged(found, true, names)
    return Matching(len(true), tuple(_matches(name, next(judged)) for name in names))


def _boxes(answer: str) -> list[list[Any]]:
    boxes: list[list[Any]] = json.loads(answer)["boxes"]
    return boxes


def _judged(found: Sequence[Any], true: Sequence[Any], names: Sequence[str]) -> Iterator[list[Any]]:
    """What pycocotools says of each class: a record for each of n images, None where it has no box."""
    coco, evaluation = _pycocotools()
    numbers = {name: i for i, name in enumerate(names, 1)}
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints
        judge = evaluation(_coco_of(coco, true, numbers), _coco_of(coco, found, numbers), "bbox")
        judge.params.areaRng, judge.params.areaRngLbl = judge.params.areaRng[:1], ["all"]
        judge.params.maxDets = [MOST]
        judge.evaluate()
    n = len(true)
    return (judge.evalImgs[start : start + n] for start in range(0, n * len(names), n))


def _coco_of(coco: Any, answers: Sequence[Any], numbers: dict[str, int]) -> Any:
    """The boxes of n images as pycocotools keeps them; images and boxes are numbered from 1.

    Boxes of classes that have no number are left out. Number 0 would look like "no match".
    """
    rows = [(i, box) for i, boxes in enumerate(answers, 1) for box in boxes if box[0] in numbers]
    kept = coco()
    kept.dataset = {
        "images": [{"id": i} for i in range(1, len(answers) + 1)],
        "categories": [{"id": number, "name": name} for name, number in numbers.items()],
        "annotations": [_annotation(number, i, box, numbers) for number, (i, box) in enumerate(rows, 1)],
    }
    kept.createIndex()
    return kept


def _annotation(number: int, image: int, box: Sequence[Any], numbers: dict[str, int]) -> dict[str, Any]:
    name, left, top, right, bottom = box[:5]
    width, height = SCALE * (right - left), SCALE * (bottom - top)
    return {
        "id": number,
        "image_id": image,
        "category_id": numbers[name],
        "bbox": [SCALE * left, SCALE * top, width, height],
        "area": width * height,
        "iscrowd": 0,
        **({"score": box[5]} if len(box) == 6 else {}),
    }


def _matches(name: str, judged: list[Any]) -> Matches:
    some = [(i, one) for i, one in enumerate(judged) if one is not None]
    points = np.concatenate([one["dtScores"] for _, one in some])
    best_first = np.argsort(-points, kind="stable")
    image = np.concatenate([np.full(len(one["dtScores"]), i) for i, one in some])
    hit = np.concatenate([one["dtMatches"] > 0 for _, one in some], axis=1)
    right = np.array([0 if one is None else len(one["gtIds"]) for one in judged])
    return Matches(name, image[best_first].astype(np.int64), hit[:, best_first], right)


def _without_each(one: Matches) -> FloatArray:
    """(n,) average precision of a class over the thresholds without each image; NaN where it has no box."""
    concerned = np.union1d(np.flatnonzero(one.right), one.image)
    left = np.append(NOBODY, concerned)
    step = max(1, AT_ONCE // max(1, int(one.hit.sum(1).max(initial=0))))
    parts = [_average(one, left[i : i + step]).mean(1) for i in range(0, len(left), step)]
    whole, *each = np.concatenate(parts)
    values = np.full(len(one.right), whole)
    values[concerned] = each
    return values


def _average(one: Matches, left: IntArray) -> FloatArray:
    """(m, t) average precision of a class without each image of `left`; NaN where it has no box."""
    remaining = one.right.sum() - np.where(left == NOBODY, 0, one.right[left])
    totals, which = np.unique(remaining, return_inverse=True)
    needed = np.stack([_needed(int(total)) for total in totals])[which]
    row = np.full(len(one.right) + 1, -1)  # the last place takes NOBODY
    row[left] = np.arange(len(left))
    values = np.stack([_at_threshold(hit, row[one.image], needed) for hit in one.hit], axis=1)
    values[remaining == 0] = np.nan
    return values


def _needed(total: int) -> IntArray:
    """(101,) how many of so many right boxes must be found for each recall.

    Divided as pycocotools divides: 3 / 10 is less than the recall that is called .3.
    """
    recalls = np.arange(total + 1) / max(total, 1)
    return np.searchsorted(recalls, RECALLS).astype(np.int64)


def _at_threshold(hit: NDArray[np.bool_], row: IntArray, needed: IntArray) -> FloatArray:
    """(m,) average precision at one threshold.

    Precision is greatest at hits, so only these are looked at; the hit of an image that is left out repeats
    the numbers of a place before it, which changes no maximum.

    Args:
        hit: (d,) whether each found box is right, best score first.
        row: (d,) the choice, 0..m-1, that leaves the box out; -1 where none does.
        needed: (m, 101) hits for each recall.
    """
    m, at = len(needed), np.flatnonzero(hit)
    h = len(at)
    if not h:
        return np.zeros(m)
    missed = np.flatnonzero(~hit)
    hits = np.arange(1, h + 1) - _left_out(row[at], np.arange(h), m, h)
    misses = at - np.arange(h) - _left_out(row[missed], np.searchsorted(at, missed), m, h)
    precision = hits / np.maximum(hits + misses, 1)
    best = np.zeros((m, h + 1))  # one column more: recalls that are not reached
    best[:, :h] = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    shift = np.arange(m)[:, None]  # makes one ascending list of all rows, for one search
    place = np.searchsorted((hits + shift * (h + 1)).ravel(), needed.clip(max=h + 1) + shift * (h + 1))
    return np.asarray(np.take_along_axis(best, place - shift * h, axis=1).mean(1))


def _left_out(row: IntArray, column: IntArray, m: int, h: int) -> IntArray:
    """(m, h) how many boxes each choice leaves out up to each hit."""
    inside = (row >= 0) & (column < h)
    counts = np.bincount(row[inside] * h + column[inside], minlength=m * h)
    return counts.reshape(m, h).cumsum(1)


def _pycocotools() -> tuple[Any, Any]:
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise MissingExtra.of("object detection is measured with pycocotools", "detection") from error
    return COCO, COCOeval


def _more(outputs: Any, right: Any) -> dict[str, float]:
    """COCO's mean average precision, that at an overlap of one half, and this of each class."""
    found = matched(outputs.tolist(), right.tolist()).precision()
    classes = {f"ap50 {name}": value for name, value in found.per_class.items()}
    return {"map": found.map, "ap50": found.ap50, **classes}


MAP = Score(
    "map",
    lambda outputs, right: matched(outputs.tolist(), right.tolist()).scores(),
    title="mean average precision (COCO)",
)
TITLES = Titles({"ap50": "AP50 (average precision at half overlap)"}, of_class={"ap50": "AP50"})
BOXES = Scores((MAP,), more=_more, further=TITLES)
