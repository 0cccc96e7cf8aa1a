"""Explore: what is in a heap of examples that nobody has labelled.

    read → one frozen pass → short rows → clusters, map, what is odd, what is there twice, what to label first
         → does the base help? (views)      → page, table, bundle

Needs a modality and a reader only; labels are looked at where somebody asks, and after everything is found.

Notation: n examples.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import shipping
from ..bases.passes.frozen import FrozenPass
from ..bench import Bench
from ..cache import Cache
from ..data.checks import near_copies
from ..explored import PROOF, SCHEMA, Agreement, Chosen, Explored
from ..plain import plain
from ..records import LeftOut
from ..runs import open_run
from ..runtime import Clock, Reporter, detect, using_threads, write_atomically
from ..types import IntArray
from ..version import VERSION
from . import _record, _shown, folders
from ._asked import Asked
from ._begin import Begun, begin, benches, usable
from ._found import Found, look
from ._labels import labels_of, some
from ._pack import pack
from .agreement import agreement
from .proof import proof, ranked

MOST_COMPARED = 20_000
"""Examples of which every pair is looked at for near copies."""


def explore(asked: Asked, reporter: Reporter) -> tuple[Path, dict[str, object]]:
    """Write page, table and bundle; returns their folder and what its `result.json` holds.

    Raises:
        HeadstartError: the data, the base or the folder cannot be used.
    """
    clock, seconds = Clock(), dict[str, float]()
    begun = begin(asked, reporter)
    labels = labels_of(begun, asked) if asked.labels else None
    if asked.folders is not None:
        folders.require(begun.splits.examples, begun.task.modality)
    runtime = detect(clock, reporter)
    timed = _timing(clock, seconds)
    with timed("pass"):
        candidates = benches(begun, FrozenPass(Cache(), runtime))
        known = {bench.base.name: bench.base.card.sha256 for bench in candidates}
        folder = open_run(asked.out, asked.name, asked.identity(begun.splits.fingerprint, known))
        order = ranked(candidates, asked.seed) if len(candidates) > 1 else [(candidates[0], None)]
        bench, splits, features = usable(order[0][0], begun.splits)
    found = look(features, asked.options, asked.seed, timed)
    with timed("copies"):
        copies = _copies(bench, features)
    with timed("proof"), using_threads(runtime.threads):
        told = proof(bench, asked.seed) if PROOF.of(asked.options) == "yes" else None
    names = tuple(f"cluster {number}" for number in range(1, len(found.clustered.centres) + 1))
    with timed("page"):
        whose = _labelled(bench, begun, labels)
        shown = _shown.points(bench, splits, found, copies, whose)
        pack(folder.path / "bundle", begun.name, bench, splits, found, names)
        _write_table(folder.path / "table.csv", _shown.table(bench, splits, found, names, copies))
        if asked.folders is not None:
            folders.write(asked.folders, bench.examples, found.clustered.members, names, bench.task.modality)
    total = {**{name: round(one, 3) for name, one in seconds.items()}, "total": round(clock.elapsed(), 3)}
    explored = Explored(
        schema=SCHEMA,
        headstart=VERSION,
        task=begun.name,
        seed=asked.seed,
        base=bench.base.card,
        bases=tuple(Chosen(one.base.name, share) for one, share in order) if len(order) > 1 else (),
        copies=tuple((bench.examples.names[a], bench.examples.names[b]) for a, b in copies),
        proof=told,
        agreement=_agreement(found, whose, asked.labels),
        dropped=LeftOut(splits.dropped),
        findings=splits.findings,
        fingerprint=f"sha256:{splits.fingerprint}",
        seconds=total,
        **_record.found(bench, found, names),
    )
    shipping.finish_explored(explored, shown, folder)
    return folder.path, plain(explored)


def _copies(bench: Bench, features: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Pairs that are nearly the same; none where nothing tells them apart, or of too many examples."""
    if len(features) > MOST_COMPARED:
        return []
    inputs = bench.subject(bench.base.preprocess.size).inputs
    impressions = bench.task.modality.impressions(inputs, bench.everything)
    if impressions is None:
        return []
    pairs = near_copies(features, np.asarray(impressions, np.float32))
    return [(int(a), int(b)) for a, b in pairs.tolist()]


def _labelled(bench: Bench, begun: Begun, labels: Sequence[str | None] | None) -> list[str | None] | None:
    """(n,) the labels of the examples that are left."""
    if labels is None:
        return None
    known = dict(zip(begun.splits.examples.digests, labels, strict=True))
    return [known[digest] for digest in bench.examples.digests]


def _agreement(found: Found, labels: Sequence[str | None] | None, column: str | None) -> Agreement | None:
    if labels is None:
        return None
    rows: IntArray = np.array(some(labels), np.int64)
    known = [str(labels[row]) for row in rows.tolist()]
    return agreement(found.rows[rows], found.clustered.members[rows], known, str(column))


def _write_table(path: Path, rows: Sequence[dict[str, object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))


def _timing(clock: Clock, seconds: dict[str, float]) -> Callable[[str], Any]:
    @contextmanager
    def timed(name: str) -> Iterator[None]:
        started = clock.elapsed()
        yield
        seconds[name] = seconds.get(name, 0.0) + clock.elapsed() - started

    return timed


__all__ = ["Asked", "explore"]
