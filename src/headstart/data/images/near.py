"""Pictures that are nearly the same, found with the features of a base.

Notation: n examples, d feature width, t pixels of a thumbnail, m pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...types import Dropped, Finding, IntArray, Splits
from ..listing import SHOWN

Floats = NDArray[np.floating]

_BLOCK = 512
"""Rows compared with all others at a time: bounds the memory to a few times 512 n numbers."""

# Set on three sets of photographs and one of 8 x 8 digits. Of copies that were compressed, halved,
# brightened or cropped by 2 %, 97 to 100 % are found in two of the sets and 87 to 100 % in the third;
# of a million pairs across splits two (of digits) are called copies and are not.
_NEAR, _RELATED = 0.7, 0.1
"""Cosines: of the same picture slightly cropped; of a small picture compressed hard."""
_EQUAL, _SIMILAR = 0.99, 0.9
"""Correlations: enough for a copy in any data; the least that is ever asked."""
_NEIGHBOUR = 5
"""Which neighbour is typical: a few true copies do not move it."""


def near_duplicates(features: Floats, thumbnails: Floats, splits: Splits) -> IntArray:
    """(m, 2) pairs across splits that show one picture, apart from size, compression or small edits.

    A pair is near in the features and more alike in its thumbnails than pictures of this data usually
    are (digits all look alike, photographs do not); or its thumbnails are all but the same.

    Args:
        features: (n, d) of any base; compared by cosine once standardised.
        thumbnails: (n, t) small grey pictures; compared by correlation, which is what keeps two
            pictures of the same kind of thing from being called the same picture.
        splits: Examples that are in none of its splits are left out.
    """
    side = _side_of(splits)

    def across(rows: slice) -> NDArray[np.bool_]:
        return (side[rows, None] > side[None, :]) & (side[None, :] >= 0)

    return _pairs(features, thumbnails, across)


def near_copies(features: Floats, thumbnails: Floats) -> IntArray:
    """(m, 2) such pairs within one heap, the earlier first; arguments as `near_duplicates` has them."""
    everyone = np.arange(len(features))
    return _pairs(features, thumbnails, lambda rows: everyone[rows, None] > everyone[None, :])


def _pairs(features: Floats, thumbnails: Floats, asked: Callable[[slice], NDArray[np.bool_]]) -> IntArray:
    """(m, 2) those of the pairs that are asked for, (b, n) of a block of rows."""
    near, alike = _standard(features), _unit(thumbnails - thumbnails.mean(1, keepdims=True))
    unusual = _unusual(alike)
    found = []
    for start in range(0, len(features), _BLOCK):
        rows = slice(start, start + _BLOCK)
        cosine, correlation = near[rows] @ near.T, alike[rows] @ alike.T
        same = (cosine >= _NEAR) & (correlation >= unusual)
        same |= (cosine >= _RELATED) & (correlation >= _EQUAL)
        same &= asked(rows)
        higher, lower = np.nonzero(same)
        found.append(np.stack([lower, higher + start], axis=1))
    return np.concatenate(found).astype(np.int64)


def _unusual(alike: Floats) -> float:
    """The correlation that is unusual here: a quarter as far from 1 as a typical near neighbour's."""
    some = alike[:: max(1, len(alike) // _BLOCK)]
    nth = min(_NEIGHBOUR + 1, len(alike))  # the nearest is the example itself
    neighbours = np.partition(some @ alike.T, -nth, axis=1)[:, -nth]
    return 1 - float(np.clip((1 - np.median(neighbours)) / 4, 1 - _EQUAL, 1 - _SIMILAR))


def without_near_duplicates(splits: Splits, pairs: IntArray) -> Splits:
    """Splits without the examples that repeat one of a higher split; each is listed as dropped.

    Training keeps one example of each class, and validation keeps one, whatever the pairs say.
    """
    side, names = _side_of(splits), splits.examples.names
    twin: dict[int, int] = {}
    for lower, higher in (sorted(pair, key=lambda index: int(side[index])) for pair in pairs.tolist()):
        if 0 <= side[lower] < side[higher]:
            twin.setdefault(lower, higher)
    for spared in _spared(splits, twin):
        del twin[spared]
    if not twin:
        return splits
    shown = tuple(SHOWN.values())
    dropped = tuple(
        Dropped(names[a], f"near duplicate of {names[b]} in the {shown[side[b]]} split")
        for a, b in sorted(twin.items())
    )
    message = f"{len(twin)} examples nearly repeat some in another split; taken out of the lower split"
    finding = Finding("near_duplicates", message, tuple(item.file for item in dropped))
    return splits.but(
        train=np.setdiff1d(splits.train, list(twin)),
        validation=np.setdiff1d(splits.validation, list(twin)),
        dropped=splits.dropped + dropped,
        findings=(*splits.findings, finding),
    )


def _spared(splits: Splits, out: dict[int, int]) -> Iterator[int]:
    """The first of each part that would be left with nothing."""
    targets = splits.examples.strata[splits.train]
    parts = [splits.train[targets == label] for label in np.unique(targets)]
    for part in [*parts, splits.validation]:
        if len(part) and all(index in out for index in part.tolist()):
            yield int(part[0])


def _side_of(splits: Splits) -> NDArray[np.int8]:
    """(n,) 0, 1, 2 for training, validation, test; -1 for examples in none."""
    side = np.full(len(splits.examples), -1, dtype=np.int8)
    for rank, indices in enumerate((splits.train, splits.validation, splits.test)):
        side[indices] = rank
    return side


def _standard(features: Floats) -> Floats:
    spread = features.std(0)
    return _unit((features - features.mean(0)) / np.where(spread > 0, spread, 1).astype(np.float32))


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; a row of zeros (a flat picture) stays so, and is like nothing."""
    length = np.sqrt(np.square(rows).sum(1, keepdims=True))
    return np.asarray(rows / np.where(length > 1e-6, length, np.inf), dtype=np.float32)
