"""Load a bundle and predict. Imports no training code.

Notation: n inputs, k classes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...ahead import ahead
from ...bases.networks.example import example
from ...bases.networks.memory import laid_out
from ...bases.passes.frozen import FrozenPass
from ...cache import Cache
from ...data.asked import Asked, Input
from ...data.images.films import as_picture
from ...data.objects import several_of
from ...data.reading import PLAIN, Reading
from ...errors import DataError, SettingsError
from ...options import Given, require_declared
from ...runtime import Clock, Reporter, Silent, detect
from ...types import FloatArray, Source
from . import bundle, exported
from .drawn import Drawings

if TYPE_CHECKING:
    import pandas as pd

BATCH = 16
_Compute = Callable[[Tensor, Sequence[Source]], FloatArray]
"""What is computed of a batch of inputs and the sources that they are of."""


@dataclass
class Answers:
    """Records, one after another, and what was found in folders but is no input."""

    records: Iterator[dict[str, Any]]
    skipped: Mapping[str, int]
    """Files that were left out, by suffix."""

    def to_frame(self) -> pd.DataFrame:
        """All records that are left as a table of pandas, a column for each probability."""
        import pandas as pd

        return pd.json_normalize(list(self))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        return next(self.records)


class Predictor:
    """A loaded bundle; where it was exported (`export.py`), it is the exported network that runs."""

    def __init__(self, folder: str | Path) -> None:
        """Raises BundleError when the folder is not a bundle."""
        self.folder = Path(folder)
        self.parts, network = bundle.read(self.folder)
        plain = laid_out(network, "cpu", example(self.parts.preprocess))
        self.backbone, self.head = network[0], network[1]
        self.network: nn.Module = exported.current(self.folder, network[-1]) or plain
        self.task = bundle.task_of(self.parts)

    def asked(
        self,
        inputs: object,
        reading: Reading = PLAIN,
        draw: str | Path | None = None,
        reporter: Reporter | None = None,
    ) -> Answers:
        """`predict` for what a person names: files, folders, films, and texts where the task takes them.

        Args:
            inputs: one or several: paths; texts, where the task takes them (a string is then never a path);
                bytes, pictures in memory, arrays, a DataFrame.
            reading: what tables call their columns.
            draw: a new or empty folder for pictures of the answers; records then have their paths.
            reporter: where it speaks of what is read beside the inputs; nowhere if not given.

        Raises:
            DataError: something that is named does not exist; before anything is predicted.
            SettingsError: the task's answers cannot be drawn.
            RunError: the folder to draw to holds something, or cannot be written to.
        """
        several = several_of(inputs)
        require_declared(reading.options, self.task.options)
        one = self.told(reading.options, reporter or Silent())
        asked = one.task.asked(several, reading)
        if draw is None:
            return Answers(one._answered(asked), asked.skipped)
        drawings = Drawings(Path(draw), one.task, one.parts.task, one.parts.labels)
        return Answers(one._answered(asked, drawings), asked.skipped)

    def told(self, given: Given, reporter: Reporter) -> Predictor:
        """One that knows what is told of with a call, too, as items that came after the bundle's run.

        Raises:
            HeadstartError: that cannot be read, or the bundle has learned nothing about such.
        """
        if self.task.fitter is None:
            return self
        network, how = self.task.fitter.arrived(
            self.backbone, self._how, given, lambda: FrozenPass(Cache(), detect(Clock(), reporter))
        )
        if how is self._how:
            return self
        other = copy(self)
        other.parts = replace(self.parts, preprocess=how, labels=how.items[: how.size])
        other.backbone, other.task = network, bundle.task_of(other.parts)
        other.network = nn.Sequential(network, self.head).eval()
        return other

    def answered(self, inputs: Sequence[Input]) -> list[dict[str, object]]:
        """The record of each of a few inputs, as `asked` gives them."""
        return list(self._answered(Asked(iter(inputs))))

    def predict(self, sources: Iterable[Source | str]) -> Iterator[dict[str, object]]:
        """One record per source, in order: `input` and what the task decodes, or `input` and `error`.

        A string is a text where the task takes texts, and a path where it takes files.
        """
        return self._answered(Asked(map(self._input, sources)))

    def _input(self, source: Source | str) -> Input:
        if isinstance(source, str):
            asked = self.task.asked([source])
            return next(asked.inputs)
        return Input(_name(source), source)

    def stream(
        self, frames: Iterable[NDArray[np.uint8]], newest: bool = False, waiting: int = 2
    ) -> Iterator[dict[str, object]]:
        """One record per frame of a camera or a film, each as soon as it is there.

        Frames are fetched in a thread of their own. A record has `input` (`frame 12`, counted from 1 by what
        was fetched) and `dropped`, how many frames were fetched until then and never answered.

        Args:
            frames: (h, w, 3) arrays of red, green and blue, uint8; sizes may differ.
            newest: of frames that come faster than they are answered, drop the oldest, so that an answer is
                never late by more than `waiting` frames; else the source waits.
            waiting: frames that wait at most.

        Raises:
            SettingsError: the bundle takes no pictures.
        """
        if self.parts.preprocess.modality != "image":
            raise SettingsError(
                f"a bundle for {self.parts.task} takes no frames", "give frames to a bundle for pictures"
            )
        return self._streamed(ahead(frames, waiting, newest))

    def _streamed(self, frames: Generator[tuple[int, Any], None, None]) -> Iterator[dict[str, Any]]:
        with closing(frames):
            for answered, (number, frame) in enumerate(frames):
                name, dropped = f"frame {number}", number - 1 - answered
                try:
                    one = Input(name, as_picture(frame))
                except DataError as error:
                    one = Input(name, b"", error.message)
                (record,) = self._records([one])
                yield {**record, "dropped": dropped}

    def _answered(self, asked: Asked, drawings: Drawings | None = None) -> Iterator[dict[str, Any]]:
        """As many at a time as are sorted by length together; of live ones a batch."""
        inputs = iter(asked.inputs)
        size = BATCH if asked.live else BATCH * self.task.modality.together
        while chunk := list(islice(inputs, size)):
            yield from self._records(chunk, drawings)

    def _records(self, chunk: Sequence[Input], drawings: Drawings | None = None) -> Iterator[dict[str, Any]]:
        reasons = [one.reason or self.task.modality.examine(one.source) for one in chunk]
        usable = [one.source for one, reason in zip(chunk, reasons, strict=True) if reason is None]
        labels = self.parts.labels
        decoded = iter(self.task.answer.decode(self._whole(usable), labels, usable) if usable else [])
        for one, reason in zip(chunk, reasons, strict=True):
            if reason is not None:
                yield {"input": one.name, "error": reason}
                continue
            answer = self._answer(next(decoded))
            yield {"input": one.name, **(drawings.add(one, answer) if drawings else answer)}

    def _answer(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """With `abstain`: is its probability below what the wanted error rate asks for?"""
        asked = self.parts.facts.get("abstain")
        if not asked:  # no probability, or a bundle from before there was a threshold
            return decoded
        least = asked["threshold"]
        return {**decoded, "abstain": least is None or decoded["probability"] < least}

    def outputs(self, sources: Sequence[Source]) -> FloatArray:
        """(n, k) calibrated outputs of sources that can be used."""
        return self._computed(
            sources, lambda inputs, _: self.task.answer.answers(self.network, inputs, self._how)
        )

    def features(self, sources: Sequence[Source]) -> FloatArray:
        """(n, d) what the head reads of sources that can be used; by PyTorch, exported or not."""
        return self._computed(sources, lambda inputs, _: self.backbone(inputs).double().cpu().numpy())

    def _whole(self, sources: Sequence[Source]) -> FloatArray:
        """The same, and of each picture's own size where answers have one."""
        whole = self.task.answer.whole
        return self._computed(sources, lambda inputs, some: whole(self.network, inputs, self._how, some))

    @torch.inference_mode()
    def _computed(self, sources: Sequence[Source], compute: _Compute) -> FloatArray:
        size = BATCH * self.task.modality.together
        windows = [sources[start : start + size] for start in range(0, len(sources), size)]
        return np.concatenate([self._window(window, compute) for window in windows])

    def _window(self, sources: Sequence[Source], compute: _Compute) -> FloatArray:
        """The outputs of a few batches, each of inputs of about the same length."""
        inputs = self.task.unanswered(sources, self._how)
        order = inputs.ordered(np.arange(len(sources)))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        rows = [compute(inputs.batch(batch), [sources[row] for row in batch]) for batch in batches]
        outputs: FloatArray = np.concatenate(rows)
        return outputs[np.argsort(order)]

    @property
    def _how(self) -> Any:
        return self.parts.preprocess


def _name(source: Source) -> str:
    return source.as_posix() if isinstance(source, Path) else "(bytes)"
