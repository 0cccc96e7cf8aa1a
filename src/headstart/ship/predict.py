"""Load a bundle and predict. Imports no training code.

Notation: n inputs, k classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import registry
from ..errors import DataError
from ..types import FloatArray, Source
from . import bundle

BATCH = 16


class Predictor:
    """A loaded bundle."""

    def __init__(self, folder: str | Path) -> None:
        """Raises BundleError when the folder is not a bundle."""
        self.parts, network = bundle.read(Path(folder))
        self.network = network.to(memory_format=torch.channels_last)
        self.task = registry.get("tasks", self.parts.task)

    def predict(self, sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
        """One record per source, in order: `input` and what the task decodes, or `input` and `error`."""
        for start in range(0, len(sources), BATCH):
            chunk = sources[start : start + BATCH]
            reasons = [self.task.examine(source) for source in chunk]
            usable = [source for source, reason in zip(chunk, reasons, strict=True) if reason is None]
            decoded = iter(self.task.decode(self.outputs(usable), self.parts.labels) if usable else [])
            for source, reason in zip(chunk, reasons, strict=True):
                name = source.as_posix() if isinstance(source, Path) else "(bytes)"
                yield {
                    "input": name,
                    **(self._answer(next(decoded)) if reason is None else {"error": reason}),
                }

    def _answer(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """With `abstain`: is its probability below what the wanted error rate asks for?"""
        asked = self.parts.facts.get("abstain")
        if not asked:  # a bundle from before there was a threshold
            return decoded
        least = asked["threshold"]
        return {**decoded, "abstain": least is None or decoded["probability"] < least}

    @torch.inference_mode()
    def outputs(self, sources: Sequence[Source]) -> FloatArray:
        """(n, k) calibrated outputs of sources that can be used."""
        rows = []
        for start in range(0, len(sources), BATCH):
            chunk = sources[start : start + BATCH]
            inputs = self.task.inputs(chunk, self.parts.preprocess)
            batch = inputs.batch(np.arange(len(chunk)))
            rows.append(self.task.answers(self.network, batch, self.parts.preprocess))
        return np.concatenate(rows)


def expand(inputs: Sequence[str | Path]) -> list[Path]:
    """Files as they are, folders as the files in them, sorted; hidden ones left out.

    Raises:
        DataError: an input does not exist, or there is no file at all.
    """
    found: list[Path] = []
    for given in map(Path, inputs):
        if not given.exists():
            raise DataError(f"there is no file or folder {given}", "check the path")
        inside = sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]
        found += [path for path in inside if not path.name.startswith(".")]
    if not found:
        raise DataError("there is nothing to predict", "name files, or folders with files")
    return found
