"""Image classification: one label for each image.

Notation: n images, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from ..data import layouts
from ..data.images import examine, looks_like_image
from ..data.pixels import PixelStore
from ..data.reading import PLAIN, Reading
from ..data.tables import has_columns
from ..errors import DataError
from ..types import Architecture, FloatArray, IntArray, Preprocess, Source

if TYPE_CHECKING:
    from ..cache import Cache


class ImageClassification:
    """The task of `tasks/base.py` for images with one label each."""

    modality = "image"
    metric = "accuracy"
    higher_is_better = True
    baseline = "raw_pixels"
    dull = Architecture("builtin", "pixels", {"side": 16})
    columns = ("file_name", "label")

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A folder that holds images, or a DataFrame with the columns `file_name` and `label`."""
        if layouts.is_table(data):
            return has_columns(data, self.columns, reading)
        path = layouts.existing(data)
        return path.is_dir() and any(map(looks_like_image, layouts.inside(path)))

    def read(self, data: Any, reading: Reading = PLAIN) -> layouts.Listing:
        """Rows of any layout in `data/layouts.py`.

        Raises:
            DataError: no such layout, or a folder without a single image.
        """
        if not layouts.is_table(data):
            _require_images(data)
        return layouts.read(data, reading)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> layouts.Listing:
        """Every image of a folder.

        Raises:
            DataError: there is none.
        """
        _require_images(data)
        return layouts.heap(data, looks_like_image)

    def examine(self, source: Source) -> str | None:
        """None when the image decodes fully, else the reason why not."""
        return examine(source)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: Preprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> PixelStore:
        """The images as a base of this preprocessing takes them."""
        return PixelStore(sources, preprocess, cache, digests)

    def thumbnails(self, inputs: Any, indices: IntArray) -> FloatArray:
        """(n, 256) small grey pictures, which tell copies from things of the same kind."""
        return np.asarray(inputs.grey(indices), dtype=np.float64)

    def head(self, width: int, labels: Sequence[str]) -> nn.Module:
        """A linear layer (n, d) -> (n, k) that starts with even odds."""
        head = nn.Linear(width, len(labels))
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
        return head

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) cross entropy."""
        return F.cross_entropy(outputs, targets, reduction="none")

    def scores(self, outputs: FloatArray, targets: IntArray) -> FloatArray:
        """(n,) 1 where the likeliest class is the right one, else 0."""
        return np.asarray(outputs.argmax(1) == targets, dtype=np.float64)

    def metrics(self, outputs: FloatArray, targets: IntArray) -> dict[str, float]:
        """Accuracy first; classes without an example here take no part in the balanced accuracy."""
        hits, guesses, truths = _counts(outputs, targets)
        there, seen = truths > 0, truths + guesses > 0
        return {
            "accuracy": float(self.scores(outputs, targets).mean()),
            "balanced_accuracy": float((hits[there] / truths[there]).mean()),
            "macro_f1": float((2 * hits[seen] / (truths + guesses)[seen]).mean()),
            "log_loss": float(-_log_softmax(outputs)[np.arange(len(targets)), targets].mean()),
        }

    def decode(self, outputs: FloatArray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """The likeliest label of each image, its probability, and those of all labels."""
        probabilities = np.exp(_log_softmax(outputs))
        return [
            {
                "label": labels[int(row.argmax())],
                "probability": float(row.max()),
                "probabilities": dict(zip(labels, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]


def _require_images(data: Any) -> None:
    folder = layouts.existing_folder(data)
    if not any(map(looks_like_image, layouts.inside(folder))):
        kinds = layouts.suffixes(folder)
        if kinds:
            raise DataError(
                f"expected images, but `{folder}` holds none: only {', '.join(kinds)}",
                "give a folder of images, or name the task that fits the data with --task",
            )


def _counts(outputs: FloatArray, targets: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(k,) right answers, guesses and examples of each class."""
    k, guesses = outputs.shape[1], outputs.argmax(1)
    hits = np.bincount(targets[guesses == targets], minlength=k)
    parts = (hits, np.bincount(guesses, minlength=k), np.bincount(targets, minlength=k))
    right, guessed, true = (part.astype(np.float64) for part in parts)
    return right, guessed, true


def _log_softmax(outputs: FloatArray) -> FloatArray:
    """(n, k) in float64, with the largest output subtracted first: nothing overflows."""
    shifted = outputs.astype(np.float64) - outputs.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))


plugin = ImageClassification()
