"""Does the base help, where nobody knows what is right? Two views of an example should find each other.

Of some examples random views are shown, four each. Of two of these it counts how often the nearest of all
second views is the same example's. The base is compared with plain features (pixels, words, …) and with the
same network with random weights, on the same views. That is a verdict on structure: whether it is the
structure that a person wants, labels alone can tell. (Silhouettes and stability prove nothing: random weights
do well in both.)

Notation: s resamples, n examples, d feature width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bases.base import Base
from ..bases.passes.engines import PLAIN
from ..bases.passes.frozen import FrozenPass
from ..bench import Bench
from ..cache import key_of
from ..explored import Proof
from ..runtime import derive, seeded
from ..stats import call, interval
from ..tasks.baselines.base import get
from ..types import FloatArray, Interval
from . import space

PAIRS = ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (0, 3))
"""Of four views of each example: each resample compares two."""
RESAMPLES, DRAWS = len(PAIRS), 3
"""Resamples, and networks with random weights, each for some of them."""
EXAMPLES = 96
FEWEST = 20


def proof(bench: Bench, seed: int) -> Proof | None:
    """Of a base; None of too few examples, or of such that have no views."""
    some = sampled(bench)
    if some is None:
        return None
    own = found(some, seed)
    each = RESAMPLES // DRAWS  # one after the other: neighbours in `PAIRS` share a view
    turns = [range(draw * each, (draw + 1) * each) for draw in range(DRAWS)]
    drawn = [found(random_of(some, seed, draw), seed, mine) for draw, mine in enumerate(turns)]
    others = {"random weights": np.concatenate(drawn)}
    if (plain := without_pretraining(some)) is not None:
        others[plain[0]] = found(plain[1], seed)
    reference = max(others, key=lambda name: others[name].mean())
    difference = own - others[reference]
    ends = Interval(*interval(difference, some.examples.units, -1.0, 1.0))
    return Proof(
        call=call(ends),
        delta=float(difference.mean()),
        interval=ends,
        reference=reference,
        shares={
            bench.base.name: float(own.mean()),
            **{name: float(one.mean()) for name, one in others.items()},
        },
        examples=len(some.examples),
        resamples=RESAMPLES,
    )


def ranked(benches: Sequence[Bench], seed: int) -> list[tuple[Bench, float | None]]:
    """Bases by how often two views find each other, best first; equals in the order they were named in."""
    looks = [(bench, sampled(bench)) for bench in benches]
    shares = [(bench, None if some is None else float(found(some, seed).mean())) for bench, some in looks]
    return sorted(shares, key=lambda one: -(one[1] or 0.0))


def sampled(bench: Bench) -> Bench | None:
    """The bench with some of its examples; None where there are too few, or they have no views."""
    rows = space.evenly(len(bench.examples), EXAMPLES)
    if len(rows) < FEWEST:
        return None
    some = _plainly(
        Bench(bench.task, bench.examples.only(rows), np.arange(len(rows)), bench.base, bench.passes)
    )
    inputs = some.subject(bench.base.preprocess.size).inputs
    few = np.arange(4)
    plain, distorted = inputs.encoded(few), inputs.distorted().encoded(few, 0)
    return None if np.array_equal(plain, distorted) else some


def found(bench: Bench, seed: int, turns: Sequence[int] = tuple(range(RESAMPLES))) -> FloatArray:
    """(s, n) 1 where the nearest second view is the example's own; several at one place share the 1."""
    pairs = [PAIRS[turn] for turn in turns]
    seen = {
        view: bench.viewed(bench.everything, derive(seed, "view", view))
        for view in sorted(set(chain.from_iterable(pairs)))
    }
    return np.stack([_found(seen[one], seen[other]) for one, other in pairs])


def random_of(bench: Bench, seed: int, turn: int) -> Bench:
    """The same network with random weights."""
    base: Base = bench.base
    with seeded(derive(seed, "random", turn)):
        state = base.build(None).state_dict()
    sha256 = key_of(random=base.card.sha256, seed=seed, turn=turn)
    return _plainly(bench.with_base(replace(base, state=state, card=replace(base.card, sha256=sha256))))


def without_pretraining(bench: Bench) -> tuple[str, Bench] | None:
    """The dull baseline that has features of its own, and the examples on it; None where there is none."""
    known: dict[str, Callable[[Bench], Bench] | None] = {
        name: get(name).plain for name in bench.task.baselines
    }
    return next(((name, _plainly(plain(bench))) for name, plain in known.items() if plain), None)


def _plainly(bench: Bench) -> Bench:
    """The bench on plain PyTorch: to find a faster engine takes longer than so few examples."""
    passes = FrozenPass(bench.passes.cache, bench.runtime, {bench.base.identity: PLAIN})
    return Bench(bench.task, bench.examples, bench.pool, bench.base, passes)


def _found(one: NDArray[Any], other: NDArray[Any]) -> FloatArray:
    alike = space.unit(_centred(one)) @ space.unit(_centred(other)).T
    most = alike.max(1, keepdims=True)
    best = alike >= most - 1e-6
    return np.where(np.diagonal(best), 1 / best.sum(1), 0.0)


def _centred(rows: NDArray[Any]) -> NDArray[Any]:
    """Rows of length 1 less their mean: what all share tells nobody apart."""
    short = space.unit(rows)
    return np.asarray(short - short.mean(0))
