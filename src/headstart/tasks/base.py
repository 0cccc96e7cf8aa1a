"""The contract of a task: a value made of parts, each of which knows one thing.

    modality    what an example is                      modalities/
    reader      how its data are laid out               ../data/, each kind of data in its room
    answer      what is asked about an example          answers/
    scores      how good an answer is                   scores/
    fitter      how a model is fitted that is not trained on a base   fitters/, where there is one
    baselines   what a transfer has to be worth more    baselines/, by name

Notation: n examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..data.reader import Reader
from ..data.reading import PLAIN, Reading
from ..options import Option
from ..preprocessing.base import Preprocess
from ..types import Architecture, Examples, Source
from .answers.base import Answer
from .fitters.base import Fitter
from .modalities.base import Inputs, Modality
from .scores.base import Score, Scores

if TYPE_CHECKING:
    from ..bases.base import Base
    from ..cache import Cache
    from ..data.asked import Asked


@dataclass(frozen=True, eq=False)
class Task:
    """One file of `tasks/`: its `plugin`."""

    summary: str
    """One line for `headstart list`."""
    modality: Modality
    reader: Reader
    answer: Answer
    scores: Scores
    baselines: tuple[str, ...]
    """The dull baselines, in the order in which they are shown."""
    references: tuple[str, ...] = ("reinit", "scratch")
    """Arms without transfer, of which the better one on validation is what transfer is compared with."""
    rivals: tuple[str, ...] = ()
    """Dull baselines that the verdict compares transfer with, where one does better on validation."""
    anchor: str | None = None
    """The strategy that ships unless another one is ahead on validation by an interval."""
    strategies: tuple[str, ...] = ("frozen", "finetune")
    """Those that are compared where none is named."""
    by_kind: bool = False
    """Is the arm chosen for each kind of examples (`Targets.kinds`)?"""
    fitter: Fitter | None = None
    """How a whole model comes about, where none is trained by steps on a base."""

    @property
    def score(self) -> Score:
        """The metric that everything goes by."""
        return self.scores.deciding

    @property
    def options(self) -> tuple[Option[object], ...]:
        """What may be set for it: how its data are read."""
        return (*self.modality.options, *self.reader.options)

    def metrics(self, outputs: object, right: object) -> dict[str, float]:
        """All metrics of answers to n examples, by name."""
        return self.scores.all(outputs, right)

    def asked(self, inputs: Sequence[object], reading: Reading = PLAIN) -> Asked:
        """What a person names to have it predicted, one input after another.

        Raises:
            DataError: something that is named does not exist.
        """
        return self.modality.asked(inputs, reading, self.reader.columns)

    def inputs(self, examples: Examples, preprocess: Preprocess, cache: Cache | None = None) -> Inputs:
        """The examples as a base of this preprocessing takes them."""
        return self.answer.store(self.modality, examples, preprocess, cache)

    def unanswered(self, sources: Sequence[Source], preprocess: Preprocess) -> Inputs:
        """Sources of which nothing is known, as a base of this preprocessing takes them."""
        return self.modality.store(sources, preprocess)

    def preprocess(self, preprocess: Preprocess, examples: Examples, rows: Sequence[int]) -> Preprocess:
        """A base's preprocessing for examples like those of the rows."""
        suited: Preprocess = self.modality.suited(self.answer.framed(preprocess), examples, rows)
        return suited

    def suited(self, base: Base, examples: Examples, rows: Sequence[int]) -> Base:
        """The base for examples like those of the rows, as the task's head reads it."""
        return self.answer.read_by(base.prepared(self.preprocess(base.preprocess, examples, rows)))

    def shown_as(self, preprocess: Preprocess) -> Task:
        """The task that shows examples as this preprocessing does."""
        return replace(self, modality=self.modality.shown_as(preprocess))

    def shipped(self, preprocess: Preprocess) -> Task:
        """The task of a bundle: what was found when it was made cannot be set again."""
        return replace(self, modality=self.modality.shipped(preprocess))

    def with_head(self, architecture: Architecture) -> Task:
        """The task with another head.

        Raises:
            UnknownName: there is none of that name.
            SettingsError: it is for another task, or the task has one output layer only.
        """
        return replace(self, answer=self.answer.with_head(architecture))

    def measured_by(self, metric: str) -> Task:
        """The task that goes by another of its metrics.

        Raises:
            UnknownName: it has no such metric.
        """
        return replace(self, scores=self.scores.by(metric))
