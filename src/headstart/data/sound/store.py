"""Recordings as batches for a base: each is decoded once, when it is first asked for, and read many times.

Where a recording has ended all bands are 0, which no frame of a recording is. What is said of bands and
levels holds for samples too, where a base takes these.

Notation: n recordings, b recordings of a batch, B bands, T frames of the longest of them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...cache import key_of
from ...errors import DataError
from ...parallel import each
from ...preprocessing.sound import HOP, RATE, STEP, SoundPreprocess
from ...types import IntArray, Source
from ..items import digest
from .decode import LONGEST, read, resampled
from .fronts import FRONTS, columns
from .views import STRONG, USUAL, WHOLE, Policy

if TYPE_CHECKING:
    from ...cache import Cache

Levels = NDArray[np.float16]

VERSION = 1
"""Raised whenever the numbers of some recording change, so that old cache entries are not read."""
LENGTHS = 50
"""An input is as long as the longest recording, in halves of a second."""
CELLS = 12
"""Frames of an impression."""
AT_ONCE = 64
"""Recordings that are decoded before they are written: bounds the memory."""


class Wide(nn.Module):
    """Levels as they are kept, (b, B, T) float16, to float32."""

    def forward(self, levels: Tensor) -> Tensor:
        return levels.float()


class MelStore:
    """n recordings as a base of this preprocessing takes them. Threads may read at once."""

    augments = True

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: SoundPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> None:
        """Decodes nothing yet.

        Args:
            sources: Files, or bytes of files.
            preprocess: How a base takes recordings.
            cache: Where the levels are kept; where they do not fit, they stay in memory. Without one,
                recordings may be as long as the base takes them, whatever the size of its inputs was.
            digests: SHA-256 of each source, where they are known already.
        """
        self.preprocess = preprocess if cache else preprocess.at(preprocess.window)
        self.preparation = Wide()
        self._sources = tuple(sources)
        self._cache, self._digests = cache, digests
        self._policy: Policy = USUAL
        self._kept: Any = None

    def __len__(self) -> int:
        return len(self._sources)

    def encoded(self, indices: IntArray, view: int | None = None) -> Levels:
        """(b, B, T) levels, 0 after each recording's end.

        With `view` a random view of each, which depends on that seed and the recording's own number alone.

        Raises:
            DataError: a source does not decode any more.
        """
        rows = self._rows(indices)
        ends = _ends(rows)
        found = np.ascontiguousarray(rows[:, :, : int(ends.max(initial=STEP))])
        if view is not None:
            drawn = FRONTS[self.preprocess.front].view
            for row, end, index in zip(found, ends.tolist(), indices.tolist(), strict=True):
                row[:, :end] = drawn(row[:, :end], self._policy, np.random.default_rng([view, index]))
        return found

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, B, T) float32."""
        prepared: Tensor = self.preparation(torch.from_numpy(self.encoded(indices, view)))
        return prepared

    def ordered(self, indices: IntArray) -> IntArray:
        """The longest first: recordings of one length have no padding, and what fits first fits all."""
        if len(indices) == 0:
            return indices
        parts = np.array_split(indices, -(-len(indices) // AT_ONCE))
        lengths = np.concatenate([_ends(self._rows(part)) for part in parts])
        return np.asarray(indices[np.argsort(-lengths, kind="stable")])

    def distorted(self) -> MelStore:
        """The same recordings under stronger views."""
        other = copy.copy(self)
        other._policy = STRONG
        return other

    def whole(self) -> MelStore:
        """The same recordings under views that lose neither their beginnings nor their ends."""
        other = copy.copy(self)
        other._policy = WHOLE
        return other

    def impressions(self, indices: IntArray) -> NDArray[np.float64]:
        """(b, B * CELLS) each recording's levels brought to one length: what confirms a copy."""
        if (bands := self.preprocess.in_bands()) != self.preprocess:
            return MelStore(self._sources, bands, self._cache, self._digests).impressions(indices)
        found = [self._impression(index) for index in indices.tolist()]
        return np.asarray(found).reshape(len(indices), self.preprocess.bands * CELLS)

    def _impression(self, index: int) -> NDArray[np.float64]:
        rows = self._rows(np.array([index]))
        levels = rows[0, :, : int(_ends(rows)[0])].astype(np.float64)
        edges = np.linspace(0, levels.shape[1], CELLS + 1)
        return np.stack(
            [
                levels[:, int(a) : max(int(a) + 1, int(b))].mean(1)
                for a, b in zip(edges, edges[1:], strict=False)
            ],
            axis=1,
        )

    def _rows(self, indices: IntArray) -> Levels:
        """(b, B, size) from the store; what is not in it yet is computed and put there."""
        kept = self._store()
        missing = kept.missing(np.unique(indices))
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            kept.write(part, np.stack([self._levels(index) for index in part.tolist()]))
        found: Levels = kept.read(indices)
        return found

    def _levels(self, index: int) -> Levels:
        source = self._sources[index]
        try:
            return levels(source, self.preprocess)
        except DataError as error:
            name = source.name if isinstance(source, Path) else "a recording"
            raise DataError(f"{name}: {error.message}", error.hint) from error

    def _store(self) -> Any:
        if self._kept is None:
            shape = (len(self._sources), self.preprocess.bands, self.preprocess.size)
            entry = None
            if self._cache is not None:
                known = each(digest, self._sources) if self._digests is None else list(self._digests)
                how = self.preprocess.identity
                key = key_of(kind="mels", version=VERSION, preprocess=how, digests=known)
                entry = self._cache.here.rows(key, shape, "float16")
            self._kept = _InMemory(shape) if entry is None else entry
        return self._kept


class _InMemory:
    """What `cache.Rows` does, without a file."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.values = np.zeros(shape, dtype=np.float16)  # which takes no memory before it is written
        self.there = np.zeros(shape[0], dtype=bool)

    def missing(self, rows: IntArray) -> IntArray:
        return rows[~self.there[rows]]

    def write(self, rows: IntArray, values: Levels) -> None:
        self.values[rows], self.there[rows] = values, True

    def read(self, rows: IntArray) -> Levels:
        return self.values[rows]


def levels(source: Source, preprocess: SoundPreprocess) -> Levels:
    """(B, size) of a recording's beginning, 0 after its end.

    Raises:
        DataError: it cannot be used; the message is the reason alone.
    """
    samples = torch.from_numpy(resampled(read(source))[: preprocess.size * HOP])
    found = columns(samples, preprocess).numpy().astype(np.float16)
    row = np.zeros((preprocess.bands, preprocess.size), np.float16)
    row[:, : found.shape[1]] = found[:, : preprocess.size]
    return row


def fitted(preprocess: SoundPreprocess, sources: Sequence[Source]) -> SoundPreprocess:
    """The preprocessing with as many frames as the longest of these recordings has, silence included."""
    longest = max(each(lambda source: read(source).seconds, list(sources)), default=LONGEST)
    frames = LENGTHS * -(-(math.ceil(longest * RATE / HOP) + 2 * preprocess.margin) // LENGTHS)
    return preprocess.at(min(preprocess.window, max(LENGTHS, frames)))


def _ends(rows: Levels) -> IntArray:
    """(b,) frames up to each recording's end."""
    there = (rows != 0).any(1)
    ends = np.where(there.any(1), rows.shape[2] - np.argmax(there[:, ::-1], axis=1), 0)
    return np.asarray(-(-ends // STEP) * STEP, np.int64)
