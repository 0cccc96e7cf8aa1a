"""Of each kind of examples the arm that does best on its validation examples, as one arm.

Arms that are good for those of whom much is known may be poor for the others. To ask that one is clearly
better for a kind before it is taken would lose what can be gained: the best mean is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..types import Examples, IntArray

if TYPE_CHECKING:
    from . import ArmResult

CHOSEN, ALONE = "by_kind", "alone"
"""What is chosen among all arms, and among those that know nothing of what is transferred."""


@dataclass(frozen=True)
class Kinds:
    """The kind of each row that is looked at."""

    names: tuple[str, ...]
    strata: IntArray
    """(n,) of all examples."""
    test: IntArray
    """Rows that are tested."""


def kinds_of(examples: Examples, test: IntArray) -> Kinds:
    """The kinds of a data set's examples."""
    return Kinds(examples.targets.kinds, examples.strata, test)


def mixed(name: str, arms: Sequence[ArmResult], kinds: Kinds) -> ArmResult:
    """The best of the arms for each kind; equals go to the earlier one.

    Seeds that not all have are left out. A kind of which nothing is there to choose on is answered by the
    arm that is best on everything.
    """
    seeds = min(len(arm.outputs) for arm in arms)
    parts = {kind: _best(arms, kinds, number, seeds) for number, kind in enumerate(kinds.names)}
    first = arms[0]
    own = kinds.strata[kinds.test]
    looked = [
        (_joined([one.validation_outputs[seed][0] for one in parts.values()], kinds.strata[rows]), rows)
        for seed, (_, rows) in enumerate(first.validation_outputs[:seeds])
    ]
    validation = tuple(
        _joined([one.validation_scores[seed] for one in parts.values()], kinds.strata[rows])
        for seed, (_, rows) in enumerate(looked)
    )
    return replace(
        first,
        name=name,
        validation=float(np.mean([scores.mean() for scores in validation])),
        test_scores=np.stack(
            [_joined([one.test_scores[seed] for one in parts.values()], own) for seed in range(seeds)]
        ),
        outputs=tuple(_joined([one.outputs[seed] for one in parts.values()], own) for seed in range(seeds)),
        validation_outputs=tuple(looked),
        validation_scores=validation,
        validation_units=first.validation_units[:seeds],
        seconds=0.0,
        arm=None,
        ships=True,
        deaf=False,
        parts=tuple(parts.items()),
    )


def said(parts: Mapping[str, ArmResult]) -> str:
    """Which arm is taken for which kind, in words."""
    return ", ".join(f"{kind}: {arm.name}" for kind, arm in parts.items())


def _best(arms: Sequence[ArmResult], kinds: Kinds, number: int, seeds: int) -> ArmResult:
    def value(arm: ArmResult) -> float:
        found = [
            scores[kinds.strata[rows] == number]
            for scores, (_, rows) in zip(
                arm.validation_scores[:seeds], arm.validation_outputs[:seeds], strict=True
            )
        ]
        some = np.concatenate(found)
        every = np.concatenate(arm.validation_scores[:seeds])
        return round(arm.score.sign * float((some if len(some) else every).mean()), 6)

    return max([arm for arm in arms if arm.ships], key=value)


def _joined(each: Sequence[np.ndarray], strata: IntArray) -> np.ndarray:
    """Row by row that of the row's kind."""
    found = np.array(each[0])
    for number, one in enumerate(each):
        found[strata == number] = one[strata == number]
    return found
