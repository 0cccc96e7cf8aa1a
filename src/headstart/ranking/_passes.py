"""The frozen passes that ranking will ask for, as jobs: of each base, and of a large set in parts.

What they leave in the cache is what a pass by itself would leave there, to the bit. So ranking goes on as if
it had made them; where jobs are not worth sending, it does.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from .. import workers
from ..bases.base import FEATURES
from ..bench import Bench
from ..types import IntArray
from ._framing import framed, prepared

PART = 4096
"""Examples of a pass that are one job: whole batches of any engine, so that each batch is as in one pass."""


def scatter(benches: Sequence[Bench], boundaries: Sequence[Sequence[str]]) -> None:
    """The features of each bench, and its activations at its boundaries, written where there are workers.

    A base's first part tries its framings and finds its engine; the others follow.
    """
    workers.scatter(_first, list(zip(benches, boundaries, strict=True)))
    if not workers.apart(benches[0].runtime.on) or len(benches[0].examples) <= PART:
        return
    ready = [framed(bench, wanted) for bench, wanted in zip(benches, boundaries, strict=True)]
    workers.scatter(
        _part,
        [
            (bench, (tuple(wanted), rows))
            for bench, wanted in zip(ready, boundaries, strict=True)
            for rows in parts(bench, wanted)
        ],
    )


def parts(bench: Bench, boundaries: Sequence[str]) -> list[IntArray]:
    """Rows that the pass has not written yet, as they would come in it, PART by PART."""
    wanted = bench.wanted(bench.base.network(), bench.base.identity, [FEATURES, *boundaries])
    missing = bench.passes.missing(wanted, bench.everything)
    return [missing[start : start + PART] for start in range(0, len(missing), PART)]


def _first(bench: Bench, boundaries: Sequence[str]) -> None:
    if len(bench.examples) <= PART:
        prepared(bench, boundaries)
        return
    better = framed(bench, boundaries)
    if left := parts(better, boundaries):
        better.features(boundaries, left[0])


def _part(bench: Bench, wanted: tuple[tuple[str, ...], IntArray]) -> None:
    boundaries, rows = wanted
    beside = copy.copy(bench)
    beside.passes = bench.passes.beside_others()
    beside.features(boundaries, rows)
