"""Items that are described as those of the user are: the cosine of their words, and of their texts.

Lops, de Gemmis & Semeraro, "Content-based recommender systems: state of the art and trends", Recommender
Systems Handbook, 2011. The profile of a user is the plain sum of what is said of what they took. Words and a
text count alike; whether texts are heeded at all, validation says.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...bases import build
from ...bases.factors import FAMILY
from ...bases.networks.recommenders import Profile
from ...bench import Bench
from ...types import Architecture
from ..fitters.taken import Taken, described
from ._listed import counting
from .base import Baseline

MOST = 300
"""Words, the most frequent ones: a bundle has a row of them for each item."""


def of_words(known: Taken) -> tuple[Architecture, nn.Module]:
    """The network that heeds words only."""
    return _profile(known, _straight(known.words[:, :MOST].toarray()))


def of_both(known: Taken) -> tuple[Architecture, nn.Module]:
    """The network that heeds words and texts alike."""
    words = _straight(known.words[:, :MOST].toarray())
    return _profile(known, torch.cat([words, torch.from_numpy(known.texts)], 1))


def _straight(rows: NDArray[np.float32]) -> Tensor:
    """Each row of length 1, or 0."""
    return nn.functional.normalize(torch.from_numpy(rows), dim=1)


def _profile(known: Taken, said: Tensor) -> tuple[Architecture, nn.Module]:
    architecture = Architecture(FAMILY, "profile", {"items": said.shape[0], "words": said.shape[1]})
    network = build(architecture)
    assert isinstance(network, Profile)
    network.words[1:] = nn.functional.normalize(said, dim=1)
    network.popularity = torch.from_numpy(known.popularity)
    return architecture, network


def _described(bench: Bench) -> bool:
    return described(bench.examples)


plugin = Baseline(
    "items that are described as those of the user are", counting(of_words, of_both), needs=_described
)
