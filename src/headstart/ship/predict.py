"""Load a bundle and predict. Imports no training code.

Notation: n inputs, k classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .. import registry
from ..data.asked import Asked, Input
from ..data.reading import PLAIN, Reading
from ..types import FloatArray, Source
from . import bundle, exported

BATCH = 16


class Predictor:
    """A loaded bundle; where it was exported (`export.py`), it is the exported network that runs."""

    def __init__(self, folder: str | Path) -> None:
        """Raises BundleError when the folder is not a bundle."""
        self.parts, network = bundle.read(Path(folder))
        plain = network.to(memory_format=torch.channels_last)
        self.network: nn.Module = exported.current(Path(folder)) or plain
        self.task = registry.get("tasks", self.parts.task)

    def asked(
        self, inputs: str | Path | Sequence[str | Path], reading: Reading = PLAIN
    ) -> Iterator[dict[str, Any]]:
        """`predict` for what a person names: files, folders, and texts where the task takes them.

        Raises:
            DataError: something that is named does not exist; before anything is predicted.
        """
        several = (inputs,) if isinstance(inputs, str | Path) else tuple(inputs)
        return self._answered(self.task.asked(several, reading))

    def predict(self, sources: Iterable[Source]) -> Iterator[dict[str, Any]]:
        """One record per source, in order: `input` and what the task decodes, or `input` and `error`."""
        return self._answered(Asked(Input(_name(source), source) for source in sources))

    def _answered(self, asked: Asked) -> Iterator[dict[str, Any]]:
        """As many at a time as are sorted by length together; of live ones a batch."""
        inputs = iter(asked.inputs)
        size = BATCH if asked.live else BATCH * self.task.together
        while chunk := list(islice(inputs, size)):
            yield from self._records(chunk)

    def _records(self, chunk: Sequence[Input]) -> Iterator[dict[str, Any]]:
        reasons = [one.reason or self.task.examine(one.source) for one in chunk]
        usable = [one.source for one, reason in zip(chunk, reasons, strict=True) if reason is None]
        labels = self.parts.labels
        decoded = iter(self.task.decode(self.outputs(usable), labels, usable) if usable else [])
        for one, reason in zip(chunk, reasons, strict=True):
            answer = {"error": reason} if reason is not None else self._answer(next(decoded))
            yield {"input": one.name, **answer}

    def _answer(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """With `abstain`: is its probability below what the wanted error rate asks for?"""
        asked = self.parts.facts.get("abstain")
        if not asked:  # no probability, or a bundle from before there was a threshold
            return decoded
        least = asked["threshold"]
        return {**decoded, "abstain": least is None or decoded["probability"] < least}

    @torch.inference_mode()
    def outputs(self, sources: Sequence[Source]) -> FloatArray:
        """(n, k) calibrated outputs of sources that can be used."""
        size = BATCH * self.task.together
        parts = [self._window(sources[start : start + size]) for start in range(0, len(sources), size)]
        return np.concatenate(parts)

    def _window(self, sources: Sequence[Source]) -> FloatArray:
        """The outputs of a few batches, each of inputs of about the same length."""
        inputs = self.task.inputs(sources, self.parts.preprocess)
        order = inputs.ordered(np.arange(len(sources)))
        rows = [
            self.task.answers(self.network, inputs.batch(order[start : start + BATCH]), self.parts.preprocess)
            for start in range(0, len(order), BATCH)
        ]
        outputs: FloatArray = np.concatenate(rows)
        return outputs[np.argsort(order)]


def _name(source: Source) -> str:
    return source.as_posix() if isinstance(source, Path) else "(bytes)"
