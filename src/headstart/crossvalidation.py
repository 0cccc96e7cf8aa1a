"""One story of several: each fold of a tiny data set had its own, none of which saw its test split before.

The choices are nested: in every fold the base, the recipe, the arm that is judged and the model that is
measured are chosen on that fold's validation. So what is pooled is the result of the whole procedure, not of
one lucky choice. The variance of K folds has no unbiased estimate, because the folds share most of what they
learn from (Y. Bengio, Y. Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation",
Journal of Machine Learning Research 5, 2004): intervals take the trainings of a seed over all folds for one.

Notation: s seeds, n tested examples of all folds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import adaptation, verification
from .bench import Bench
from .shipping.report.record import Story
from .tasks.scores.base import Score
from .types import IntArray, Splits, Verdict
from .verification import ArmResult, Curves, Measured, Verification


def pooled(stories: Sequence[Story], margin: float) -> tuple[Verification, Measured]:
    """Arms, verdict and measured model over all folds; what fewer labels would have given is not told."""
    score = stories[0].bench.task.score
    by_name = [{arm.name: arm for arm in story.verification.arms} for story in stories]
    everywhere = [name for name in by_name[0] if all(name in arms for arms in by_name)]
    arms = tuple(_joined([arms[name] for arms in by_name]) for name in everywhere)
    ours = {name for story in stories for name in story.strategies}
    shipped = verification.to_ship([arm for arm in arms if arm.ships], ours)
    verdict = _verdict(stories, by_name, margin)
    curves = Curves((), (), score, "with folds no learning curve is made")
    return Verification(arms, verdict, shipped, curves), _measured(stories, score)


def trained(
    pooled: Verification, bench: Bench, splits: Splits, plan: adaptation.Plan, work: Path
) -> Verification:
    """With the arm that ships trained on these splits; a baseline is learned when it is packed."""
    shipped = pooled.shipped
    if shipped.arm is None:
        return pooled
    (arm,) = adaptation.adapt(bench, splits, plan, [shipped.name], work)
    return replace(pooled, shipped=replace(shipped, arm=arm))


def _joined(arms: Sequence[ArmResult]) -> ArmResult:
    """One arm of all folds; seeds that some fold lacks are left out, so that each covers all examples.

    What there is of each training goes seed by seed, and fold by fold in it: arms of more seeds and of fewer
    begin alike, as comparisons of them take for granted.
    """
    seeds = min(len(arm.test_scores) for arm in arms)
    trainings = [(arm, seed) for seed in range(seeds) for arm in arms]
    return replace(
        arms[0],
        validation=float(np.mean([arm.validation for arm in arms])),
        test_scores=np.concatenate([arm.test_scores[:seeds] for arm in arms], axis=1),
        outputs=tuple(np.concatenate([arm.outputs[seed] for arm in arms]) for seed in range(seeds)),
        validation_outputs=tuple(arm.validation_outputs[seed] for arm, seed in trainings),
        validation_scores=tuple(arm.validation_scores[seed] for arm, seed in trainings),
        seconds=sum(arm.seconds for arm in arms),
        arm=_trainings([arm.arm for arm in arms if arm.arm is not None], seeds),
        units=np.concatenate([_units(arm.units) for arm in arms]),
        validation_units=tuple(arm.validation_units[seed] for arm, seed in trainings),
    )


def _trainings(arms: Sequence[adaptation.Arm], seeds: int) -> adaptation.Arm | None:
    if not arms:
        return None
    notes = dict.fromkeys(arm.note for arm in arms if arm.note)
    return adaptation.Arm(
        arms[0].name,
        tuple(arm.fitted[seed] for seed in range(seeds) for arm in arms),
        tuple(arm.validation[seed] for seed in range(seeds) for arm in arms),
        "; ".join(notes) or None,
    )


def _verdict(
    stories: Sequence[Story], by_name: Sequence[dict[str, ArmResult]], margin: float
) -> Verdict | None:
    """The difference of the arms that each fold chose on its validation; named after the most frequent.

    None where a fold has no verdict: then no difference covers all examples.
    """
    verdicts = [one for story in stories if (one := story.verification.verdict) is not None]
    if len(verdicts) < len(stories):
        return None
    seeds = min(one.seeds for one in verdicts)
    pairs = [(arms[one.transfer], arms[one.baseline]) for arms, one in zip(by_name, verdicts, strict=True)]
    difference = [ours.test_scores[:seeds] - theirs.test_scores[:seeds] for ours, theirs in pairs]
    transfer, baseline = (
        Counter(name).most_common(1)[0][0]
        for name in ([one.transfer for one in verdicts], [one.baseline for one in verdicts])
    )
    found = verification.paired(
        transfer,
        baseline,
        np.concatenate(difference, axis=1),
        margin,
        pairs[0][0].score,
        np.concatenate([_units(ours.units) for ours, _ in pairs]),
    )
    ended = {one.ended for one in verdicts}
    if "cut" in ended:  # in some fold an arm had no time to show what it can
        return replace(found, call="undecided", ended="cut")
    return replace(found, ended="time") if "time" in ended else found


def _measured(stories: Sequence[Story], score: Score) -> Measured:
    """Each fold's bundle on the examples that it has not learned from."""
    parts, examples = [story.measured for story in stories], stories[0].bench.examples
    rows = np.concatenate([one.rows for one in parts])
    outputs = np.concatenate([one.outputs for one in parts])
    scores = score.of(outputs, examples.answers[rows])
    return Measured(
        rows,
        outputs,
        float(scores.mean()),
        verification.interval_of(scores[None], examples.units[rows], score.low, score.high),
        stories[0].bench.task.metrics(outputs, examples.answers[rows]),
    )


def _units(units: IntArray | None) -> IntArray:
    assert units is not None
    return units
