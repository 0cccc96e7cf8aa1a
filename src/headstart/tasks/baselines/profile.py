"""Items that are described as those of the user are: the cosine of their words.

Lops, de Gemmis & Semeraro, "Content-based recommender systems: state of the art and trends", Recommender
Systems Handbook, 2011. The profile of a user is the plain sum of the words of what they took.
"""

from __future__ import annotations

import torch
from torch import nn

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


def _counted(known: Taken) -> tuple[Architecture, nn.Module]:
    words = known.words[:, :MOST].toarray()
    architecture = Architecture(FAMILY, "profile", {"items": words.shape[0], "words": words.shape[1]})
    network = build(architecture)
    assert isinstance(network, Profile)
    network.words[1:] = nn.functional.normalize(torch.from_numpy(words), dim=1)
    network.popularity = torch.from_numpy(known.popularity)
    return architecture, network


def _described(bench: Bench) -> bool:
    return described(bench.examples)


plugin = Baseline("items that are described as those of the user are", counting(_counted), needs=_described)
