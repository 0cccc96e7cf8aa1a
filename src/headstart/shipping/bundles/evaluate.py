"""Measure a bundle on labelled data that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...bases.formats import fingerprints
from ...data.items import Item, inspect
from ...data.listed import listed
from ...data.reading import PLAIN, Reading
from ...errors import DataError
from ...measured import Evaluation
from ...options import require_declared
from ...records import Metric
from ...runtime import Silent
from ...stats import of_value as interval_of
from ...types import Data
from ...units import units_of
from .predict import Predictor

ORDER = ("test", "validation", None)
"""Splits to measure on, the most honest first; never what was trained on."""


def evaluate(bundle: str | Path | Predictor, data: Data, reading: Reading = PLAIN) -> Evaluation:
    """Metric with interval on the test split of `data`; else its validation split; else all of it.

    Raises:
        BundleError: the bundle cannot be read.
        DataError: the data cannot, or it has a label that the bundle does not know.
    """
    predictor = bundle if isinstance(bundle, Predictor) else Predictor(bundle)
    reading.require_known(predictor.task.reader.columns)
    require_declared(reading.options, predictor.task.options)
    predictor = predictor.told(reading.options, Silent())
    task, labels = predictor.task, list(predictor.parts.labels)
    listing = listed(data, task, reading, labels)
    items, broken = inspect(listing.rows, task.modality.examine, folded=task.modality.folded)
    split, chosen = one_split(items, ORDER)
    right = task.answer.known([item.row.label for item in chosen], labels)
    outputs = predictor.outputs([item.row.source for item in chosen])
    scores = task.score.of(outputs, right)
    units = units_of([item.row.group for item in chosen], [item.copy for item in chosen])
    interval = interval_of(scores[None], units, task.score.low, task.score.high)
    metric = Metric(task.score.name, float(scores.mean()), interval, task.score.sign > 0, len(chosen))
    learned = len(fingerprints.among([item.digest for item in chosen], fingerprints.read(predictor.folder)))
    return Evaluation(metric, task.metrics(outputs, right), split, (*listing.dropped, *broken), learned)


def one_split(items: Sequence[Item], order: Sequence[str | None]) -> tuple[str | None, list[Item]]:
    """The first split of the order that has items, by name, and its items; None is that without a name.

    Raises:
        DataError: none has any.
    """
    for split in order:
        chosen = [item for item in items if item.row.split == split]
        if chosen:
            return split, chosen
    raise DataError("there is no example that can be used", "give data of this task with usable examples")
