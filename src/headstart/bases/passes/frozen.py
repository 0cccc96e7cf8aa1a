"""The frozen pass: one run of a network over the examples that keeps what it needs at every boundary.

The network is in eval mode (BatchNorm and dropout too). It runs on the engine that `engines.py` finds,
decodes in the same threads that compute, holds a few batches in memory however many examples there are,
and writes rows as they come: a pass that was killed goes on from there. Activations are kept as float16
where they fit its range, features as float32.

Notation: n examples, d feature width, K augmented views.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from torch import nn

from ...cache import Array, Cache, Rows, filling, key_of
from ...errors import RunError
from ...parallel import stream
from ...preprocessing.base import Preprocess
from ...runtime import Runtime, derive
from ...types import IntArray
from ..base import FEATURES
from ..networks.maps import shapes_of
from ..networks.ragged import layout
from .engines import Choice, Engine, Job, choose, rate

VERSION = 2
"""Counted up when the pass itself changes, so that old entries are not believed."""
SAMPLE = 16
"""Examples that an engine is probed with."""
LARGEST = 60_000.0
"""Of float16, with a little room."""


@dataclass(frozen=True)
class Subject:
    """What a pass is over: inputs and everything that identifies their values."""

    inputs: Any
    """`tasks.base.Inputs`."""
    digests: tuple[str, ...]
    preprocess: Preprocess


@dataclass(frozen=True)
class Wanted:
    """One pass: a network over some of a subject's examples."""

    network: nn.Module
    """Inputs -> (n, d)."""
    identity: str
    """Hash of the network's weights and architecture."""
    subject: Subject
    boundaries: tuple[str, ...]
    """Stage names, or FEATURES for the (n, d) output."""
    view: int | None = None
    """None for the plain view, else the seed of a random augmentation of each example."""


def seed_of(view: int) -> int:
    """What the random augmentation of a view is drawn from."""
    return derive(view, "view")


class TooLarge(Exception):
    """An activation does not fit the dtype that it should be kept in."""


