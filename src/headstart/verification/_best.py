"""Which arm is the best on validation, by how much, and which one ships."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import stats

if TYPE_CHECKING:
    from . import ArmResult

CLEAR = 2.0
"""Standard errors by which an arm without transfer has to be ahead on validation to ship."""
RIVAL = 0.0
"""The same of a dull baseline that the verdict compares with: where it is as good, it is so for less."""


def best_of(results: Sequence[ArmResult]) -> ArmResult:
    """The best on validation over the seeds that all have; equals go to the earlier, the cheaper."""
    seeds = min(len(result.validation_scores) for result in results)
    return results[int(stats.rounded([result.merit(seeds) for result in results]).argmax())]


def to_ship(
    results: Sequence[ArmResult],
    transfer: Collection[str],
    rivals: Sequence[str] = (),
    anchor: str | None = None,
) -> ArmResult:
    """The arm that ships: the best transfer arm on validation, unless one without transfer is clearly better.

    A few validation examples cannot tell arms apart. Among transfer arms within one standard error of the
    best the one named first ships (the rule of Breiman et al., "Classification and Regression Trees", 1984,
    section 3.4.3); the `anchor`, which has learned nothing and so fits validation by no luck of its own,
    ships unless the best is ahead of it by `CLEAR`. Arms without transfer are many, and one of them is easily
    ahead by luck: it has to be ahead of the best by `CLEAR` standard errors; a rival, the plainest of all,
    by `RIVAL` of what would ship. Where the best of them trains a network the best rival within one standard
    error of it ships, else the earliest that trains one.
    """
    own = [one for one in results if one.name in transfer]
    leader = best_of(own or results)
    first = sorted(own or [leader], key=lambda one: one.name != anchor)
    first = [one for one in first if behind(one, leader) <= (CLEAR if one.name == anchor else 1)]
    ahead = {
        one.name: one
        for one in results
        if one.name not in transfer
        and (behind(first[0], one) > RIVAL if one.name in rivals else behind(leader, one) > CLEAR)
    }
    if not ahead:
        return first[0]
    best, dull = best_of([*ahead.values()]), [ahead[name] for name in rivals if name in ahead]
    plainest = [best_of(dull)] if dull else []
    alike = [*plainest, *(one for one in ahead.values() if one.arm is not None)]
    if best.arm is None:
        return best
    return next(one for one in alike if behind(one, best) <= 1)


def behind(one: ArmResult, best: ArmResult) -> float:
    """By how many standard errors an arm is behind on the validation rows of both.

    Seeds may share rows, and rows a unit: only different units count as evidence, and one alone as none.
    """
    pairs = list(zip(one.validation_scores, best.validation_scores, strict=False))
    difference = one.score.sign * np.concatenate([theirs - ours for ours, theirs in pairs])
    units = best.validation_units or tuple(rows for _, rows in best.validation_outputs)
    seen = np.concatenate(units[: len(pairs)]) if units else None
    return stats.effects(difference[None], seen).standard_errors
