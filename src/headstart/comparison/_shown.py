"""Examples on which two runs differ, as they are shown: looked up again in the data that they are of.

A run keeps no copy of its data. It says where they were (`settings.json`), and what each test example was
(its SHA-256): what is still there, and is the same, is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..compared import Flipped, Told
from ..data.items import digest
from ..data.listed import listed
from ..data.reading import Reading
from ..errors import HeadstartError
from ..plain import read
from ..shipping.bundles.predict import Predictor
from ..tasks.answers.base import Judged
from ..tasks.base import Task
from ..types import Data, Row, Scene
from ._runs import Run

LARGE, WIDE = 160, 480
"""Sides of pictures; the second of those with places in them."""


class Shown:
    """Makes what is shown of test examples that two runs have."""

    def __init__(self, one: Run, other: Run, metric: str, data: Data | None) -> None:
        self.runs, self.metric, self.data = (one, other), metric, data
        self.notes: list[str] = []

    def of(self, *several: Sequence[int]) -> list[list[Flipped]]:
        """Those at some places in the order of content; without pictures where these cannot be made."""
        told = [[self._told(place) for place in places] for places in several]
        try:
            predictor = Predictor(self.runs[1].bundle)
            known = _rows(self.runs[1].folder, predictor.task, self.data)
            return [
                self._seen(predictor, found, [self._row(place, known) for place in places])
                for found, places in zip(told, several, strict=True)
            ]
        except (HeadstartError, OSError, ValueError, KeyError, TypeError) as error:
            why = error.message if isinstance(error, HeadstartError) else str(error)
            self.notes.append(f"examples are named, but not shown: {why}")
            return told

    def _seen(self, predictor: Predictor, found: list[Flipped], rows: list[Row | None]) -> list[Flipped]:
        if not predictor.task.answer.classes and not self._folds:
            return self._placed(predictor, found, rows)
        modality = predictor.task.modality
        looks = [modality.shown(row.source, LARGE) if row else {} for row in rows]
        return [_with(one, look) for one, look in zip(found, looks, strict=True)]

    @property
    def _folds(self) -> bool:
        """Did other models answer than those that ship?"""
        return any(run.outcome.metric.folds for run in self.runs)

    def _told(self, place: int) -> Flipped:
        both = [run.predictions[place] for run in self.runs]
        told = [
            Told(one.predicted, float(run.scores(self.metric)[place]), one.probability)
            for one, run in zip(both, self.runs, strict=True)
        ]
        return Flipped(both[1].file, both[1].label, told[0], told[1])

    def _row(self, place: int, known: Mapping[str, Row]) -> Row | None:
        """Where the example is now; None where it is not, or has other content."""
        prediction = self.runs[1].predictions[place]
        row = known.get(prediction.file)
        try:
            return row if row is not None and digest(row.source) == prediction.digest else None
        except OSError:
            return None

    def _placed(self, predictor: Predictor, found: list[Flipped], rows: list[Row | None]) -> list[Flipped]:
        """Those with answers that are shown beside what is right: both models are asked again."""
        there = [(at, row) for at, row in enumerate(rows) if row is not None]
        if not there:
            return found
        sources = [row.source for _, row in there]
        both = [Predictor(self.runs[0].bundle), predictor]
        looks = [_looks(one, [row for _, row in there], sources) for one in both]
        for (at, _), first, second in zip(there, *looks, strict=True):
            told = [
                replace(one, answer=look.get("predicted", one.answer), scene=_scene(look))
                for one, look in ((found[at].first, first), (found[at].second, second))
            ]
            found[at] = _with(replace(found[at], first=told[0], second=told[1]), second)
        return found


def _scene(look: Mapping[str, Any]) -> Scene | None:
    """Places in the picture, where they are the answers."""
    return read(Scene, look["scene"]) if "scene" in look else None


def _with(one: Flipped, look: Mapping[str, Any]) -> Flipped:
    """The same with what a report shows of the example."""
    label, picture = look.get("label", one.label), look.get("picture")
    return replace(one, label=label, picture=picture, text=look.get("text"), sound=look.get("sound"))


def _looks(predictor: Predictor, rows: Sequence[Row], sources: Sequence[Any]) -> list[dict[str, Any]]:
    """What a report shows of a model's answers to some examples."""
    task, labels = predictor.task, predictor.parts.labels
    right = task.answer.known([row.label for row in rows], labels)
    given = predictor.outputs(sources)
    return [
        task.answer.compared(task.modality, Judged(source, right[at], given[at], labels), WIDE)
        for at, source in enumerate(sources)
    ]


def _rows(folder: Path, task: Task, data: Data | None) -> dict[str, Row]:
    """By name the rows of the data of a run."""
    asked = json.loads((folder / "settings.json").read_text(encoding="utf-8"))["settings"]
    where = asked["data"] if data is None else data
    if where is None:
        raise ValueError("the run had a table in memory; --data names a file or folder")
    reading = Reading(asked["group"], asked["columns"], asked["options"])
    return {row.name: row for row in listed(where, task, reading).rows}
