"""Arms that are compared on several targets: each training is looked at on one target's own rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..bench import Bench
from ..looks import FIRST
from ..stats import call, interval, sign_flip
from ..tasks.scores.base import Score
from ..types import FloatArray, IntArray, Splits, Verdict


@dataclass(frozen=True)
class Looked:
    """One training on one target; n test examples, k classes."""

    validation: float
    """Mean metric on the seed's validation rows."""
    validation_outputs: FloatArray
    """(·, k)."""
    rows: IntArray
    """The validation rows."""
    scores: FloatArray
    """(n,) of the test examples."""
    units: IntArray | None = None
    """(n,) equal for those of one unit (`Examples.units`)."""


def looked(outputs: Callable[[IntArray], FloatArray], bench: Bench, draw: Splits) -> Looked:
    """What a network gives for the validation and test rows of one draw."""
    task, targets = bench.task, bench.examples.answers
    validation, test = outputs(draw.validation), outputs(draw.test)
    value = task.score.value(validation, targets[draw.validation])
    scores = task.score.of(test, targets[draw.test])
    return Looked(value, validation, draw.validation, scores, bench.examples.units[draw.test])


def of_arms(
    name: str, arm: Sequence[Looked], against: str, other: Sequence[Looked], margin: float, score: Score
) -> Verdict:
    """The paired difference of two arms, seed by seed on the same test examples."""
    ours, theirs = (np.stack([one.scores for one in looks]) for looks in (arm, other))
    return paired(name, against, ours - theirs, margin, score, arm[0].units)


def paired(
    name: str,
    against: str,
    difference: FloatArray,
    margin: float,
    score: Score,
    units: IntArray | None = None,
    exact: bool = False,
) -> Verdict:
    """The verdict of (s, n) differences of s seeds on n test examples, of (n,) units; a gain is positive.

    Of arms that are `exact` another seed would be the same: one decides.
    """
    difference = score.sign * difference
    found = interval(difference, units)
    return Verdict(
        call=call(found) if exact or len(difference) >= FIRST else "undecided",
        delta=float(difference.mean()),
        interval=found,
        seeds=len(difference),
        transfer=name,
        baseline=against,
        p=sign_flip(difference.mean(1)),
        margin=margin,
        equivalent=not score.has_unit and -margin <= found.low and found.high <= margin,
    )
