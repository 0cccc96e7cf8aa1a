"""Words weighted by how rare they are: the backbone of the dull baseline for texts.

Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988: term frequency times
inverse document frequency, scaled to length 1. We differ as scikit-learn does: 1 is added to the inverse
frequency, as if one more text held every word.

Notation: n texts, L tokens, m words.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TfIdf(nn.Module):
    """(n, L) token numbers, -1 where a text has ended -> (n, m)."""

    rarity: Tensor
    """(m,) inverse document frequencies."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.register_buffer("rarity", torch.ones(words))

    def forward(self, tokens: Tensor) -> Tensor:
        """Count, weigh, scale."""
        # len(tokens) would be a constant in an export
        counts = self.rarity.new_zeros(tokens.shape[0], len(self.rarity) + 1)
        counts.scatter_add_(1, tokens.clamp(min=-1) + 1, torch.ones_like(tokens, dtype=counts.dtype))
        return F.normalize(counts[:, 1:] * self.rarity, dim=1)
