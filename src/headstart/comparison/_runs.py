"""A finished run as `compare` reads it: its outcome, and what it answered to each test example.

Notation: n test examples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import RunError
from ..plain import Unfit, read
from ..records import Outcome
from ..types import FloatArray, IntArray


@dataclass(frozen=True)
class Prediction:
    """What a run keeps of one test example."""

    file: str
    label: str
    predicted: str
    digest: str
    """SHA-256 of its bytes."""
    unit: int
    """Equal for examples of the run that are not independent of each other."""
    probability: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Content and label: the same in every copy of a data set."""
        return self.digest, self.label


@dataclass(frozen=True)
class Tested:
    """What a run keeps of its test split; other parts of `evidence.json` are passed over."""

    predictions: tuple[Prediction, ...]
    scores: Mapping[str, tuple[float, ...]] = field(repr=False)
    """By metric, of each example."""


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    outcome: Outcome
    tested: Tested
    order: IntArray
    """(n,) rows of `tested` in the order of their content."""

    @property
    def predictions(self) -> list[Prediction]:
        """(n,) by content."""
        return [self.tested.predictions[row] for row in self.order.tolist()]

    def scores(self, metric: str) -> FloatArray:
        """(n,) by content."""
        return np.asarray(self.tested.scores[metric], np.float64)[self.order]

    @property
    def bundle(self) -> Path:
        """The folder of its model."""
        return self.folder / "bundle"


def finished(folder: Path) -> Run:
    """A finished run of one data set; its bundle's folder stands for it too.

    Raises:
        RunError: the folder holds none, or one from before runs kept what is compared.
    """
    if folder.name == "bundle" and (folder.parent / "result.json").is_file():
        folder = folder.parent
    try:
        result, evidence = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("result.json", "evidence.json")
        )
        outcome = read(Outcome, result)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunError(
            f"{folder} is not a finished run of one data set: {reason}",
            "give the folder of a finished run; `headstart runs` lists them",
        ) from None
    try:
        tested = read(Tested, evidence)
    except Unfit as error:
        raise RunError(
            f"{folder} is of a Headstart that did not keep what is compared: {error}",
            f"run it again: headstart run --from {folder / 'settings.json'} --out NEW",
        ) from None
    keys = [one.key for one in tested.predictions]
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    return Run(folder, outcome, tested, order)
