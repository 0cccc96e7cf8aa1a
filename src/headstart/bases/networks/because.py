"""Why an item is recommended: the items of the user without which it would score least.

Each is left out in turn, so that this is true of any recommender, whatever it computes. (Of factors alone
the parts can be had from the equations, as Hu, Koren & Volinsky do, ICDM 2008; a mean of several recommenders
has none.)

Notation: L items that are known of a user, K items in a list, m items that can be recommended.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .recommenders import DOMAIN, IDS, Recommender

REASONS = 2
"""R, for an item."""
LONGEST = 100
"""Items that are left out in turn; the newest, where there are more."""


@torch.inference_mode()
def reasons(
    network: Recommender, known: Tensor, listed: NDArray[np.float64], places: Mapping[int, int]
) -> NDArray[np.float64]:
    """(K, R) the user's items that speak for each listed one, the strongest first; -1 where none does.

    Args:
        network: which recommends.
        known: (2, L) numbers of the user's items, and whether of the source.
        listed: (K,) numbers of the items of the list; -1 where there is none.
        places: by the number of a user's item what it is called in the answer.
    """
    found = np.full((len(listed), REASONS), -1.0)
    ids, source = known[IDS].long()[None], known[DOMAIN][None] > 0
    asked = [place for place in range(ids.shape[1]) if int(ids[0, place]) in places][-LONGEST:]
    items = torch.from_numpy(listed[listed >= 0]).long()
    if not asked or not len(items):
        return found
    part = network.asked_of(ids, source)
    without = ids.repeat(len(asked) + 1, 1)
    without[range(len(asked)), asked] = 0
    scores, basis = part.scored(without, source.repeat(len(asked) + 1, 1))
    lost = (scores[-1] - scores[:-1])[:, items]
    lost[basis[:-1] != basis[-1]] = torch.inf  # without it the list would be made of something else
    best = lost.topk(min(REASONS, len(asked)), 0)
    for row, (losses, which) in enumerate(zip(best.values.T.tolist(), best.indices.T.tolist(), strict=True)):
        told = [places[int(ids[0, asked[one]])] for one, loss in zip(which, losses, strict=True) if loss > 0]
        found[row, : len(told)] = told
    return found
