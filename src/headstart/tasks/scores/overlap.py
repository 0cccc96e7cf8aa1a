"""How well masks lie over the right ones: IoU, Dice and the F-score of boundaries, and each image's part.

IoU (Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 2010) and Dice are of a class's
pixels in all images together. The boundary F-score looks at outlines only, which IoU hardly sees on large
things: found outlines that have a right one within 0.75 % of the diagonal are precise, right ones that have
a found one are recalled (Csurka et al., "What is a good evaluation measure for semantic segmentation?",
BMVC 2013; Perazzi et al., CVPR 2016). It is of one class in one image; the mean is over the classes that
have an outline in either mask, then over images. An outline is of pixels that touch another class, above,
below, left or right; the frame of the image is none.

What is counted:
* Pixels that are unknown (255) in the right mask do not count, and an outline next to them is none.
* Where only the model says 255, it misses the right class, and adds to no other.
* A class that is neither right nor found in any image is left out of the means; one that is found only is 0.
* A found mask of another size is stretched to the right one's, by nearest pixels.

Notation: n images, k classes, h, w sides of an image in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ...data.answers.masks import IGNORED, Mask, indexed, names_in
from ...types import FloatArray, IntArray
from .base import Score, Scores, Titles
from .influence import influence

NEAR = 0.0075
"""Of the diagonal of an image: as far apart may outlines be that are the same (Csurka et al. 2013)."""

Outline = NDArray[np.bool_]
"""(h, w) whether a pixel lies at the boundary of a class."""


@dataclass(frozen=True)
class Overlap:
    """How well the masks of all images fit, all 0..1."""

    iou: float
    """The mean over the classes of `per_class_iou`; 0 where there is none."""
    dice: float
    per_class_iou: dict[str, float]
    """Of each class that is right or found somewhere."""
    per_class_dice: dict[str, float]
    boundary: float | None
    """The mean over images that have an outline; None where none has."""


@dataclass(frozen=True)
class Counted:
    """The known pixels of n images by class, each (n, k)."""

    right: IntArray
    """Of the right mask."""
    found: IntArray
    """Of the model's."""
    both: IntArray
    """Where both say this class."""

    def scores(self) -> FloatArray:
        """(n,) what each image does to the mean IoU, which is their mean.

        Without the only image of a class, that class is not in the mean.
        """
        right, found, both = (part.sum(0) - part for part in (self.right, self.found, self.both))
        return influence(float(_mean(self.iou())), _mean(_share(both, right + found - both)))

    def iou(self) -> FloatArray:
        """(k,) of all images together; NaN of a class that is neither right nor found."""
        right, found, both = self._sums()
        return _share(both, right + found - both)

    def dice(self) -> FloatArray:
        """(k,) of all images together; NaN of a class that is neither right nor found."""
        right, found, both = self._sums()
        return _share(2 * both, right + found)

    def _sums(self) -> tuple[IntArray, IntArray, IntArray]:
        return self.right.sum(0), self.found.sum(0), self.both.sum(0)


def overlap(outputs: Sequence[str], right: Sequence[str], classes: Sequence[str]) -> Overlap:
    """How well n answers fit the n right ones; classes that `classes` (k) does not name are unknown."""
    counts, outlines = [], []
    for one, other in zip(outputs, right, strict=True):
        found, true = _pair(one, other, classes)
        counts.append(_counts(found, true, len(classes)))
        outlines.append(_boundary(found, true))
    whole = _together(counts)
    iou, dice = whole.iou(), whole.dice()
    seen = [score for score in outlines if score is not None]
    return Overlap(
        float(_mean(iou)),
        float(_mean(dice)),
        _named(iou, classes),
        _named(dice, classes),
        float(np.mean(seen)) if seen else None,
    )


def scores(outputs: Sequence[str], right: Sequence[str], classes: Sequence[str]) -> FloatArray:
    """(n,) what each image does to the mean IoU, which is their mean."""
    return counted(outputs, right, classes).scores()


