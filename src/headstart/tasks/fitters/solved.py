"""The ways of `fitters/factors.py`: what was taken becomes a recommender.

Notation: n users, m items that can be recommended, M items in all, d factors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from ...bases.networks.recommenders import Blend, Factors, FoldIn, Mapped, Recommender
from ..solvers.factorisation import Float32, Settings, Solved, factorised, half, ridge, unseen_of
from .contents import Contents
from .taken import Taken

EXACT = 9
"""Steps of conjugate gradients where one half round is all."""
LITTLE = 0.3
"""Weight of what was taken in the source, beside the target."""


def scratch(known: Taken, how: Settings) -> Recommender:
    """Factors of the target alone."""
    found = _of_target(known, how)
    return _factors(known, how, found.items, found.items, (1.0, 0.0))


def _once(known: Taken, how: Settings, what: tuple[object, ...], solve: Callable[[], Solved]) -> Solved:
    """Factors that another arm may have asked for."""
    key = (*what, how)
    if key not in known.solved:
        known.solved[key] = solve()
    return known.solved[key]


def _of_target(known: Taken, how: Settings) -> Solved:
    """The factors of the target alone."""
    return _once(known, how, ("target",), lambda: factorised(known.target, how))


def _of_source(known: Taken, how: Settings) -> Solved:
    """The factors of the source: of a base its items', and what they say of the users; else solved here."""
    if known.before is None:
        return _once(known, how, ("source",), lambda: factorised(known.source, how))
    nothing = np.zeros((known.source.shape[0], how.width), np.float32)
    return Solved(half(known.source, nothing, known.before, replace(how, steps=EXACT)), known.before)


def warm(known: Taken, how: Settings) -> Recommender:
    """Factors of the target that begin at those of the source."""
    before = _of_source(known, how)
    users = _where(before.users, known.source, 1)
    items = _where(before.items[: known.target.shape[1]], known.source[:, : known.target.shape[1]], 0)
    found = factorised(known.target, how, (users, items))
    return _factors(known, how, found.items, found.items, (1.0, 0.0))


def frozen(known: Taken, how: Settings) -> Recommender:
    """Shared users keep the factors of the source, and items are solved for them; else shared items do."""
    before = _of_source(known, how)
    there = np.asarray(known.source.sum(1)).ravel() > 0
    own = sparse.csr_matrix(known.target.multiply(there[:, None]))
    if not own.nnz:  # nobody is of both
        items = before.items[: known.target.shape[1]]
        return _factors(known, how, items, items, (1.0, 0.0), heard=True)
    begin = np.zeros((own.shape[1], how.width), np.float32)
    items = half(own.T.tocsr(), begin, before.users, replace(how, steps=EXACT))
    read, there = before.items.copy(), _in_source(known)
    read[: len(items)][~there] = items[~there]  # for users whom the source does not know
    bare = there & (known.popularity == 0)
    items[bare] = read[: len(items)][bare]
    network = _factors(known, how, read, items, (0.0, 1.0), heard=True)
    network.fold.all = torch.from_numpy(unseen_of(before.items, how))
    network.fold.lone = torch.ones(1, dtype=torch.bool)
    return network


def collective(weight: float, known: Taken, how: Settings) -> Recommender:
    """Factors of both together, the source with a weight."""
    size, every = known.target.shape[1], known.source.shape[1]
    heed = np.full(every, weight, np.float32)
    heed[:size] = 1

    def solve() -> Solved:
        own = known.target
        target = sparse.csr_matrix((own.data, own.indices, own.indptr), known.source.shape)
        both = target.maximum(known.source * np.float32(weight)).tocsr()
        return factorised(both, how, heed=heed)

    found = _once(known, how, ("both", weight), solve)
    return _factors(known, how, found.items, found.items[:size], (1.0, weight), heed, heard=True)


