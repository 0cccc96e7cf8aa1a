"""What may be said of the worth of labels: nothing against a reference that learned nothing, nor far off.

A learning curve tells what lies on it. A rival that was hardly trained makes any weights look as if they
saved many labels, and a power law that is carried on to a thousand times the labels is a guess.

Notation: s seeds, n test items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .. import stats
from ..adaptation import Fitted
from ..types import FloatArray, IntArray
from .curve import Curves, Needed, Saved, needed, saved

FARTHEST = 10.0
"""Times the labels of what was observed: beyond it no number is given."""
CLEAR_GAIN = 0.05
"""Of the validation loss, gained in the last fifth of the epochs: more of them would have gained more."""
EPOCHS = 5
"""From so many on, there is a fifth of them."""


@dataclass(frozen=True)
class Worth:
    """What the labels were worth, and what more of them would give; where it is None, why."""

    saved: Saved | None
    unsaved: str | None
    needed: Needed | None
    unneeded: str | None


def worth(curves: Curves, weak: str | None, nothing: FloatArray | None) -> Worth:
    """What can be told from curves.

    Args:
        curves: of heads on frozen features and of training from scratch.
        weak: why training from scratch is no reference, as `weakness` says it.
        nothing: (s, n) test scores of what has not looked at its input, if there is that.
    """
    if len(curves.frozen) < 2:
        return Worth(None, curves.missing, None, None)
    why = weak and f"training from scratch is too weak a reference: {weak}"
    return Worth(None if why else _near(saved(curves)), why, *_more(curves, nothing))


def weakness(
    fitted: Sequence[Fitted],
    scores: FloatArray,
    nothing: FloatArray | None,
    sign: int,
    units: IntArray | None = None,
) -> str | None:
    """Why a trained arm is no reference to count labels against; None where it is one.

    Args:
        fitted: its seeds.
        scores: (s, n) of the test items.
        nothing: (s, n) of what has not looked at its input, if there is that.
        sign: of the score.
        units: (n,) equal for test items of one unit.
    """
    count, histories = len(fitted), [one.history for one in fitted]
    if not better(scores, nothing, sign, units):
        return "it does no better than an answer that is always the same"
    if fitted and fitted[0].job.recipe.head_epochs + fitted[0].job.recipe.epochs <= 1:
        return "it was trained for one epoch"
    cut = sum(history.cut_short or history.diverged for history in histories)
    if 2 * cut >= max(1, count):
        return f"its training ended before its epochs did in {cut} of {count} seeds"
    late = sum(_improving(history.validation) for history in histories)
    if 2 * late > count:
        return f"it was still clearly improving when its epochs ended, in {late} of {count} seeds"
    return None


def better(scores: FloatArray, nothing: FloatArray | None, sign: int, units: IntArray | None = None) -> bool:
    """Are (s, n) scores clearly above those of what has not looked at its input?"""
    if nothing is None:
        return True
    seeds = min(len(scores), len(nothing))
    return stats.interval(sign * (scores[:seeds] - nothing[:seeds]), units).low > 0


def _improving(losses: Sequence[float]) -> bool:
    if len(losses) < EPOCHS:
        return False
    before = min(losses[: -(len(losses) // EPOCHS)])
    return before - min(losses) > CLEAR_GAIN * abs(before)


def _near(found: Saved) -> Saved:
    """The multiplier, at most ten times either way: beyond, it is at least or at most that."""
    low, high = found.interval
    ends = low and min(max(low, 1 / FARTHEST), FARTHEST), high and min(max(high, 1 / FARTHEST), FARTHEST)
    if high is not None and high > FARTHEST:
        ends = ends[0], None
    if low is not None and low < 1 / FARTHEST:
        ends = None, ends[1]
    if found.multiplier > FARTHEST:
        return Saved(FARTHEST, ends, "at_least")
    if found.multiplier < 1 / FARTHEST:
        return Saved(1 / FARTHEST, ends, "at_most")
    return replace(found, interval=ends)


def _more(curves: Curves, nothing: FloatArray | None) -> tuple[Needed | None, str | None]:
    """The labels for half of the error, or why they are not told."""
    curve = curves.frozen
    if not better(curve[-1].scores, nothing, curves.score.sign, curve[-1].units):
        return None, "the head on frozen features does no better than an answer that is always the same"
    found, here = needed(curves), curve[-1].labels
    if found is None:
        return None, "the curve is too short or too flat to carry it on"
    if found.labels > FARTHEST * here:
        return None, "it would take more than ten times the labels at hand"
    low, high = found.interval
    far = high is None or high > FARTHEST * here
    return replace(found, interval=(low, None if far else high)), None
