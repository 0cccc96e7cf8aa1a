"""Which part of a picture the base should see, and no picture of training that a higher split shows too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..bases.base import FEATURES
from ..bench import Bench
from ..data.checks import near_across, near_duplicates, without_near_duplicates
from ..runtime import Clock
from ..types import IntArray, Splits
from .ridge import plugin as ridge

FRAMING_EXAMPLES = 300
"""So many examples decide which part of a picture the base sees."""
SHARE = 0.4
"""Of a run's time, after which that is not asked any more."""


def prepared(bench: Bench, boundaries: Sequence[str]) -> Bench:
    """The bench with the better framing, its features and the activations at the boundaries written."""
    better = framed(bench, boundaries)
    better.features(boundaries)
    return better


def framed(bench: Bench, boundaries: Sequence[str]) -> Bench:
    """The bench with the better framing; in the makers' its activations at the boundaries are written, too.

    Tried are the framing that the base's makers evaluated it with (mostly the middle of a picture) and whole
    pictures: what matters in a small data set's pictures is not always in their middle. Among equals the
    makers' stays, and where so much time is gone that another pass would leave too little.
    """
    rows = bench.pool[:FRAMING_EXAMPLES]  # examples are in the order of their hashes: a fair sample
    own, *others = bench.framings()
    if not others:
        return bench
    found = {own: _right(own, rows, boundaries)}  # it mostly stays, and these are not passed again then
    for other in others:
        if _late(bench.runtime.clock) and not _is_passed(other, rows):
            bench.runtime.reporter.note("the time does not suffice to look at pictures in another framing")
            break
        found[other] = _right(other, rows, ())
    return max(found, key=found.__getitem__)


def _late(clock: Clock) -> bool:
    return clock.elapsed() > SHARE * clock.budget


def _is_passed(bench: Bench, rows: IntArray) -> bool:
    """Are the features of these rows there? What was found once is found again, however late."""
    base = bench.base
    return not len(bench.passes.missing(bench.wanted(base.network(), base.identity, (FEATURES,)), rows))


def without_near_copies(bench: Bench, splits: Splits) -> tuple[Bench, Splits]:
    """Splits without pictures of training that show what a higher split shows, and the bench for them."""
    thumbnails = _thumbnails(bench)
    if thumbnails is None:
        return bench, splits
    pairs = near_duplicates(np.asarray(bench.summaries(), dtype=np.float32), thumbnails, splits)
    cleaned = without_near_duplicates(splits, pairs)
    return bench.for_pool(np.concatenate([cleaned.train, cleaned.validation])), cleaned


def copies_across(bench: Bench, start: int) -> IntArray:
    """(m, 2) pairs of near copies: an example before the row `start`, and one from there on."""
    thumbnails = _thumbnails(bench)
    if thumbnails is None:
        return np.zeros((0, 2), dtype=np.int64)
    return near_across(np.asarray(bench.summaries(), dtype=np.float32), thumbnails, start)


def _thumbnails(bench: Bench) -> NDArray[np.floating] | None:
    """(n, t) of all examples; None where the modality has none."""
    inputs = bench.subject(bench.base.preprocess.size).inputs
    return bench.task.modality.impressions(inputs, bench.everything)


def _right(bench: Bench, rows: IntArray, boundaries: Sequence[str]) -> float:
    features = np.asarray(bench.features(boundaries, rows), dtype=np.float64)
    if not np.isfinite(features).all():  # the ranking says so
        return 0.0
    examples = bench.examples
    return float(ridge.score(features, examples.strata[rows], examples.units[rows]).mean())
