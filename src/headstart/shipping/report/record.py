"""What happened, as records: `result.json` for programs, `evidence.json` for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...adaptation import CURVE, Plan
from ...bench import Bench
from ...data import FOLDS, per_class, rows_by_side
from ...plain import read
from ...records import (
    Abstaining,
    Arm,
    Base,
    Choice,
    Chosen,
    Counts,
    Curved,
    Data,
    Labels,
    LeftOut,
    Metric,
    Needed,
    Outcome,
    Point,
    Speed,
    Verdict,
    Weights,
)
from ...types import IntArray, Splits
from ...verification import ArmResult, Curves, Measured, Verification
from ...verification.curve import Point as Size
from ...version import VERSION
from ..bundles.calibrate import abstaining
from . import words

SCHEMA = "headstart/result/1"
FEW_TESTED = 20
"""Fewer test examples tell hardly anything."""


@dataclass(frozen=True)
class Story:
    """Everything that happened, for the record."""

    task: str
    splits: Splits
    bench: Bench
    ranking: Mapping[str, object]
    """As `ranking.choice_record` writes it."""
    plan: Plan
    verification: Verification
    measured: Measured
    strategies: Sequence[str]
    seconds: dict[str, float]
    abstain: Mapping[str, float | None]
    """What the bundle knows of abstaining: `max_error` and `threshold`."""
    weights: Mapping[str, object] | None = None
    """Which weights of the arm ship, and why: `adaptation.Shipped`."""
    speed: Speed | None = None
    """Of a bundle that takes pictures."""
    folds: int = 0
    """In so many the test examples were tested, where there was no one test split."""

    @property
    def choice(self) -> Choice:
        """How the base was chosen."""
        return read(Choice, self.ranking, "ranking")

    @property
    def shipped(self) -> Weights | None:
        """Which weights of the arm ship."""
        return None if self.weights is None else read(Weights, self.weights, "weights")


def result(story: Story) -> Outcome:
    """The content of `result.json`."""
    bench, shipped, verdict = story.bench, story.verification.shipped, story.verification.verdict
    task, head = bench.task, bench.task.answer.head_architecture
    outcome = Outcome(
        schema=SCHEMA,
        headstart=VERSION,
        task=story.task,
        data=data_record(story.splits),
        chosen=Chosen(
            bench.base.name,
            _strategy(story),
            shipped.name,
            story.shipped,
            head.name if head else None,
        ),
        metric=_metric(story),
        metrics=story.measured.metrics,
        ranges=task.scores.ranges,
        arms=tuple(_arm(arm, bench, story.measured.rows) for arm in story.verification.arms),
        verdict=None if verdict is None else Verdict(**vars(verdict), sentence=None),
        labels=_labels(story.verification, task.answer.solver is not None),
        abstain=_abstaining(story),
        ranking=story.choice.rows,
        seconds={name: round(value, 2) for name, value in story.seconds.items()},
        speed=story.speed,
        base=_base(bench),
        receipt=bench.base.receipt,
        plan=story.plan.as_json(),
        notes=tuple(notes(story)),
        kinds=story.verification.kinds,
    )
    if verdict is None:
        return outcome
    said = words.sentence(outcome, task.scores.titles.of(task.score.name))
    return replace(outcome, verdict=Verdict(**vars(verdict), sentence=said))


def _strategy(story: Story) -> str | None:
    """The strategies whose models ship; None where no transferred model does."""
    shipped = story.verification.shipped
    arms = [arm.name for _, arm in shipped.parts] or [shipped.name]
    return ", ".join(dict.fromkeys(name for name in arms if name in story.strategies)) or None


def _metric(story: Story) -> Metric:
    score, measured = story.bench.task.score, story.measured
    return Metric(
        score.name,
        measured.value,
        measured.interval,
        score.sign > 0,
        len(measured.rows),
        score.range,
        story.folds or None,
    )


def _base(bench: Bench) -> Base:
    return Base(**vars(bench.base.card), input_unit=bench.base.preprocess.unit)


def notes(story: Story) -> list[str]:
    """What a reader must know before believing the numbers."""
    left_out = [f"{one.file} was left out of the ranking: {one.reason}" for one in story.choice.left_out]
    there = {arm.name for arm in story.verification.arms}
    gone = [name for name in story.plan.seconds if name not in {*there, CURVE}]
    found = [*left_out, *story.plan.notes]
    found += [f"{name} was given up: the time did not suffice for it any more" for name in gone]
    for arm in story.verification.arms:
        trained = arm.arm
        if trained is None:
            continue
        if trained.note:
            found.append(f"{arm.name}: {trained.note}")
        late = sum(one.history.still_improving for one in trained.fitted)
        if late and arm.name in ("scratch", "reinit"):
            found.append(f"{arm.name} was still improving when its epochs ended, in {late} of its seeds")
        cut = sum(one.history.cut_short for one in trained.fitted)
        if cut:
            found.append(f"{arm.name} was cut short by its deadline in {cut} of its seeds")
    found += _few(story)
    shipped = story.verification.shipped
    form, weights = words.value_form(story.bench.task.score.range), story.shipped
    if weights and weights.what == "seed":
        found.append(f"what ships is {words.weights(weights)}")
    found += [
        f"{arm.name}, which cannot ship, did better on validation than what ships: "
        f"{form(arm.validation)} against {form(shipped.validation)}"
        for arm in story.verification.arms
        if arm.name in story.bench.task.baselines
        and not arm.ships
        and arm.score.sign * (arm.validation - shipped.validation) > 0
    ]
    if shipped.parts:
        parts = ", ".join(f"{arm.name} for those who are {kind}" for kind, arm in shipped.parts)
        found.append(f"what ships was chosen for each kind on validation: {parts}")
    elif shipped.name not in story.strategies:
        found.append(f"{shipped.name} did best on validation: it ships instead of a transferred model")
    return found


def _few(story: Story) -> list[str]:
    """What else could be done where a test split that was cut here is hardly one."""
    n, task = len(story.measured.rows), story.bench.task
    if n >= FEW_TESTED or story.folds or story.splits.brought_test or not task.answer.classes:
        return []
    return [f"the test split has {n} examples only: --set {FOLDS.name}=5 tests each of all examples once"]


def data_record(splits: Splits) -> Data:
    """The `data` of `result.json`."""
    return Data(
        **{side: len(rows) for side, rows in rows_by_side(splits).items()},
        labels=splits.examples.categories,
        per_class={name: Counts(**counts) for name, counts in per_class(splits).items()},
        dropped=LeftOut(splits.dropped),
        findings=splits.findings,
        fingerprint=f"sha256:{splits.fingerprint}",
    )


def _abstaining(story: Story) -> Abstaining | None:
    """None where answers have no probability."""
    measured = story.measured
    if not story.bench.task.answer.classes:
        return None
    right = story.bench.examples.answers[measured.rows]
    return abstaining(measured.outputs, right, story.abstain["max_error"] or 0.0, story.abstain["threshold"])


def _labels(verification: Verification, solved: bool) -> Labels:
    """What the labels were worth: the multiplier, the learning curves, and what half of the error takes."""
    if not solved:
        return Labels(None, None, "this is not measured for this task")
    worth, curved = verification.worth, verification.curves
    saved, needed = worth.saved, worth.needed
    told = Labels(
        round(saved.multiplier, 4) if saved else None, saved.interval if saved else None, worth.unsaved
    )
    if len(curved.frozen) < 2:
        return told
    return Curved(
        **vars(told),
        censored=saved.censored if saved else None,
        curve={"frozen": _points(curved.frozen, curved), "scratch": _points(curved.scratch, curved)},
        needed=Needed(needed.value, needed.labels, needed.interval) if needed else None,
        needed_reason=worth.unneeded,
    )


def _points(points: Sequence[Size], curved: Curves) -> tuple[Point, ...]:
    return tuple(
        Point(point.labels, point.value, curved.interval(point), len(point.scores)) for point in points
    )


def _arm(arm: ArmResult, bench: Bench, rows: IntArray) -> Arm:
    trained = arm.arm
    fitted = trained.fitted if trained else ()
    return Arm(
        arm.name,
        arm.value,
        arm.interval,
        arm.validation,
        round(arm.seconds, 2),
        tuple(float(scores.mean()) for scores in arm.test_scores),
        _given(arm) if fitted and fitted[0].history.steps else {},
        any(one.history.still_improving for one in fitted),
        trained.note if trained else None,
        _means(arm, bench, rows) if not bench.task.answer.classes and arm.outputs else None,
    )


def _means(arm: ArmResult, bench: Bench, rows: IntArray) -> dict[str, float]:
    """Every metric of the task, averaged over the seeds: some are of all answers together."""
    seeds = [bench.task.metrics(outputs, bench.examples.answers[rows]) for outputs in arm.outputs]
    return {name: float(np.mean([one[name] for one in seeds])) for name in seeds[0]}


def _given(arm: ArmResult) -> dict[str, object]:
    """What a trained arm was given, of its first seed, and the mean seconds and steps of all."""
    assert arm.arm is not None
    recipe, fitted = arm.arm.fitted[0].job.recipe, arm.arm.fitted
    return {
        "size": recipe.size,
        "epochs": recipe.head_epochs + recipe.epochs,
        "steps": round(float(np.mean([one.history.steps for one in fitted]))),
        "seconds": round(float(np.mean([one.history.seconds for one in fitted])), 2),
        "rate": recipe.rate,
        "batch": recipe.batch,
        "views": recipe.views,
        "opened": list(recipe.cuts),
    }
