"""Do two networks answer the same examples the same? One of them is the original.

Notation: n examples.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import ExportError
from ...preprocessing.base import Preprocess
from ...tasks.base import Task
from ...types import FloatArray, Source

BATCH, RUNS = 16, 9
"""Examples at once when answers are compared; runs of one example when they are timed."""
ADVICE = "predict goes on with PyTorch; report it with the name of the base"


@dataclass(frozen=True)
class Compared:
    """The same examples, as the original and the other answer them."""

    difference: float
    """Between what the networks give: the largest over the largest value; NaN where one is not finite."""
    answers: FloatArray
    """(n, …) what the task makes of what the original gives."""
    others: FloatArray
    """(n, …) and of what the other gives."""


class _Kept(nn.Module):
    """A network that keeps what it gives."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.given: list[Tensor] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.given.append(self.network(inputs))
        return self.given[-1]


@torch.inference_mode()
def compare(
    task: Task, preprocess: Preprocess, original: nn.Module, other: nn.Module, sources: Sequence[Source]
) -> Compared:
    """Run both on the sources, the last one alone: an export can be tied to the batch it was made with.

    Raises:
        ExportError: the other cannot run.
    """
    answers: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    largest, apart = 0.0, []
    for batch in _batches(sources):
        inputs = task.unanswered(batch, preprocess).batch(np.arange(len(batch)))
        right, found = _Kept(original), _Kept(other)
        answers[0].append(task.answer.answers(right, inputs, preprocess))
        try:
            answers[1].append(task.answer.answers(found, inputs, preprocess))
        except Exception as error:  # whatever an engine says: the task itself took the original's outputs
            raise ExportError(f"the exported graph cannot run: {first_line(error)}", ADVICE) from error
        largest = max(largest, *(_largest(one) for one in right.given))
        apart += [_apart(*pair) for pair in zip(right.given, found.given, strict=True)]
    difference = float(np.max(apart)) / max(largest, 1e-12)  # NaN where any is
    return Compared(difference, np.concatenate(answers[0]), np.concatenate(answers[1]))


@torch.inference_mode()
def seconds(network: nn.Module, one: Tensor) -> float:
    """Of one pass of one example; the median of a few after a first one."""
    return statistics.median([_timed(network, one) for _ in range(RUNS + 1)][1:])


def first_line(error: Exception) -> str:
    """What a library says, in short."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _batches(sources: Sequence[Source]) -> list[Sequence[Source]]:
    starts = range(0, len(sources) - 1, BATCH)
    return [*(sources[start : min(start + BATCH, len(sources) - 1)] for start in starts), sources[-1:]]


def _largest(values: Tensor) -> float:
    return float(values.abs().max()) if values.numel() else 0.0


def _apart(right: Tensor, found: Tensor) -> float:
    return _largest(found - right) if found.shape == right.shape else float("inf")


def _timed(network: nn.Module, one: Tensor) -> float:
    started = time.perf_counter()
    network(one)
    return time.perf_counter() - started
