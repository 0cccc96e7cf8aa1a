"""What a metric is: its values, which way is better, and how far it can go.

Everything that compares (the verdict, the race of bases, the choice of what ships, plots) asks the score;
nobody else knows whether more is better.

Notation: n examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ...errors import UnknownName
from ...options import Given, Option
from ...registry import nearest
from ...types import Finding, FloatArray, Splits

if TYPE_CHECKING:
    from ..base import Task

METRIC = Option("metric", "what the verdict, the race and the choice of what ships go by", "", str)


@dataclass(frozen=True)
class Titles:
    """What metrics are called where people read them; others are their names with spaces."""

    each: Mapping[str, str] = field(default_factory=dict)
    of_class: Mapping[str, str] = field(default_factory=dict)
    """Of those that are told for each class, by the first word of their names."""

    def of(self, name: str) -> str:
        """A metric in a sentence: `balanced_accuracy` is `balanced accuracy`, `iou cat` is `IoU of cat`."""
        first, _, rest = name.partition(" ")
        if rest and first in self.of_class:
            return f"{self.of_class[first]} of {rest}"
        return self.each.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Score:
    """One metric."""

    name: str
    of: Callable[[Any, Any], FloatArray]
    """Answers to n examples, and what is right -> (n,) scores whose mean is the metric.

    Of a metric of all examples together the parts of single ones (`influence.py`): one alone may lie outside
    of what the metric can be.
    """
    better: Literal["higher", "lower"] = "higher"
    low: float = 0.0
    """The least that it can be."""
    high: float = 1.0
    """The most; infinite where there is no end."""
    has_unit: bool = False
    """Is it in the unit of what is told? Then points of it are small or large as that unit is."""
    title: str = ""
    """What people call it, where that is not its name with spaces."""

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.better == "higher" else -1

    @property
    def range(self) -> tuple[float | None, float | None]:
        """The least and the most that it can be; None: no end."""
        low, high = (end if math.isfinite(end) else None for end in (self.low, self.high))
        return low, high

    def gains(self, outputs: object, right: object) -> FloatArray:
        """(n,) scores of which more is always better."""
        return self.sign * self.of(outputs, right)

    def value(self, outputs: object, right: object) -> float:
        """The metric of n answers."""
        return float(self.of(outputs, right).mean())


@dataclass(frozen=True)
class Scores:
    """The metrics of a kind of answers."""

    each: tuple[Score, ...]
    """Those that may be gone by, the usual one first."""
    uneven: str | None = None
    """Name of the one that is usual where classes are very uneven; None: the same."""
    more: Callable[[Any, Any], dict[str, float]] | None = None
    """Further numbers about answers, and what is right: by class, for instance.

    Where one of `each` is among them, it is not computed again.
    """
    chosen: Score | None = None
    """The one that is gone by, where it is not the usual one."""
    further: Titles = field(default_factory=Titles)
    """What people call the numbers of `more`."""
    amounts: tuple[str, ...] = ()
    """Those of `more` that are no shares of something: they have no upper end."""

    @property
    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """The least and the most of each, where that is not 0 and 1 of a share; None: no end."""
        return {score.name: score.range for score in self.each} | dict.fromkeys(self.amounts, (0.0, None))

    @property
    def titles(self) -> Titles:
        """What people call all of them."""
        own = {score.name: score.title for score in self.each if score.title}
        return replace(self.further, each={**own, **self.further.each})

    @property
    def deciding(self) -> Score:
        """The one that everything goes by."""
        return self.chosen or self.each[0]

    def all(self, outputs: object, right: object) -> dict[str, float]:
        """Every metric of answers to n examples, the usual one first."""
        more = self.more(outputs, right) if self.more else {}
        others = [score for score in self.each if score.name not in more]
        found = {score.name: score.value(outputs, right) for score in others}
        return {score.name: found.get(score.name, 0.0) for score in self.each} | more

    def by(self, name: str) -> Scores:
        """The same, gone by another of them.

        Raises:
            UnknownName: there is no such metric.
        """
        known = {score.name: score for score in self.each}
        if name not in known:
            raise UnknownName(f"there is no metric `{name}` here", nearest(name, list(known)))
        return replace(self, chosen=known[name])


def scored(task: Task, given: Given, splits: Splits) -> tuple[Task, Splits]:
    """The task with the score that suits the data, where none was asked for; and what is said of that."""
    suited = task.scores.uneven
    if METRIC.of(given) or suited is None:
        return task, splits
    if not any(finding.kind == "imbalance" for finding in splits.findings):
        return task, splits
    names = (name.replace("_", " ") for name in (task.score.name, suited))
    told = Finding(
        "metric",
        "the classes are uneven, and {} hardly notices the small ones: {} decides ".format(*names)
        + f"(--set metric={task.score.name} for the other)",
    )
    return task.measured_by(suited), splits.but(findings=(*splits.findings, told))