def counted(outputs: Sequence[str], right: Sequence[str], classes: Sequence[str]) -> Counted:
    """The pixels of n answers and the n right ones, image by image."""
    pairs = zip(outputs, right, strict=True)
    counts = [_counts(*_pair(one, other, classes), len(classes)) for one, other in pairs]
    return _together(counts)


def _together(counts: Sequence[IntArray]) -> Counted:
    right, found, both = np.stack(counts, axis=1)
    return Counted(right, found, both)


def _pair(output: str, right: str, classes: Sequence[str]) -> tuple[Mask, Mask]:
    """The found mask, as large as the right one and unknown where that is unknown, and the right mask."""
    true = indexed(right, classes)
    found = _stretched(indexed(output, classes), true.shape)
    found[true == IGNORED] = IGNORED
    return found, true


def _stretched(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """The mask in another size: each pixel takes the one that lies under its middle."""
    if mask.shape == shape:
        return mask
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new) for old, new in zip(mask.shape, shape, strict=True)
    )
    stretched: Mask = mask[np.ix_(rows, columns)]
    return stretched


def _counts(found: Mask, true: Mask, k: int) -> IntArray:
    """(3, k) pixels of each class: right, found, both."""

    def count(values: Mask) -> IntArray:
        return np.bincount(values.ravel(), minlength=256)[:k].astype(np.int64)

    return np.stack([count(true), count(found), count(true[true == found])])


def _boundary(found: Mask, true: Mask) -> float | None:
    """The F-score of outlines, over classes that have one in either mask; None where none has."""
    near = NEAR * np.hypot(*true.shape)
    edges = _edges(found), _edges(true)
    present = np.union1d(found[edges[0]], true[edges[1]])
    each = [_f_score(edges[0] & (found == c), edges[1] & (true == c), near) for c in present]
    return float(np.mean(each)) if each else None


def _edges(mask: Mask) -> Outline:
    """Known pixels that touch, above, below, left or right, one of another class."""
    edges = np.zeros(mask.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differ = (mask[one] != mask[other]) & (mask[one] != IGNORED) & (mask[other] != IGNORED)
        edges[one] |= differ
        edges[other] |= differ
    return edges


def _f_score(found: Outline, true: Outline, near: float) -> float:
    if not (found.any() and true.any()):
        return 0.0
    precision = (distance_transform_edt(~true)[found] <= near).mean()
    recall = (distance_transform_edt(~found)[true] <= near).mean()
    total = precision + recall
    return float(2 * precision * recall / total) if total else 0.0


def _share(part: IntArray, whole: IntArray) -> FloatArray:
    """Part / whole; NaN where the whole is nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _mean(values: FloatArray) -> FloatArray:
    """The mean over the last axis of what is not NaN; 0 where nothing is."""
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0).sum(-1) / known.sum(-1).clip(1))


def _named(values: FloatArray, classes: Sequence[str]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(classes, values, strict=True) if not np.isnan(value)}


def _classes(outputs: Any, right: Any) -> tuple[str, ...]:
    return names_in([*outputs.tolist(), *right.tolist()])


def _more(outputs: Any, right: Any) -> dict[str, float]:
    """Mean IoU, Dice and boundary F-score, then IoU and Dice of each class."""
    found = overlap(outputs.tolist(), right.tolist(), _classes(outputs, right))
    edges = {} if found.boundary is None else {"boundary_f": found.boundary}
    ious = {f"iou {name}": value for name, value in found.per_class_iou.items()}
    dices = {f"dice {name}": value for name, value in found.per_class_dice.items()}
    return {"mean_iou": found.iou, "dice": found.dice, **edges, **ious, **dices}


MEAN_IOU = Score(
    "mean_iou",
    lambda outputs, right: scores(outputs.tolist(), right.tolist(), _classes(outputs, right)),
    title="mean IoU",
)
TITLES = Titles({"dice": "Dice", "boundary_f": "boundary F-score"}, of_class={"iou": "IoU", "dice": "Dice"})
MASKS = Scores((MEAN_IOU,), more=_more, further=TITLES)
