"""Of each kind of examples the arm that does best on its validation examples, as one arm.

Arms that are good for those of whom much is known may be poor for the others. To ask that one is clearly
better for a kind before it is taken would lose what can be gained: the best mean is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..records import OfKind
from ..types import BoolArray, Examples, IntArray
from ._several import paired

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


def compared(
    arms: Sequence[ArmResult], chosen: ArmResult, alone: ArmResult, kinds: Kinds
) -> tuple[OfKind, ...]:
    """Each arm, and what ships, beside what is best without transfer: on all test examples and by kind.

    The intervals are those of single comparisons: among many of them one may be off by luck. Only that of
    what was chosen on validation is a verdict.
    """
    own, parts = kinds.strata[kinds.test], dict(chosen.parts)
    rows = {"all": np.ones(len(own), dtype=np.bool_)}
    rows |= {kind: own == number for number, kind in enumerate(kinds.names)}
    return tuple(
        _of_kind(kind, arm, alone, some, arm is chosen or parts.get(kind) is arm)
        for kind, some in rows.items()
        if some.any()
        for arm in (chosen, *arms)
    )


def _of_kind(kind: str, arm: ArmResult, alone: ArmResult, some: BoolArray, ships: bool) -> OfKind:
    seeds = min(len(arm.test_scores), len(alone.test_scores))
    ours, theirs = (one.test_scores[:seeds, some] for one in (arm, alone))
    units = None if arm.units is None else arm.units[some]
    found = paired(arm.name, alone.name, ours - theirs, 0.0, arm.score, units, exact=True)
    return OfKind(
        kind,
        arm.name,
        ships,
        float(ours.mean()),
        float(theirs.mean()),
        found.delta,
        found.interval,
        found.call,
        int(some.sum()),
    )


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


def _joined(each: Sequence[NDArray[Any]], strata: IntArray) -> NDArray[Any]:
    """Row by row that of the row's kind."""
    found = np.array(each[0])
    for number, one in enumerate(each):
        found[strata == number] = one[strata == number]
    return found
