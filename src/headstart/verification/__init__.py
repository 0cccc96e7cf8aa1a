"""Stage 4, verify: did the pre-trained weights help? The only stage that reads the test split.

The reference arms are trained like the transfer arms, with the same seeds and the same rows:
`scratch` (random weights, its own learning rate) and `reinit` (a transfer strategy on random weights).
Which transfer arm and which reference are compared, and which arm ships, is chosen on validation;
the test split then gives the verdict and chooses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from .. import looks, registry, stats
from ..adaptation import (
    Arm,
    Once,
    Plan,
    draws,
    now,
    on_fewer,
    outputs,
    scatter_on_fewer,
    with_next_seed,
)
from ..bench import Bench
from ..records import OfKind
from ..runtime import Clock, derive
from ..stats import of_value as interval_of
from ..tasks.baselines import base as baselines
from ..tasks.scores.base import Score
from ..types import Ended, FloatArray, IntArray, Interval, Source, Splits, Verdict
from ._best import behind, best_of, to_ship
from ._by_kind import ALONE, CHOSEN, compared, kinds_of, mixed
from ._final_model import final_model
from ._references import in_time, starved, trained_references
from ._several import Looked, looked, of_arms, paired
from ._unseen import require_unseen
from ._worth import Worth, weakness, worth
from .curve import Curves, curve, subsets

MARGIN = 0.005
"""Half a point: a smaller difference is none in practice."""
MORE: Literal["more"] = "more"
"""What follows from a look: one more seed of both arms; or none, and then why (`Ended`)."""


@dataclass(frozen=True)
class ArmResult:
    """One arm on validation and on the test split; s seeds, n test examples, k classes."""

    name: str
    validation: float
    """Mean metric over the seeds' validation rows."""
    test_scores: FloatArray
    """(s, n) score of each test example under each seed."""
    outputs: tuple[FloatArray, ...]
    """(n, k) test outputs of each seed."""
    validation_outputs: tuple[tuple[FloatArray, IntArray], ...]
    """Outputs and rows of each seed's validation examples."""
    validation_scores: tuple[FloatArray, ...]
    """Score of each of them: all choices are made on these."""
    seconds: float
    score: Score
    """What all these scores are of."""
    arm: Arm | None = None
    """Where it was trained by steps."""
    ships: bool = True
    deaf: bool = False
    """Does it say the same whatever its input?"""
    units: IntArray | None = None
    """(n,) equal for test examples of one unit: what is independent (`Examples.units`)."""
    validation_units: tuple[IntArray, ...] = ()
    """The same of each seed's validation examples, with the same numbers."""
    parts: tuple[tuple[str, ArmResult], ...] = ()
    """Of an arm that is another one for each kind of examples: those, by kind."""

    def merit(self, seeds: int) -> float:
        """Mean metric on validation over the first seeds, turned so that more is better."""
        found = [scores.mean() for scores in self.validation_scores[:seeds]]
        return self.score.sign * float(np.mean(found))

    @property
    def value(self) -> float:
        """Mean metric on the test split."""
        return float(self.test_scores.mean())

    @property
    def interval(self) -> Interval:
        """Its 95 % interval over seeds and test examples."""
        return stats.of_value(self.test_scores, self.units, self.score.low, self.score.high)


@dataclass(frozen=True)
class Verification:
    """All arms, the verdict, and the arm that ships."""

    arms: tuple[ArmResult, ...]
    verdict: Verdict | None
    """None where the time sufficed for no training without the pre-trained weights."""
    shipped: ArmResult
    curves: Curves
    """What fewer labels would have given."""
    kinds: tuple[OfKind, ...] = ()
    """By kind of examples, where the arm is chosen for each."""

    @property
    def worth(self) -> Worth:
        """What the labels were worth, as far as that can be told."""
        scores = {arm.name: arm for arm in self.arms}
        nothing = next((arm.test_scores for arm in self.arms if arm.deaf), None)
        scratch = scores.get("scratch")
        fitted = scratch.arm.fitted if scratch is not None and scratch.arm is not None else ()
        weak = (
            weakness(fitted, scratch.test_scores, nothing, scratch.score.sign, scratch.units)
            if scratch is not None
            else None
        )
        return worth(self.curves, weak, nothing)