def mapped(known: Taken, how: Settings) -> Recommender:
    """Factors of the target, users begin at what a ridge regression makes of the source's."""
    before, found = _of_source(known, how), _of_target(known, how)
    there = (np.asarray(known.source.sum(1)).ravel() > 0) & (np.asarray(known.target.sum(1)).ravel() > 0)
    size, every = known.target.shape[1], known.source.shape[1]
    network = Mapped(size, every, how.width, how.width)
    _fold(network.before, how, before.items, (0.0, 1.0), every)
    network.matrix = torch.from_numpy(ridge(before.users[there], found.users[there], 1.0))
    after = _factors(known, how, found.items, found.items, (1.0, 0.0), rows=every)
    network.after.load_state_dict(after.state_dict())
    return network


def blended(known: Taken, how: Settings) -> Recommender:
    """What the three say together that know a source."""
    together = collective(LITTLE, known, how)
    return Blend({"frozen": frozen(known, how), "finetune": together, "mapping": mapped(known, how)})


def _factors(
    known: Taken,
    how: Settings,
    read: Float32,
    write: Float32,
    weights: tuple[float, float],
    heed: Float32 | None = None,
    *,
    rows: int = 0,
    heard: bool = False,
) -> Factors:
    """The network of solved factors: items that nobody took get those of what is said of them.

    Where the source is `heard`, factors of items that were taken there only are of it, and stay.
    """
    none = known.popularity == 0
    new = none & ~_in_source(known) if heard else none
    write, unknown = described(known.contents, write, new)
    read, bare = read.copy(), np.flatnonzero(none)
    bare = bare[bare < len(read)]
    read[bare] = np.where(np.any(read[bare], axis=1, keepdims=True), read[bare], write[bare])
    network = Factors(len(write), max(rows, len(read)), write.shape[1])
    _fold(network.fold, how, read, weights, max(rows, len(read)), heed)
    network.write, network.unknown = torch.from_numpy(write), torch.from_numpy(unknown)
    network.popularity = torch.from_numpy(expected(known.contents, known.popularity))
    return network


def _fold(
    fold: FoldIn,
    how: Settings,
    items: Float32,
    weights: tuple[float, float],
    rows: int,
    heed: Float32 | None = None,
) -> None:
    factors = np.zeros((rows + 1, items.shape[1]), np.float32)
    factors[1 : len(items) + 1] = items
    fold.factors = torch.from_numpy(factors)
    fold.all = torch.from_numpy(unseen_of(items, how, heed))
    fold.heed = torch.tensor(weights)
    fold.penalty = torch.tensor([how.penalty, how.penalty * how.unseen * len(items)])


def described(
    contents: Contents, items: Float32, new: NDArray[np.bool_]
) -> tuple[Float32, NDArray[np.bool_]]:
    """(m, d) factors, where the (m,) new items have what is said of them, and (m,) of which nothing is."""
    said = contents.predicted(items)
    told = new & np.isfinite(said).all(1)
    return np.where(told[:, None], said, items).astype(np.float32), new & ~told


def _in_source(known: Taken) -> NDArray[np.bool_]:
    """(m,) did anybody take the item in the source?"""
    return np.asarray(known.source[:, : known.target.shape[1]].sum(0)).ravel() > 0


def expected(contents: Contents, count: Float32) -> Float32:
    """(m,) how often each item was taken; where nobody did, below 0 in the order in which that is expected.

    What is said of items says how often such are taken; -inf where it says nothing.
    """
    said = contents.predicted(np.log1p(count)[:, None])[:, 0]
    new = np.where(np.isfinite(said), said - np.nanmax(said, initial=0) - 1, -np.inf)
    return np.where(count > 0, count, new).astype(np.float32)


def _where(factors: Float32, seen: sparse.csr_matrix, axis: int) -> Float32:
    """Factors of those of whom the source knows something; NaN for the others."""
    there = np.asarray(seen.sum(axis)).ravel() > 0
    return np.where(there[:, None], factors, np.float32(np.nan)).astype(np.float32)
