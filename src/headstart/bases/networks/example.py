"""One example of noise, as a base of some preprocessing takes it: cuts and costs are measured on it."""

from __future__ import annotations

import torch
from torch import Tensor

from ...preprocessing.base import Preprocess


def example(preprocess: Preprocess) -> Tensor:
    """A batch of one: (1, 3, s, s) a picture, (1, L) a text, or whatever else the preprocessing says."""
    generator = torch.Generator().manual_seed(0)
    shape, below = preprocess.example()
    if below is None:
        return torch.randn(shape, generator=generator)
    return torch.randint(0, below, shape, generator=generator)
