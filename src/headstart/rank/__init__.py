"""Stage 2, rank: which base suits these examples? One frozen pass of each answers.

Reads training and validation examples only. Each file here without a leading underscore is a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import registry
from ..bases._features import FrozenPass
from ..bases.base import Base
from ..cache import Array
from ..data.checks import near_duplicates, without_near_duplicates
from ..tasks._bench import Bench
from ..tasks.base import Task
from ..types import IntArray, Splits
from .base import Scorer

SCORE = "ridge"
"""The score that decides."""
FRAMING_EXAMPLES = 300
"""So many examples decide which part of a picture the base sees."""


@dataclass(frozen=True)
class Ranked:
    """One base on these examples."""

    bench: Bench
    score: float
    seconds: float
    """Of its frozen pass."""


def rank(
    task: Task,
    splits: Splits,
    bases: Sequence[Base],
    keep: dict[str, tuple[str, ...]],
    passes: FrozenPass,
) -> list[Ranked]:
    """The bases, best first; ties keep the order that they were named in.

    Each is tried as its makers evaluated it (mostly on the middle of a picture) and on whole pictures:
    what matters in a small data set's pictures is not always in their middle.

    Args:
        task: what the examples are for.
        splits: the examples; the test split is not looked at.
        bases: the candidates.
        keep: boundaries by base name that the same pass should write for later stages.
        passes: the frozen passes of this run.
    """
    pool = np.concatenate([splits.train, splits.validation])
    benches = [Bench(task, splits.examples, pool, base, passes) for base in bases]
    ranked = [_ranked(_framed(bench), keep) for bench in benches]
    return sorted(ranked, key=lambda one: -one.score)


def _framed(bench: Bench) -> Bench:
    """The bench with the framing that scores best on a part of the examples; equals keep the makers'."""
    whole = bench.with_base(replace(bench.base, preprocess=bench.base.preprocess.whole()))
    rows = bench.pool[:FRAMING_EXAMPLES]  # examples are in the order of their hashes: a fair sample
    return max([bench, whole], key=lambda one: _score(one.features(rows=rows), one, rows))


def _score(features: Array, bench: Bench, rows: IntArray) -> float:
    scorer: Scorer = registry.get("rank", SCORE)
    return scorer.score(np.asarray(features, dtype=np.float64), bench.examples.targets[rows])


def without_near_copies(bench: Bench, splits: Splits) -> tuple[Bench, Splits]:
    """Splits without pictures of training that show what a higher split shows, and the bench for them."""
    thumbnails = bench.task.thumbnails(bench.subject(bench.base.preprocess.size).inputs, bench.everything)
    if thumbnails is None:
        return bench, splits
    pairs = near_duplicates(bench.features(), thumbnails, splits)
    cleaned = without_near_duplicates(splits, pairs)
    return bench.for_pool(np.concatenate([cleaned.train, cleaned.validation])), cleaned


def _ranked(bench: Bench, keep: dict[str, tuple[str, ...]]) -> Ranked:
    clock = bench.runtime.clock
    started = clock.elapsed()
    features = bench.features(keep.get(bench.base.name, ()))
    seconds = clock.elapsed() - started
    score = _score(features[bench.pool], bench, bench.pool)
    bench.runtime.log(
        "ranked",
        base=bench.base.name,
        framing=bench.base.preprocess.framing,
        score=round(score, 4),
        seconds=round(seconds, 2),
    )
    return Ranked(bench, score, seconds)