def verify(
    bench: Bench,
    splits: Splits,
    plan: Plan,
    transfer: Sequence[Arm],
    folder: Path,
    once: Once = now,
    margin: float = MARGIN,
) -> Verification:
    """Train the reference arms, choose on validation, then compare on the test split.

    Two arms are compared: the best transfer arm and the best reference. Only these get more seeds, one after
    another, until it is clear which is better, or seeds or time end. Each look is written down by `once`
    before it is acted on.
    """
    task = bench.task
    plan = in_time(bench, plan, transfer, once)
    references = trained_references(bench, splits, plan, folder, once)
    trained = {arm.name: _tested(arm, bench, splits) for arm in [*transfer, *references]}
    rivals, dull = (baselines.fitting(names, bench) for names in (task.rivals, task.baselines))
    trained |= {name: _dull_arm(name, bench, splits, plan, plan.seeds) for name in rivals}
    ours = [arm.name for arm in transfer]
    # what an encoder beside the base gains is not the pre-trained weights' doing
    proving = [name for name in ours if registry.get("adaptation", name).proves] or ours
    others = [*(arm.name for arm in references), *rivals]
    names_of_arms, kinds = [*trained], kinds_of(bench.examples, splits.test)
    if task.by_kind:
        for name, names in ((ALONE, others), (CHOSEN, [*others, *ours])):
            trained[name] = mixed(name, [trained[one] for one in names], kinds)
        proving, others, ours = [CHOSEN], [ALONE], [CHOSEN]
    pair = [best_of([trained[name] for name in names]).name for names in (proving, others) if names]
    said, trained = _decided(trained, pair, bench, splits, plan, folder, once, margin)
    seeds = max(len(one.test_scores) for one in trained.values())
    further_dull = [name for name in dull if name not in trained]
    results = [*(_dull_arm(name, bench, splits, plan, seeds) for name in further_dull), *trained.values()]
    scratch = trained["scratch"].arm if "scratch" in trained else None
    curves = _curves(bench, splits, plan, scratch, folder, once)
    shipped = trained.get(CHOSEN) or to_ship(
        [result for result in results if result.ships], set(ours), task.rivals, task.anchor
    )
    if not task.by_kind:
        return Verification(tuple(results), said, shipped, curves)
    each = compared([trained[name] for name in names_of_arms], trained[CHOSEN], trained[ALONE], kinds)
    return Verification(tuple(results), said, shipped, curves, each)


def _decided(
    trained: dict[str, ArmResult],
    pair: Sequence[str],
    bench: Bench,
    splits: Splits,
    plan: Plan,
    folder: Path,
    once: Once,
    margin: float,
) -> tuple[Verdict | None, dict[str, ArmResult]]:
    """The verdict over two arms, and all arms with the seeds that it took; none where one has no rival."""
    if len(pair) < 2:
        return None, trained
    ended: Literal["more"] | Ended = MORE
    while ended == MORE:
        seeds = _seeds(trained, pair)
        ended = once(f"look-{seeds}", partial(_look, trained, pair, bench, plan))
        if ended == MORE:
            arms = [one.arm for name in pair if (one := trained[name]).arm and len(one.outputs) == seeds]
            further = with_next_seed(arms, bench, splits, plan, folder)
            ended = once(f"seed-{seeds + 1}", partial(_begun, further, arms))
        if ended == MORE:
            trained = trained | {arm.name: _tested(arm, bench, splits, trained[arm.name]) for arm in further}
    exact = bench.task.fitter is not None
    found = verdict(trained[pair[0]], trained[pair[1]], margin, exact)
    loser = trained[pair[1] if found.delta > 0 else pair[0]]
    if starved(loser.arm, found.seeds):
        return replace(found, call="undecided", ended="cut"), trained
    return replace(found, ended="exact" if exact else ended), trained


def _begun(further: Sequence[Arm], arms: Sequence[Arm]) -> Literal["more", "time"]:
    """Was there time for another seed of all arms?"""
    return MORE if len(further) == len(arms) else "time"


def _seeds(trained: Mapping[str, ArmResult], names: Sequence[str]) -> int:
    return min(len(trained[name].test_scores) for name in names)


def _look(
    trained: Mapping[str, ArmResult], pair: Sequence[str], bench: Bench, plan: Plan
) -> Literal["more"] | Ended:
    """Why no more seeds of the pair are trained, or that they are."""
    ours, theirs = (trained[name] for name in pair)
    seeds, clock = _seeds(trained, pair), bench.runtime.clock
    if looks.clear(ours.test_scores[:seeds] - theirs.test_scores[:seeds], ours.units):
        return "decided"
    if seeds >= plan.seeds:
        return "seeds"
    each = sum(one.seconds / len(one.test_scores) for one in (ours, theirs))
    return MORE if clock.elapsed() + each < clock.budget - plan.reserve else "time"


@dataclass(frozen=True)
class Measured:
    """The shipped bundle on the test split; n examples, k classes."""

    rows: IntArray
    """(n,) of the examples that it was measured on."""
    outputs: FloatArray
    """(n, k)."""
    value: float
    interval: Interval
    metrics: dict[str, float]


def measure(predict: Callable[[Sequence[Source]], FloatArray], bench: Bench, splits: Splits) -> Measured:
    """What the bundle's own prediction code gives on the test split."""
    examples, task = bench.examples, bench.task
    outputs = predict([examples.sources[row] for row in splits.test.tolist()])
    right = examples.answers[splits.test]
    scores = task.score.of(outputs, right)
    return Measured(
        splits.test,
        outputs,
        float(scores.mean()),
        stats.of_value(scores[None], examples.units[splits.test], task.score.low, task.score.high),
        task.metrics(outputs, right),
    )


