"""What most users took last, for everybody: of each user the newest items, where stamps say which."""

from __future__ import annotations

from torch import nn

from ...types import Architecture
from ..fitters.taken import Taken
from ._listed import counting
from .base import Baseline
from .popularity import popular


def _counted(known: Taken) -> tuple[Architecture, nn.Module]:
    return popular(known.recent)


plugin = Baseline("what most users took in the last tenth of the time", counting(_counted), deaf=True)
