"""Factors of users and items from what users took: alternating least squares.

All pairs count a little, as not taken; those that were taken count as 1. The penalty grows with how often a
user or item is met (S. Rendle, W. Krichene, L. Zhang & Y. Koren, "Revisiting the performance of iALS on item
recommendation benchmarks", RecSys 2022); each half step is a few steps of conjugate gradients from where it
was (G. Takács, I. Pilászy & D. Tikk, "Applications of the conjugate gradient method for implicit feedback
collaborative filtering", RecSys 2011): time and memory are linear in what was taken. Ours differs in that
items may count less, factors may begin where others are, and nothing is drawn.

Notation: n users, m items, d factors, t pairs that were taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Float32 = NDArray[np.float32]
POWERS = 3
SMALL = 0.1
"""Mean size of a factor at the start, about."""
CHUNK = 30_000
"""Pairs that are looked at at once: what they need stays near the processor."""


@dataclass(frozen=True)
class Settings:
    """What is tuned."""

    width: int = 32
    """d."""
    unseen: float = 0.1
    """How much a pair counts that was not taken."""
    penalty: float = 0.01
    rounds: int = 10
    steps: int = 3
    """Of conjugate gradients in each half round."""


@dataclass(frozen=True)
class Solved:
    """The factors."""

    users: Float32
    """(n, d)."""
    items: Float32
    """(m, d)."""


def factorised(
    taken: sparse.csr_matrix,
    how: Settings,
    begin: tuple[Float32 | None, Float32 | None] = (None, None),
    heed: Float32 | None = None,
) -> Solved:
    """The factors of (n, m) pairs.

    Args:
        taken: how much each pair that was taken counts.
        how: width, weights, rounds.
        begin: factors of users and items to begin from, where there are some; NaN where there are none.
        heed: (m,) how much an item counts where it was not taken; 1 where nothing is said.
    """
    across = taken.T.tocsr()
    users, items = _leading(taken, across, how.width)
    users, items = (
        own if given is None else np.where(np.isfinite(given), given, own).astype(np.float32)
        for given, own in zip(begin, (users, items), strict=True)
    )
    if begin[0] is not None:  # users that are known already say first what items are
        items = half(across, items, users, how)
    for _ in range(how.rounds):
        users = half(taken, users, items, how, heed)
        items = half(across, items, users, how)
    return Solved(half(taken, users, items, how, heed), items)


def half(
    taken: sparse.csr_matrix, rows: Float32, others: Float32, how: Settings, heed: Float32 | None = None
) -> Float32:
    """One half round: (n, d) better factors of the rows, where the (m, d) others stay as they are."""
    gram = unseen_of(others, how, heed)
    count = np.asarray(taken.sum(1), dtype=np.float32).ravel()
    strength = np.asarray(how.penalty * (count + how.unseen * taken.shape[1]), dtype=np.float32)

    parts = list(_parts(taken))

    def applied(x: Float32) -> Float32:
        found: Float32 = _through(parts, x, others) + x @ gram + strength[:, None] * x
        return found

    return _conjugate(applied, np.asarray(taken @ others), rows, how.steps)


def unseen_of(others: Float32, how: Settings, heed: Float32 | None = None) -> Float32:
    """(d, d) what all that was not taken says."""
    weighted = others if heed is None else others * heed[:, None]
    return np.asarray(how.unseen * (weighted.T @ others), dtype=np.float32)


def _leading(taken: sparse.csr_matrix, across: sparse.csr_matrix, width: int) -> tuple[Float32, Float32]:
    """Small factors along the leading directions: nothing is drawn, so that one fit is all there is.

    Subspace iteration (N. Halko, P. G. Martinsson & J. A. Tropp, "Finding structure with randomness", SIAM
    Review 53, 2011) from a fixed start; users are 0, for the items say them.
    """
    items = np.random.default_rng(0).normal(size=(taken.shape[1], width)).astype(np.float32)
    for _ in range(POWERS):
        items = np.linalg.qr(across @ (taken @ items))[0].astype(np.float32)
    users = np.asarray(taken @ items)
    scale = SMALL / max(float(np.abs(users).mean()), 1e-12) ** 0.5
    return users * np.float32(0), items * np.float32(scale)


@dataclass(frozen=True)
class _Part:
    """Some rows one after another."""

    start: int
    stop: int
    row: NDArray[np.int64]
    """Of each pair."""
    taken: sparse.csr_matrix


def _parts(taken: sparse.csr_matrix) -> Iterator[_Part]:
    """The rows, a few pairs at a time."""
    ends, start = taken.indptr, 0
    while start < taken.shape[0]:
        stop = int(np.searchsorted(ends, ends[start] + CHUNK, side="right")) - 1
        stop = min(taken.shape[0], max(stop, start + 1))
        part = taken[start:stop]
        yield _Part(start, stop, np.repeat(np.arange(start, stop), np.diff(part.indptr)), part)
        start = stop


def _through(parts: Sequence[_Part], x: Float32, others: Float32) -> Float32:
    """(n, d) the sum over what each row took of w v (v' x)."""
    found = np.empty_like(x)
    for part in parts:
        own = part.taken
        inner = np.einsum("td,td->t", x[part.row], others[own.indices]) * own.data
        told = sparse.csr_matrix((inner, own.indices, own.indptr), own.shape)
        found[part.start : part.stop] = told @ others
    return found


def _conjugate(applied: Callable[[Float32], Float32], right: Float32, x: Float32, steps: int) -> Float32:
    """A few steps for all rows at once."""
    x = x.copy()
    rest = right - applied(x)
    way = rest.copy()
    size = np.einsum("nd,nd->n", rest, rest)
    for _ in range(steps):
        along = applied(way)
        length = size / np.maximum(np.einsum("nd,nd->n", way, along), 1e-20)
        x += length[:, None] * way
        rest -= length[:, None] * along
        fresh = np.einsum("nd,nd->n", rest, rest)
        way = rest + (fresh / np.maximum(size, 1e-20))[:, None] * way
        size = fresh
    return x


def ridge(features: Float32, wanted: Float32, penalty: float) -> Float32:
    """(f, d) the matrix that maps (n, f) features nearest to (n, d) what is wanted."""
    x = np.asarray(features, dtype=np.float64)
    left = x.T @ x + penalty * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(left, x.T @ wanted), dtype=np.float32)
