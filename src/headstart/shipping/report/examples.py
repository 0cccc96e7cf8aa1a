"""What happened to single examples: the content of `evidence.json`, for the report and for `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import softmax

from ...confident import doubted
from ...data.cutting.stratified import folds
from ...tasks.answers.base import Judged
from ...tasks.solvers.base import cross_validated
from ...types import BoolArray, FloatArray, IntArray
from ...verification import ArmResult
from .record import Story

SAMPLES, WRONG = 4, 24
"""Examples in the report: per class, and of the most wrong ones."""
SMALL, LARGE, WIDE = 96, 160, 480
"""Sides of their pictures, the last of those with places in them; a text is cut after a few characters."""
DIGITS = 9
"""Of the score of an example."""
FOLDS, FOLDS_SEED = 5, 7_019
"""Of examples whose labels are doubted."""
DOUBTED = 300
"""Labels in doubt that are listed at most."""
BINS = 10
"""Of the reliability diagram."""


def evidence(story: Story) -> dict[str, object]:
    """The content of `evidence.json`."""
    losses = {arm.name: _curves(arm) for arm in story.verification.arms if arm.arm is not None}
    bench, measured, task = story.bench, story.measured, story.bench.task
    examples, train = bench.examples, story.splits.train
    return {
        "curves": losses,
        **task.answer.evidence(examples.answers[measured.rows], measured.outputs),
        **task.modality.evidence(examples, train, bench.pool, bench.base.preprocess),
        **_doubted(story),
        **_compared(story, _classified(story) if task.answer.classes else _answered(story)),
    }


def _doubted(story: Story) -> dict[str, object]:
    """Labels that are likely wrong, of examples to learn from; nothing where they are no classes.

    Asked are heads on frozen features, each solved without a fifth of the examples.
    """
    bench = story.bench
    solver, classes, examples = bench.task.answer.solver, bench.examples.categories, bench.examples
    if solver is None or not bench.task.answer.classes:
        return {}
    fold, labels = folds(examples, bench.pool, FOLDS, FOLDS_SEED), examples.answers[bench.pool]
    # of a class in one fold only, nobody who did not learn the example knows anything
    several = [len(np.unique(fold[labels == number])) > 1 for number in range(len(classes))]
    known = np.array(several)[labels]
    pool, fold, labels = bench.pool[known], fold[known], labels[known]
    if len(np.unique(labels)) < 2:
        return {}
    features = np.asarray(bench.features()[pool], np.float64)
    outputs = cross_validated(solver, features, labels, len(classes), fold)
    shares = softmax(outputs, axis=1)
    found = doubted(shares, labels)
    rows = zip(found.rows[:DOUBTED].tolist(), found.likely[:DOUBTED].tolist(), strict=True)
    items = [
        {
            "file": examples.names[pool[at]],
            "label": classes[labels[at]],
            "probability": round(float(shares[at, labels[at]]), 4),
            "likely": classes[likely],
            "likely_probability": round(float(shares[at, likely]), 4),
            **(bench.task.modality.shown(examples.sources[pool[at]], LARGE) if place < WRONG else {}),
        }
        for place, (at, likely) in enumerate(rows)
    ]
    return {"doubts": {"examples": len(pool), "count": len(found.rows), "items": items}}


def _compared(story: Story, shown: dict[str, Any]) -> dict[str, object]:
    """What is shown of examples, and what another run is compared by: content, unit and scores of each."""
    bench, rows = story.bench, story.measured.rows
    right, given = bench.examples.answers[rows], story.measured.outputs
    units = bench.examples.units[rows].tolist()
    digests = [bench.examples.digests[row] for row in rows.tolist()]
    told = zip(shown["predictions"], digests, units, strict=True)
    predictions = [{**row, "digest": digest, "unit": unit} for row, digest, unit in told]
    scores = {score.name: score.of(given, right).round(DIGITS).tolist() for score in bench.task.scores.each}
    return {**shown, "predictions": predictions, "scores": scores}


def _answered(story: Story) -> dict[str, object]:
    """Examples with their answer, the right one, and the score, worst first."""
    bench, test, given = story.bench, story.measured.rows, story.measured.outputs
    right = bench.examples.answers[test]
    scores = bench.task.score.of(given, right)
    rows = [
        {
            "file": bench.examples.names[row],
            "label": bench.task.answer.as_text(right[i]),
            "predicted": bench.task.answer.as_text(given[i]),
            "score": round(float(scores[i]), 4),
        }
        for i, row in enumerate(test.tolist())
    ]
    order = np.argsort(bench.task.score.sign * scores, kind="stable")
    spread = np.unique(np.linspace(0, len(order) - 1, WRONG).round().astype(int))
    shown = [
        {
            "file": rows[i]["file"],
            "score": rows[i]["score"],
            **bench.task.answer.compared(
                bench.task.modality,
                Judged(bench.examples.sources[test[i]], right[i], given[i], bench.examples.categories),
                WIDE,
            ),
        }
        for i in order[spread]
    ]
    return {"answers": shown, "predictions": rows}


def _classified(story: Story) -> dict[str, object]:
    """What was confused, and how sure the answers were."""
    shown = story.bench.task.modality.shown
    examples, test, outputs = story.bench.examples, story.measured.rows, story.measured.outputs
    targets, shares = examples.answers[test], softmax(outputs, axis=1)
    predicted, sure = outputs.argmax(1), shares.max(1)
    mistakes = [int(i) for i in np.argsort(-sure) if predicted[i] != targets[i]]
    rows = [
        {
            "file": examples.names[test[i]],
            "label": examples.categories[targets[i]],
            "predicted": examples.categories[predicted[i]],
            "probability": round(float(sure[i]), 4),
        }
        for i in range(len(test))
    ]
    return {
        "confusion": _confusion(targets, predicted, examples.categories),
        "samples": _samples(story),
        "wrong": [{**rows[i], **shown(examples.sources[test[i]], LARGE)} for i in mistakes[:WRONG]],
        "reliability": _reliability(sure, predicted == targets),
        "predictions": rows,
    }


def _curves(arm: ArmResult) -> list[dict[str, object]]:
    assert arm.arm is not None
    return [
        {
            "seed": one.job.number,
            "train": list(one.history.train),
            "validation": list(one.history.validation),
            "kept": one.history.kept,
        }
        for one in arm.arm.fitted
        if one.history.train
    ]


def _confusion(targets: IntArray, predicted: IntArray, labels: Sequence[str]) -> dict[str, object]:
    matrix = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(matrix, (targets, predicted), 1)
    return {"labels": list(labels), "matrix": matrix.tolist()}


def _samples(story: Story) -> dict[str, list[dict[str, str]]]:
    examples, rows, shown = story.bench.examples, story.splits.train, story.bench.task.modality.shown
    return {
        label: [
            shown(examples.sources[row], SMALL) for row in rows[examples.answers[rows] == number][:SAMPLES]
        ]
        for number, label in enumerate(examples.categories)
    }


def _reliability(sure: FloatArray, right: BoolArray) -> dict[str, list[float]] | None:
    """Mean confidence and accuracy of the test examples in bins of confidence; empty bins left out."""
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = [which == number for number in range(BINS) if (which == number).any()]
    return {
        "confidence": [float(sure[one].mean()) for one in bins],
        "accuracy": [float(right[one].mean()) for one in bins],
        "count": [int(one.sum()) for one in bins],
    }