class FrozenPass:
    """Passes of one run, through its cache."""

    def __init__(self, cache: Cache, runtime: Runtime, decided: dict[str, str] | None = None) -> None:
        """`decided` names the engine of a network's identity where an earlier run has chosen it."""
        self.cache, self.runtime = cache, runtime
        self.decided = dict(decided or {})
        self.choices: dict[str, Choice] = {}
        """By the network's identity: the engine that ran it."""
        self._alone = True
        self._latest: tuple[tuple[Any, ...], Engine] | None = None
        self._said: set[str] = set()

    def __call__(self, wanted: Wanted, rows: IntArray) -> dict[str, Rows]:
        """Activations by boundary, row i that of example i; those in `rows` are there.

        Raises:
            RunError: the disk is full, or too small for this.
        """
        if len(rows) == 0:
            raise ValueError("a frozen pass needs at least one example")
        entries = {name: self.cache.find(self._key(wanted, name)) for name in wanted.boundaries}
        there = {name: entry for name, entry in entries.items() if entry is not None}
        self._recall(wanted)
        if len(there) < len(entries) or any(len(entry.missing(rows)) for entry in there.values()):
            there = self._run(wanted, np.unique(rows))
        if trouble := self.cache.told():
            self.runtime.reporter.note(trouble)
        return {name: there[name] for name in wanted.boundaries}

    def missing(self, wanted: Wanted, rows: IntArray) -> IntArray:
        """Those of `rows` that a pass still has to run, in the order in which it would."""
        entries = [self.cache.find(self._key(wanted, name)) for name in wanted.boundaries]
        there = [entry.missing(rows) for entry in entries if entry is not None]
        left = rows if len(there) < len(entries) else np.unique(np.concatenate(there))
        found: IntArray = wanted.subject.inputs.ordered(left)
        return found

    def beside_others(self) -> FrozenPass:
        """The same for a part of the rows, while others fill other parts of the same entries."""
        other = copy.copy(self)
        other._alone = False
        return other

    def seconds(self, wanted: Wanted, rows: IntArray) -> float:
        """Seconds per encoded example, measured on a few of the rows."""
        sample = wanted.subject.inputs.encoded(rows[:SAMPLE])
        return 1 / rate(self._engine(wanted, rows), sample, self.runtime.threads)

    def _run(self, wanted: Wanted, rows: IntArray) -> dict[str, Rows]:
        engine = self._engine(wanted, rows)
        # also with float16 spikes that no probe foresees: written once more, wider
        for dtype in dict.fromkeys([self.cache.dtype, "float32"]):
            entries = self._entries(wanted, engine, rows, dtype)
            try:
                with filling(list(entries.values()), self._waiting, self._alone):
                    self._fill(wanted, engine, entries, rows)
                return entries
            except TooLarge:
                for name in entries:
                    self.cache.drop(self._key(wanted, name))
        raise AssertionError("float32 holds every float32")

    def _fill(self, wanted: Wanted, engine: Engine, entries: dict[str, Rows], rows: IntArray) -> None:
        missing = np.unique(np.concatenate([entry.missing(rows) for entry in entries.values()]))
        missing = wanted.subject.inputs.ordered(missing)
        if len(missing) == 0:  # another process was quicker
            return
        parts = np.split(missing, range(engine.batch, len(missing), engine.batch))
        track = self.runtime.reporter.track
        results = self._results(wanted, engine, entries, parts)
        for part, values in track(zip(parts, results, strict=True), "frozen pass", len(parts)):
            for entry, found in zip(entries.values(), values, strict=True):
                new = np.isin(part, entry.missing(part))  # what was read before stays as it was
                entry.write(part[new], _filled(found[new], entry.shape[1:]))

    def _results(
        self, wanted: Wanted, engine: Engine, entries: dict[str, Rows], parts: Sequence[IntArray]
    ) -> Any:
        """Activations of each part, in order; what can be done in threads is."""
        dtypes = [entry.dtype for entry in entries.values()]

        def encode(part: IntArray) -> Array:
            view = None if wanted.view is None else seed_of(wanted.view)
            found: Array = wanted.subject.inputs.encoded(part, view)
            return found

        def compute(encoded: Array) -> list[Array]:
            return [_stored(values, dtype) for values, dtype in zip(engine(encoded), dtypes, strict=True)]

        threads = self.runtime.threads
        if engine.concurrent:
            return stream(lambda part: compute(encode(part)), parts, threads)
        return map(compute, stream(encode, parts, threads))

    def _entries(self, wanted: Wanted, engine: Engine, rows: IntArray, dtype: str) -> dict[str, Rows]:
        outputs = engine(wanted.subject.inputs.encoded(rows[:1]))
        found = {}
        for name, output in zip(wanted.boundaries, outputs, strict=True):
            size = wanted.subject.preprocess.size
            shape = (len(wanted.subject.digests), *layout(wanted.network).room(output.shape, size)[1:])
            kept = _dtype(wanted, name, dtype)
            entry = self.cache.rows(self._key(wanted, name), shape, kept)
            if entry is None:
                needed = np.prod(shape, dtype=float) * np.dtype(kept).itemsize / 2**30
                raise RunError(
                    f"the frozen pass needs {needed:.1f} GB, and {self.cache.folder} has not so much room",
                    "free some space, or set HEADSTART_CACHE to a folder on a larger disk",
                )
            found[name] = entry
        return found

    def _engine(self, wanted: Wanted, rows: IntArray) -> Engine:
        how = wanted.subject.preprocess
        what = (wanted.identity, wanted.boundaries, how.size, how.graph)
        if self._latest is None or self._latest[0] != what:
            job = Job(wanted.network.eval(), wanted.subject.inputs.preparation, wanted.boundaries)
            sample = layout(wanted.network).widened(wanted.subject.inputs.encoded(rows[:SAMPLE]), how.size)
            decided = self._decided(wanted)
            examples = len(wanted.subject.digests)
            engine, choice = choose(job, sample, self.runtime, self.cache, decided, examples)
            self.runtime.log("engine", network=wanted.identity[:12], **asdict(choice))
            self._say(choice)
            self.choices[wanted.identity] = choice
            self.cache.remember(_choice_key(wanted), asdict(choice))
            self._latest = (what, engine)
        return self._latest[1]

    def _decided(self, wanted: Wanted) -> Choice | None:
        """What ran this network over these examples before: rows of other engines differ in the last bits.

        Over others it may be another engine: of few examples none is worth a search.
        """
        if engine := self.decided.get(wanted.identity):
            return Choice(engine)
        known = self.cache.recall(_choice_key(wanted))
        return Choice(**known) if known else None

    def _key(self, wanted: Wanted, boundary: str) -> str:
        return key_of(
            version=VERSION,
            weights=wanted.identity,
            preprocess=wanted.subject.preprocess.identity,
            examples=key_of(digests=wanted.subject.digests),
            boundary=boundary,
            dtype=_dtype(wanted, boundary, self.cache.dtype),
            # inputs of another kind augment otherwise
            view=None if wanted.view is None else [wanted.view, type(wanted.subject.inputs).__name__],
        )

    def _recall(self, wanted: Wanted) -> None:
        """Which engine ran an earlier pass, where this one has nothing left to run."""
        if wanted.identity not in self.choices and (known := self.cache.recall(_choice_key(wanted))):
            self.choices[wanted.identity] = Choice(**known)

    def _say(self, choice: Choice) -> None:
        """What was not used and why, once."""
        for name in choice.rejected.keys() - self._said:
            self.runtime.reporter.note(f"the engine {name} is not used: {choice.rejected[name]}")
        self._said |= choice.rejected.keys()

    def _waiting(self) -> None:
        self.runtime.reporter.note("another process is at the same frozen pass: waiting for it")


def _dtype(wanted: Wanted, boundary: str, usual: str) -> str:
    """A row of features is short and heads are solved on it; maps are neither."""
    return "float32" if boundary == FEATURES and not shapes_of(wanted.network) else usual


def _filled(values: Array, shape: tuple[int, ...]) -> Array:
    """Zeros after the ends of texts, as far as the longest goes."""
    return np.pad(
        values, [(0, 0), *((0, full - now) for full, now in zip(shape, values.shape[1:], strict=True))]
    )


def _choice_key(wanted: Wanted) -> str:
    examples = key_of(digests=wanted.subject.digests)
    return key_of(kind="engine", version=VERSION, weights=wanted.identity, examples=examples)


def _stored(values: Array, dtype: np.dtype[Any]) -> Array:
    """The values in the dtype that they are kept in.

    Raises:
        TooLarge: they do not fit.
    """
    if dtype == np.float16 and np.abs(values).max(initial=0.0) > LARGEST:
        raise TooLarge
    return values.astype(dtype, copy=False)
