"""What most users took, for everybody."""

from __future__ import annotations

import torch
from torch import nn

from ...bases import build
from ...bases.factors import FAMILY
from ...bases.networks.recommenders import Popular
from ...preprocessing.items.contents import Float32
from ...types import Architecture
from ..fitters.taken import Taken
from ._listed import counting
from .base import Baseline


def popular(popularity: Float32) -> tuple[Architecture, nn.Module]:
    """The network for (m,) counts; what nobody took is not recommended."""
    architecture = Architecture(FAMILY, "popular", {"items": len(popularity)})
    network = build(architecture)
    assert isinstance(network, Popular)
    counts = torch.from_numpy(popularity)
    network.popularity = counts.masked_fill(counts == 0, -torch.inf)
    return architecture, network


def _counted(known: Taken) -> tuple[Architecture, nn.Module]:
    return popular(known.popularity)


plugin = Baseline("what most users took, for everybody", counting(_counted), deaf=True)
