"""What a metric is: its values, which way is better, and how far it can go.

Everything that compares (the verdict, the race of bases, the choice of what ships, plots) asks the score;
nobody else knows whether more is better.

Notation: n examples.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ...errors import UnknownName
from ...options import Given, Option
from ...registry import nearest
from ...types import Finding, FloatArray, Splits

if TYPE_CHECKING:
    from ..base import Task

METRIC = Option("metric", "what the verdict, the race and the choice of what ships go by", "", str)


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

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.better == "higher" else -1

    def gains(self, outputs: Any, right: Any) -> FloatArray:
        """(n,) scores of which more is always better."""
        return self.sign * self.of(outputs, right)

    def value(self, outputs: Any, right: Any) -> float:
        """The metric of n answers."""
        return float(self.of(outputs, right).mean())


T = TypeVar("T", bound="Task")


def scored(task: T, given: Given, splits: Splits) -> tuple[T, Splits]:
    """The task with the score that suits the data, where none was asked for; and what is said of that."""
    if METRIC.of(given) or task.uneven is None:
        return task, splits
    if not any(finding.kind == "imbalance" for finding in splits.findings):
        return task, splits
    usual, suited = (name.replace("_", " ") for name in (task.score.name, task.uneven))
    told = Finding(
        "metric",
        f"the classes are uneven, and {usual} hardly notices the small ones: {suited} decides "
        f"(--set metric={task.score.name} for the other)",
    )
    return with_score(task, task.uneven), splits.but(findings=(*splits.findings, told))


def with_score(task: T, name: str) -> T:
    """A copy of the task that is measured by another of its metrics.

    Raises:
        UnknownName: it has no such metric.
    """
    known = {score.name: score for score in task.measures}
    if name not in known:
        raise UnknownName(f"there is no metric `{name}` here", nearest(name, list(known)))
    other = copy.copy(task)
    other.score = known[name]
    return other
