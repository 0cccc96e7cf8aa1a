"""Pictures that are nearly the same, found with the features of a base.

Notation: n examples, d feature width, t pixels of a thumbnail, m pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...types import Dropped, Finding, IntArray, Splits
from ..listing import SHOWN
from .alike import BLOCK, alike_pairs

Floats = NDArray[np.floating]

_ROWS = 4096
"""That are converted at a time."""

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
        thumbnails: (n, t) small grey pictures, which are centred in place, so that they are in memory once;
            compared by correlation, which is what keeps two pictures of the same kind of thing from being
            called the same picture.
        splits: Examples that are in none of its splits are left out.
    """
    side = _side_of(splits)

    def across(pairs: IntArray) -> IntArray:
        turned = np.take_along_axis(pairs, np.argsort(-side[pairs], axis=1, kind="stable"), axis=1)
        high, low = side[turned].T
        across: IntArray = turned[(low >= 0) & (low < high)]
        return across

    return _pairs(features, thumbnails, across)


def near_copies(features: Floats, thumbnails: Floats) -> IntArray:
    """(m, 2) such pairs within one heap, the earlier first.

    Arguments are as `near_duplicates` has them: thumbnails are centred in place.
    """
    return _pairs(features, thumbnails, lambda pairs: pairs)


def near_across(features: Floats, thumbnails: Floats, start: int) -> IntArray:
    """(m, 2) such pairs of a heap and another that begins at the row `start`, that of the first heap first.

    The other arguments are as `near_duplicates` has them: thumbnails are centred in place.
    """

    def across(pairs: IntArray) -> IntArray:
        found: IntArray = pairs[(pairs.max(1) >= start) & (pairs.min(1) < start)]
        return found

    return _pairs(features, thumbnails, across)


def _pairs(features: Floats, thumbnails: Floats, asked: Callable[[IntArray], IntArray]) -> IntArray:
    """(m, 2) those of the pairs, the later row first, that `asked` picks and turns.

    What has to be alike in any case is looked for first, thumbnails: features are read of few rows only.
    """
    alike, moments = _centred(thumbnails), _moments(features)
    unusual = _unusual(alike)
    found = [np.zeros((0, 2), dtype=np.int64)]
    for some in alike_pairs(alike, unusual):
        pairs = asked(some)
        for start in range(0, len(pairs), BLOCK):
            part = pairs[start : start + BLOCK]
            one, other = (_standard(features[rows], *moments) for rows in part.T)
            cosine, correlation = (one * other).sum(1), (alike[part[:, 0]] * alike[part[:, 1]]).sum(1)
            same = (cosine >= _NEAR) | ((cosine >= _RELATED) & (correlation >= _EQUAL))
            found.append(part[same])
    return np.unique(np.concatenate(found), axis=0)[:, ::-1]


def _unusual(alike: Floats) -> float:
    """The correlation that is unusual here: a quarter as far from 1 as a typical near neighbour's."""
    some = alike[:: max(1, len(alike) // BLOCK)]
    nth = min(_NEIGHBOUR + 1, len(alike))  # the nearest is the example itself
    best = np.full((len(some), nth), -np.inf, np.float32)
    for start in range(0, len(alike), _ROWS):
        seen = np.concatenate([best, some @ alike[start : start + _ROWS].T], axis=1)
        best = np.partition(seen, -nth, axis=1)[:, -nth:]
    return 1 - float(np.clip((1 - np.median(best[:, 0])) / 4, 1 - _EQUAL, 1 - _SIMILAR))


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


def _centred(thumbnails: Floats) -> Floats:
    """(n, t) rows of mean 0 and length 1, whose products are correlations: float32 in its own place."""
    alike = np.asarray(thumbnails, np.float32)
    for start in range(0, len(alike), _ROWS):
        some = alike[start : start + _ROWS]
        alike[start : start + _ROWS] = _unit(some - some.mean(1, keepdims=True))
    return alike


def _moments(features: Floats) -> tuple[Floats, Floats]:
    """(d,) mean and standard deviation, in one pass over rows that may lie on the disk."""
    sums, squares = np.zeros(features.shape[1]), np.zeros(features.shape[1])
    shift = np.asarray(features[:1], np.float64).mean(0) if len(features) else 0.0
    for start in range(0, len(features), _ROWS):
        some = features[start : start + _ROWS].astype(np.float64) - shift
        sums, squares = sums + some.sum(0), squares + np.square(some).sum(0)
    mean = sums / len(features)
    spread = np.sqrt(np.maximum(squares / len(features) - np.square(mean), 0))
    return mean + shift, np.where(spread > 0, spread, 1)


def _standard(features: Floats, mean: Floats, spread: Floats) -> Floats:
    return _unit((features - mean) / spread)


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; a row of zeros (a flat picture) stays so, and is like nothing."""
    length = np.sqrt(np.square(rows).sum(1, keepdims=True))
    return np.asarray(rows / np.where(length > 1e-6, length, np.inf), dtype=np.float32)
