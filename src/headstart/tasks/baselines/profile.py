"""Items that are described as those of the user are: the cosine of their words, and of their texts.

Lops, de Gemmis & Semeraro, "Content-based recommender systems: state of the art and trends", Recommender
Systems Handbook, 2011. The profile of a user is the plain sum of what is said of what they took. Words and a
text count alike; whether texts are heeded at all, validation says.
"""

from __future__ import annotations

import torch
from torch import nn

from ...bases import build
from ...bases.factors import FAMILY
from ...bases.networks.recommenders import Profile
from ...bench import Bench
from ...preprocessing.items.contents import Float32
from ...types import Architecture
from ..fitters.contents import profiles
from ..fitters.taken import Taken, described
from ._listed import counting
from .base import Baseline


def of_words(known: Taken) -> tuple[Architecture, nn.Module]:
    """The network that heeds words only."""
    return _profile(known, profiles(known.words))


def of_both(known: Taken) -> tuple[Architecture, nn.Module]:
    """The network that heeds words and texts alike."""
    return _profile(known, profiles(known.words, known.texts))


def _profile(known: Taken, said: Float32) -> tuple[Architecture, nn.Module]:
    architecture = Architecture(FAMILY, "profile", {"items": said.shape[0], "words": said.shape[1]})
    network = build(architecture)
    assert isinstance(network, Profile)
    network.words[1:] = torch.from_numpy(said)
    network.popularity = torch.from_numpy(known.popularity)
    return architecture, network


def _described(bench: Bench) -> bool:
    return described(bench.examples)


plugin = Baseline(
    "items that are described as those of the user are", counting(of_words, of_both), needs=_described
)
