"""One example of noise, as a base of some preprocessing takes it: cuts and costs are measured on it."""

from __future__ import annotations

import torch
from torch import Tensor

from ...types import ImagePreprocess, PairPreprocess, Preprocess
from .ragged import LENGTH


def example(preprocess: Preprocess) -> Tensor:
    """(1, 3, s, s) a picture, (1, L) a text of the first words of a vocabulary, or (1, 2, L) two of them."""
    generator = torch.Generator().manual_seed(0)
    if isinstance(preprocess, ImagePreprocess):
        return torch.randn((1, 3, preprocess.size, preprocess.size), generator=generator)
    shape = (1, 2, LENGTH) if isinstance(preprocess, PairPreprocess) else (1, LENGTH)
    return torch.randint(0, 10, shape, generator=generator)
