"""What a training minimises, for any number of heads and views: the loop only knows this contract.

Notation: b examples of a batch, n examples in all, k classes.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from ...tasks.base import Task
from ...tasks.solvers.linear import class_weights
from ...types import Examples, IntArray


class Objective(Protocol):
    """A loss of a network's outputs; `rows` say of which examples they are."""

    together: bool
    """Is validation looked at as a whole? Else in parts, whose means are averaged: outputs may be large."""

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """What a training step minimises, a scalar; `view` is the seed of the inputs' augmentation."""
        ...

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """What validation is watched by: lower is better; nothing is weighted."""
        ...


class Labelled:
    """One task's own loss; classes weigh alike, however many training examples each has."""

    def __init__(self, task: Task, examples: Examples, train: IntArray) -> None:
        """`train` are the rows that classes are counted in."""
        self.together = task.answer.together
        self.answer, self.targets = task.answer, task.answer.wanted(examples.targets, train)
        self.weights = torch.zeros(len(examples))
        self.weights[train] = 1.0
        if task.answer.classes:
            balanced = class_weights(examples.strata[train], len(examples.targets.kinds))
            self.weights[train] = torch.from_numpy(balanced).float()

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """The weighted mean."""
        which = torch.from_numpy(rows)
        targets, weights = (values[which].to(outputs.device) for values in (self.targets, self.weights))
        return (weights * self.answer.loss(outputs, targets)).mean()

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """The plain mean."""
        return float(self.answer.loss(outputs, self.targets[torch.from_numpy(rows)]).mean())


class Answered:
    """The loss of a task whose inputs say what is right for a view: places in a picture move with it."""

    together = False

    def __init__(self, task: Task, inputs: Any) -> None:
        self.answer, self.inputs = task.answer, inputs

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """The mean."""
        return self.answer.loss(outputs, self.inputs.answers(rows, view).to(outputs.device)).mean()

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """The mean."""
        return float(self.answer.loss(outputs, self.inputs.answers(rows, None)).mean())


def objective_of(task: Task, examples: Examples, train: IntArray, inputs: Any) -> Objective:
    """What training on these rows minimises: the inputs say what is right where that moves with a view."""
    return Answered(task, inputs) if task.answer.moves else Labelled(task, examples, train)
