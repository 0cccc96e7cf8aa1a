"""What to label next, for a model that is there; and which of its labels are in doubt.

    read the heap → leave out what has a label, and near copies → features and answers of the bundle → choose

Notation: n candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import data as stage
from ..data.checks import near_copies
from ..data.reading import PLAIN, Reading
from ..errors import SettingsError
from ..exploration import space
from ..records import LeftOut
from ..runtime import Reporter, progress
from ..shipping.bundles.predict import Predictor
from ..suggested import SCHEMA, Suggested, ToLabel, doubts_of
from ..types import Data, FloatArray, IntArray, Source, Splits
from ..version import VERSION
from . import _known
from .choosing import to_label

MOST_COMPARED = 20_000
"""Candidates, and labelled examples, of which every pair is looked at for near copies."""
TOGETHER = 256
"""Examples that are computed before it is told how far along they are."""


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    bundle: Path
    heap: Data
    count: int = 50
    data: Data | None = None
    """Where the labelled data of the run are now, if not where it found them."""
    reading: Reading = field(default=PLAIN)
    """Of the heap."""


@dataclass(frozen=True)
class Found:
    """What is suggested, and where each example is."""

    suggested: Suggested
    sources: tuple[Source, ...]
    """Of `to_label`."""


def suggest(asked: Asked, reporter: Reporter) -> Found:
    """What of a heap to label next.

    Raises:
        SettingsError: the answers of the bundle's task have no probability, or the count is none.
        HeadstartError: the bundle or the heap cannot be read.
    """
    if asked.count < 1:
        raise SettingsError(f"expected at least 1 example to label, got {asked.count}", "50 is usual: -n 50")
    predictor = Predictor(asked.bundle)
    answer, name = predictor.task.answer, predictor.parts.task
    if not answer.probable:
        raise SettingsError(
            f"answers of {name} have no probability, so that nothing tells which examples are unsure",
            "headstart explore DATA says which to label first without a model",
        )
    heap = stage.load_heap(asked.heap, predictor.task, asked.reading, progress(reporter))
    known = _known.labelled(asked.bundle, predictor, asked.data)
    taken = _known.exact(asked.bundle, heap.examples, known)
    rows = np.flatnonzero(~taken)
    sources = [heap.examples.sources[row] for row in rows.tolist()]
    features = _features(predictor, sources, reporter)
    shown = _known.impressions(predictor, sources)
    near, twice = (np.zeros(len(rows), dtype=np.bool_) for _ in range(2))
    if shown is not None and len(rows) <= MOST_COMPARED:
        if len(known.sources) <= MOST_COMPARED:
            near = _known.near(predictor, features, shown, known)
        twice = _twice(features, shown) & ~near
    left = np.flatnonzero(~near & ~twice)
    chosen, told = _chosen(predictor, features[left], asked.count)
    places = rows[left[chosen]]
    suggested = Suggested(
        schema=SCHEMA,
        headstart=VERSION,
        run=asked.bundle.as_posix(),
        examples=len(left),
        known=int(taken.sum() + near.sum()),
        twice=int(twice.sum()),
        to_label=tuple(
            ToLabel(heap.examples.names[row], *one) for row, one in zip(places.tolist(), told, strict=True)
        ),
        doubts=doubts_of(asked.bundle.parent),
        dropped=LeftOut(heap.dropped),
        notes=tuple(_notes(heap, known, len(left), asked.count)),
    )
    return Found(suggested, tuple(heap.examples.sources[row] for row in places.tolist()))


def _features(predictor: Predictor, sources: Sequence[Source], reporter: Reporter) -> FloatArray:
    """(n, d) what the model's head reads."""
    if not sources:
        return np.zeros((0, predictor.parts.width))
    windows = [sources[start : start + TOGETHER] for start in range(0, len(sources), TOGETHER)]
    tracked = reporter.track(windows, "looking", len(windows))
    return np.concatenate([predictor.features(window) for window in tracked])


def _twice(features: FloatArray, shown: FloatArray) -> Any:
    """(n,) which are near copies of an earlier one."""
    found = np.zeros(len(features), dtype=np.bool_)
    if len(features) > 1:
        pairs = near_copies(features.astype(np.float32), shown.astype(np.float32))
        found[pairs[:, 1]] = True
    return found


def _chosen(
    predictor: Predictor, features: FloatArray, count: int
) -> tuple[IntArray, list[tuple[tuple[str, ...], float, float]]]:
    """Rows to label, and what is told of each: what it likely is, how probable that is, how unsure."""
    if not len(features):
        return np.zeros(0, dtype=np.int64), []
    task = predictor.task
    with torch.inference_mode():
        outputs = task.answer.answers(
            predictor.head, torch.from_numpy(features).float(), predictor.parts.preprocess
        )
    unsure = task.answer.unsure(outputs)
    rows = space.fit(features)(features) if len(features) > 1 else np.ones((1, 1), np.float32)
    chosen = to_label(rows, unsure, count)
    told = [
        (*_likely(one), float(unsure[row]))
        for row, one in zip(
            chosen.tolist(), task.answer.decode(outputs[chosen], predictor.parts.labels), strict=True
        )
    ]
    return chosen, told


def _likely(decoded: dict[str, Any]) -> tuple[tuple[str, ...], float]:
    """The label or labels of an answer, and the probability of the least sure one."""
    if "label" in decoded:
        return (decoded["label"],), float(decoded["probability"])
    shares = decoded["probabilities"]
    sure = [max(share, 1 - share) for share in shares.values()]
    return tuple(decoded["labels"]), float(min(sure, default=1.0))


def _notes(heap: Splits, known: _known.Labelled, left: int, wanted: int) -> list[str]:
    found = [f"{finding.kind}: {finding.message}" for finding in heap.findings]
    if known.note:
        found.append(known.note)
    if left < wanted:
        found.append(f"{left} examples are all that have no label yet")
    return found


__all__ = ["Asked", "Found", "suggest"]
