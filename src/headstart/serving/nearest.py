"""The training examples nearest to one that was asked about, by the features of the model's backbone.

They are read anew from the data of the run, which has to be what it was. Test examples are never among them.

Notation: n training examples, d feature width.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data import load
from ..errors import RunError
from ..models import Model
from ..settings import read as read_settings
from ..shipping.bundles import bundle
from ..shipping.bundles.predict import BATCH
from ..tasks.base import Task
from ..types import FloatArray, Source

MOST = 2_000
"""Training examples that are looked at: so many of more, evenly."""
SHOWN = 5
SIDE = 96
"""Pixels of what is shown of one."""


@dataclass(frozen=True)
class Known:
    """Training examples, and what is right of each."""

    sources: Sequence[Source]
    labels: Sequence[str]


class Nearest:
    """Training examples in the space of a backbone's features.

    Args:
        folder: the bundle.
        known: the examples.
    """

    def __init__(self, folder: Path, known: Known) -> None:
        """Raises RunError: the backbone gives no row of features for each example."""
        self._parts, network = bundle.read(folder)
        self._backbone: torch.nn.Module = network[0]
        self._task: Task = bundle.task_of(self._parts)
        self._known, self._features = known, self._of(known.sources)

    def __len__(self) -> int:
        return len(self._known.sources)

    def to(self, source: Source) -> list[dict[str, object]]:
        """The nearest ones: cosine similarity, what is right, and what is shown of each."""
        likeness = self._features @ self._of([source])[0]
        order = np.argsort(-likeness, kind="stable")[:SHOWN].tolist()
        shown = self._task.modality.shown
        return [
            {
                "similarity": round(float(likeness[row]), 4),
                "right": self._known.labels[row],
                **shown(self._known.sources[row], SIDE),
            }
            for row in order
        ]

    @torch.inference_mode()
    def _of(self, sources: Sequence[Source]) -> FloatArray:
        """(n, d) of length 1."""
        rows = []
        for start in range(0, len(sources), BATCH):
            some = self._task.unanswered(sources[start : start + BATCH], self._parts.preprocess)
            found = self._backbone(some.batch(np.arange(len(sources[start : start + BATCH]))))
            if found.ndim != 2:
                raise RunError("this model has no row of features for each example", "leave out --nearest")
            rows.append(torch.nn.functional.normalize(found.double(), dim=1).cpu().numpy())
        features: FloatArray = np.concatenate(rows)
        return features


def of_run(run: Path | None, model: Model) -> Nearest:
    """Those of a run.

    Raises:
        HeadstartError: it is a bundle alone, its data are gone or have changed, or answers are no labels or
            numbers.
    """
    task = model.predictor.task
    if run is None or task.answer.correction not in ("class", "classes", "number"):
        what = (
            "a bundle alone says nothing of its training examples" if run is None else "there is no telling"
        )
        raise RunError(what, "give the folder of a run with labels or numbers, or leave out --nearest")
    settings = read_settings(run / "settings.json")
    splits = load(settings.data, task, settings.seed, settings.reading)
    if (
        json.loads((run / "settings.json").read_text("utf-8")).get("fingerprint")
        != f"sha256:{splits.fingerprint}"
    ):
        raise RunError("the data of the run have changed since", "leave out --nearest")
    rows = splits.train[:: max(1, -(-len(splits.train) // MOST))].tolist()
    labels = [task.answer.as_text(splits.examples.answers[row]) for row in rows]
    if task.answer.classes:
        labels = [splits.examples.categories[int(label)] for label in labels]
    return Nearest(model.folder, Known([splits.examples.sources[row] for row in rows], labels))