def verdict(
    transfer: ArmResult, reference: ArmResult, margin: float = MARGIN, exact: bool = False
) -> Verdict:
    """The paired difference of two arms over the seeds that both have, on the same test items."""
    seeds = min(len(transfer.test_scores), len(reference.test_scores))
    difference = transfer.test_scores[:seeds] - reference.test_scores[:seeds]
    return paired(transfer.name, reference.name, difference, margin, transfer.score, transfer.units, exact)


def _curves(
    bench: Bench, splits: Splits, plan: Plan, scratch: Arm | None, folder: Path, once: Once
) -> Curves:
    """Heads on frozen features for every seed, and training from scratch again where there is time for it."""
    right, k, task = bench.examples.answers, len(bench.examples.categories), bench.task
    solver = task.answer.solver
    if solver is None:
        return Curves((), (), task.score)
    if scratch is None:
        return Curves((), (), task.score, "nothing was trained from scratch")
    rows = [
        subsets(draw.train, bench.examples.strata, derive(plan.seed, "curve", number))
        for number, draw in enumerate(draws(splits, plan.seeds, plan.seed))
    ]
    units = bench.examples.units[splits.test]
    deep, clock = np.asarray(bench.features(), dtype=np.float64), bench.runtime.clock

    def frozen(_number: int, some: IntArray) -> FloatArray:
        head = solver.solve(deep[some], right[some], k)
        return task.score.of(head.outputs(deep[splits.test]), right[splits.test])

    def fresh(number: int, some: IntArray) -> FloatArray:
        whole = len(some) == len(rows[number][-1])
        fitted = scratch.fitted[number]
        if not whole:
            bench.runtime.reporter.note(f"learning curve: seed {number + 1}, {len(some)} examples")
            fitted = on_fewer(scratch, number, some, bench, folder, deadline)
        return task.score.of(outputs(fitted, bench, splits.test), right[splits.test])

    trained = rows[: len(scratch.fitted)]
    again = trained[: once("curve", partial(_curve_seeds, plan, scratch, clock))]
    deadline = clock.budget - plan.reserve
    fewer = [(number, some) for number, sizes in enumerate(again) for some in sizes[:-1]]
    scatter_on_fewer(scratch, fewer, bench, folder, deadline)
    smaller = curve([sizes[:-1] for sizes in again], fresh, units) if again else ()
    whole = curve([sizes[-1:] for sizes in trained], fresh, units)
    return Curves(curve(rows, frozen, units), (*smaller, *whole), task.score)


def _curve_seeds(plan: Plan, scratch: Arm, clock: Clock) -> int:
    """Of the learning curve: none where its halves, which take about as long as the whole, do not fit."""
    most = min(plan.curve_seeds, len(scratch.fitted))
    each = scratch.seconds / len(scratch.fitted)
    return most if most * each < clock.left() - plan.reserve else 0


def _tested(arm: Arm, bench: Bench, splits: Splits, before: ArmResult | None = None) -> ArmResult:
    """An arm on validation and test; `before`: the same of fewer seeds, whose outputs are there already."""
    looked = [(out, one.job.validation) for out, one in zip(arm.validation, arm.fitted, strict=True)]
    known = () if before is None else before.outputs
    tests = [*known, *(outputs(one, bench, splits.test) for one in arm.fitted[len(known) :])]
    result = _result(arm.name, bench, splits, looked, tests, arm.seconds, arm)
    return replace(result, ships=arm.name != "reinit")


def _dull_arm(name: str, bench: Bench, splits: Splits, plan: Plan, seeds: int) -> ArmResult:
    """A dull baseline on every seed's rows."""
    clock = bench.runtime.clock
    started, looked, tests, ships = clock.elapsed(), [], [], True
    for draw in draws(splits, seeds, plan.seed):
        fitted = baselines.get(name).fit(bench, draw.train)
        looked.append((fitted.outputs(draw.validation), draw.validation))
        tests.append(fitted.outputs(splits.test))
        ships = fitted.ships
    result = _result(name, bench, splits, looked, tests, clock.elapsed() - started, None)
    return replace(result, ships=ships, deaf=baselines.get(name).deaf)


def _result(
    name: str,
    bench: Bench,
    splits: Splits,
    looked: list[tuple[FloatArray, IntArray]],
    tests: list[FloatArray],
    seconds: float,
    arm: Arm | None,
) -> ArmResult:
    task, right = bench.task, bench.examples.answers
    validation = tuple(task.score.of(out, right[rows]) for out, rows in looked)
    test = np.stack([task.score.of(out, right[splits.test]) for out in tests])
    mean = float(np.mean([scores.mean() for scores in validation]))
    units = bench.examples.units
    return ArmResult(
        name,
        mean,
        test,
        tuple(tests),
        tuple(looked),
        validation,
        seconds,
        task.score,
        arm,
        units=units[splits.test],
        validation_units=tuple(units[rows] for _, rows in looked),
    )


__all__ = [
    "ArmResult",
    "Curves",
    "Looked",
    "Measured",
    "Verification",
    "behind",
    "best_of",
    "final_model",
    "interval_of",
    "looked",
    "measure",
    "of_arms",
    "paired",
    "require_unseen",
    "to_ship",
    "verdict",
    "verify",
]
