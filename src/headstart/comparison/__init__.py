"""Two finished runs on the test examples that they share.

    read both → the same test split? → paired difference with its interval → the examples on which they differ

What ships of each run was asked about every test example when the run ended, and `evidence.json` has the
answers: nothing is predicted here but for a few examples that are shown. A test split is known by its
content:
names and order of files do not matter.

Notation: n test examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from .. import registry, stats
from ..compared import SCHEMA, Compared, Counted, Side
from ..errors import RunError, UnknownName
from ..registry import nearest
from ..types import Data, FloatArray, IntArray, Interval
from ..version import VERSION
from ._runs import Run, finished
from .paired import interval

if TYPE_CHECKING:
    from ..tasks.base import Task
    from ..tasks.scores.base import Score

SHOWN = 12
"""Examples in each direction."""


def compare(first: Path, second: Path, metric: str | None = None, data: Data | None = None) -> Compared:
    """The second run against the first, on their shared test split.

    Args:
        first: the folder of a finished run.
        second: that of another one.
        metric: what is compared; what both runs went by if not given.
        data: where the test examples are now, if not where the second run found them.

    Raises:
        RunError: a folder holds no finished run, or their tasks, test splits or metrics differ.
        UnknownName: there is no such metric.
    """
    one, other = finished(first), finished(second)
    _require_alike(one, other)
    from ._shown import Shown  # imports torch, which what is refused above has no need of

    task: Task = registry.get("tasks", one.outcome.task)
    score = _score(task, one, other, metric)
    difference = score.sign * (other.scores(score.name) - one.scores(score.name))
    units = _units(one, other)
    found = interval(difference, units)
    flips = _flips(one, other, difference, task)
    shown = Shown(one, other, score.name, data)
    gained, lost = shown.of(flips.gained, flips.lost)
    return Compared(
        schema=SCHEMA,
        headstart=VERSION,
        task=one.outcome.task,
        metric=score.name,
        title=task.scores.titles.of(score.name),
        higher_is_better=score.sign > 0,
        range=score.range,
        first=_side(one, score, units),
        second=_side(other, score, units),
        n=len(difference),
        units=len(np.unique(units)),
        delta=float(difference.mean()),
        interval=found,
        call=_call(found),
        classes=task.answer.classes,
        counts=flips.counts,
        gained=tuple(gained),
        lost=tuple(lost),
        notes=(*_notes(one, other), *shown.notes),
    )


def _call(found: Interval) -> Literal["better", "worse", "undecided"]:
    says: Mapping[str, Literal["better", "worse"]] = {"helps": "better", "hurts": "worse"}
    return says.get(stats.call(found), "undecided")


def _require_alike(one: Run, other: Run) -> None:
    """Raises RunError: they are of different tasks, or were tested on different examples."""
    tasks = [run.outcome.task for run in (one, other)]
    if tasks[0] != tasks[1]:
        raise RunError(
            f"the runs are of different tasks: {tasks[0]} and {tasks[1]}", "compare two runs of one task"
        )
    ours, theirs = (Counter(prediction.key for prediction in run.predictions) for run in (one, other))
    if ours == theirs:
        return
    if {digest for digest, _ in ours} == {digest for digest, _ in theirs}:
        what = f"{(theirs - ours).total()} of {theirs.total()} have another label or answer that is right"
    else:
        shared = (ours & theirs).total()
        what = (
            f"{shared} are in both, {ours.total() - shared} only in {one.folder}, "
            f"{theirs.total() - shared} only in {other.folder}"
        )
    raise RunError(
        f"the test splits of the two runs differ: {what}",
        "give both the same test split (a folder test/, a column split, or the same data and --seed); "
        "or measure both on one set: headstart evaluate RUN DATA",
    )


def _score(task: Task, one: Run, other: Run, metric: str | None) -> Score:
    both = one.tested.scores.keys() & other.tested.scores.keys()
    known = {score.name: score for score in task.scores.each if score.name in both}
    if metric is None:
        names = [run.outcome.metric.name for run in (one, other)]
        if names[0] != names[1]:
            raise RunError(
                f"the runs go by different metrics: {names[0]} and {names[1]}",
                f"say which one is compared: --metric {names[0]}",
            )
        metric = names[0]
    if metric not in known:
        raise UnknownName(f"there is no metric `{metric}` of both runs", nearest(metric, list(known)))
    return known[metric]


def _units(one: Run, other: Run) -> IntArray:
    """(n,) of what is independent, by the run that knows of more that belongs together."""
    both = [np.array([row.unit for row in run.predictions], dtype=np.int64) for run in (one, other)]
    return min(both, key=lambda units: len(np.unique(units)))


@dataclass(frozen=True)
class _Flips:
    """Places, in the order of content, at which the runs differ: those that are shown, and all counted."""

    gained: Sequence[int]
    lost: Sequence[int]
    counts: Counted


def _flips(one: Run, other: Run, difference: FloatArray, task: Task) -> _Flips:
    """Of classes: who is right. Of other answers: whose score is better. Largest first."""
    if task.answer.classes:
        right = [np.array([row.predicted == row.label for row in run.predictions]) for run in (one, other)]
        up, down = ~right[0] & right[1], right[0] & ~right[1]
        both, neither = int((right[0] & right[1]).sum()), int((~right[0] & ~right[1]).sum())
        # the surer both were, the more a flip says
        size = np.sum([[row.probability or 0.0 for row in run.predictions] for run in (one, other)], axis=0)
    else:
        up, down, size = difference > 0, difference < 0, np.abs(difference)
        both, neither = int((difference == 0).sum()), 0
    order = np.argsort(-size, kind="stable").tolist()
    gained, lost = ([place for place in order if some[place]][:SHOWN] for some in (up, down))
    return _Flips(gained, lost, Counted(int(up.sum()), int(down.sum()), both, neither))


def _side(run: Run, score: Score, units: IntArray) -> Side:
    scores, outcome = run.scores(score.name), run.outcome
    return Side(
        run.folder.as_posix(),
        outcome.chosen.base,
        outcome.chosen.arm,
        float(scores.mean()),
        stats.of_value(scores[None], units, score.low, score.high),
        outcome.data.train + outcome.data.validation,
        outcome.data.fingerprint,
    )


def _notes(one: Run, other: Run) -> list[str]:
    found = ["this compares two models, not two ways to make one: another seed would give another model"]
    if one.folder.resolve() == other.folder.resolve():
        found.append("both are the same run")
    if one.outcome.data.fingerprint != other.outcome.data.fingerprint:
        found.append("the two learned from different data; their test examples are the same")
    if one.outcome.metric.folds or other.outcome.metric.folds:
        found.append("tested in folds: other models than what ships answered the test examples")
    return found


__all__ = ["compare", "finished"]
