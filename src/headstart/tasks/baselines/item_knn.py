"""Items that were taken by those who took what the user took: the cosine of who took them.

B. Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001.

Notation: n users, m items.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from torch import nn

from ...bases import build
from ...bases.factors import FAMILY
from ...bases.networks.recommenders import Neighbours
from ...types import Architecture
from ..fitters.taken import Taken
from ._listed import counting
from .base import Baseline

NEAREST = 200
SHRUNK = 20.0
"""What is added to the norm: two items that one user took are hardly alike for it."""
LONGEST = 300
"""Items of a user beyond which some are left out: pairs of them grow with the square."""
CHUNK = 20_000_000
"""Pairs of items that are compared at once."""


def _counted(known: Taken) -> tuple[Architecture, nn.Module]:
    taken = _shortened(known.target)
    size, k = taken.shape[1], min(NEAREST, taken.shape[1])
    architecture = Architecture(FAMILY, "neighbours", {"items": size, "neighbours": k})
    network = build(architecture)
    assert isinstance(network, Neighbours)
    count = np.asarray(taken.sum(0)).ravel()
    across = taken.T.tocsr()
    together = max(1, CHUNK // size)
    for start in range(0, size, together):
        both = (across[start : start + together] @ taken).tocsr()
        for place in range(both.shape[0]):
            _nearest(both[place], start + place, count, network)
    popularity = torch.from_numpy(known.popularity)
    network.popularity = popularity
    return architecture, network


def _nearest(row: sparse.csr_matrix, item: int, count: np.ndarray, network: Neighbours) -> None:
    others = row.indices != item
    near, times = row.indices[others], row.data[others]
    alike = times / (np.sqrt(count[item] * count[near]) + SHRUNK)
    best = np.argsort(-alike, kind="stable")[: network.near.shape[1]]
    network.near[item + 1, : len(best)] = torch.from_numpy(near[best] + 1)
    network.alike[item + 1, : len(best)] = torch.from_numpy(alike[best]).float()


def _shortened(taken: sparse.csr_matrix) -> sparse.csr_matrix:
    """Of users who took very many items only some of them."""
    long = np.diff(taken.indptr) > LONGEST
    if not long.any():
        return taken
    kept = np.concatenate(
        [
            np.arange(start, end)[:: max(1, -(-(end - start) // LONGEST))]
            for start, end in zip(taken.indptr[:-1], taken.indptr[1:], strict=True)
        ]
    )
    rows = np.repeat(np.arange(taken.shape[0]), np.diff(taken.indptr))[kept]
    return sparse.csr_matrix((taken.data[kept], (rows, taken.indices[kept])), taken.shape)


plugin = Baseline("items that were taken together with those of the user", counting(_counted))
