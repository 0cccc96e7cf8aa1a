"""From what is said of items to what is known of those that users took: a ridge, exact in what it leaves out.

Attributes are mapped to factors (Z. Gantner et al., "Learning attribute-to-feature mappings for cold-start
recommendations", ICDM 2010, least squares). Ours learns from every item that anybody took, each alike: what
few took is most of what there is, and says what will not be taken. The penalty is the one with which items
that are left out in turn are told best, and texts are heeded where these are told better with them by more
than a standard error; no user chooses.

Notation: m items, t of them that teach, f features of an item, k values of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ...preprocessing.items.contents import Float32, Said
from ...types import BoolArray, FloatArray
from ..solvers.ridge import Directions, leave_one_out, rotate

PENALTIES = np.logspace(-2, 4, 25)
"""To choose from. A word is 1 where it is said, a text has length 1."""
FEWEST, MOST = 10, 10_000
"""Items that teach."""
PROFILED = 300
"""Words of a profile."""


def words_of(said: Said) -> sparse.csr_matrix:
    """(m, f) 1 for each word that is said of an item."""
    ones = np.ones(len(said.words), np.float32)
    return sparse.csr_matrix((ones, said.words, said.ends), (len(said.ends) - 1, len(said.vocabulary)))


def contents_of(words: sparse.csr_matrix, texts: Float32, popularity: NDArray[np.floating]) -> Contents:
    """What is said of m items in words, and in words and texts; of each how often it was taken."""
    both = sparse.hstack([words, sparse.csr_matrix(texts)], format="csr")
    each = [words, both] if texts.shape[1] else [words]
    return Contents([one for one in each if one.shape[1]], np.asarray(popularity > 0))


def profiles(words: sparse.csr_matrix, texts: Float32 | None = None) -> Float32:
    """(m, g) rows of length 1, or 0, whose cosines tell how alike items are; words and a text count alike.

    Only the most frequent words count: a bundle has a row of them for each item.
    """
    rows = _straight(words[:, :PROFILED].toarray())
    return rows if texts is None else _straight(np.concatenate([rows, texts], 1))


def _straight(rows: Float32) -> Float32:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)


@dataclass(frozen=True)
class Contents:
    """What is said of m items, and of how many of them something is known."""

    said: Sequence[sparse.csr_matrix]
    """Each (m, f) features of the items, 0 where nothing is said; what is plainer comes first."""
    known: BoolArray
    """(m,) did anybody take the item?"""

    def predicted(self, values: NDArray[np.floating]) -> FloatArray:
        """(m, k) what is said of items says of their values, learned from the (m, k) of those that are known.

        NaN for items of which nothing is said, and for all where the mean says as much.
        """
        found = np.full(values.shape, np.nan)
        rows = self._teaching
        right = np.asarray(values[rows], dtype=np.float64)
        errors = np.square(right - right.mean(0)).sum(1) if len(rows) else np.zeros(0)
        for features, directions in self._views:
            ridge = leave_one_out(directions, right, PENALTIES)
            less = errors - np.square(ridge.outputs - right).sum(1)
            if less.mean() > less.std() / np.sqrt(len(less)):
                errors, (weight, bias) = errors - less, directions.unrotated(ridge.weight)
                found[:] = np.nan
                there = np.flatnonzero(features.getnnz(1))
                found[there] = features[there] @ weight.T + bias
        return found

    @cached_property
    def _teaching(self) -> NDArray[np.intp]:
        """(t,) items that are known and of which something is said; every so many of very many."""
        told = np.zeros(len(self.known), dtype=np.bool_)
        for features in self.said:
            told |= features.getnnz(1) > 0
        rows = np.flatnonzero(told & self.known)
        return rows[:: -(-len(rows) // MOST) or 1]

    @cached_property
    def _views(self) -> list[tuple[sparse.csr_matrix, Directions]]:
        """Features with the directions in which those of teaching items vary; of too few items none."""
        rows = self._teaching
        if len(rows) < FEWEST:
            return []
        alike = np.ones(len(rows))
        return [
            (features, rotate(features[rows].toarray().astype(np.float64), alike)) for features in self.said
        ]
