"""Families whose bases are networks of other families: those build and save them."""

from __future__ import annotations

from torch import Tensor, nn

from .. import registry
from ..preprocessing.base import Preprocess
from ..types import Architecture
from .base import Classes, Family, Saved


def build(architecture: Architecture, size: int | None = None) -> nn.Module:
    """The backbone with random weights, as the architecture's own family builds it."""
    return _family(architecture).build(architecture, size)


class Borrowed:
    """A part of `bases/base.py: Family`; what `locate` gives says whose the network is."""

    def names(self) -> list[str]:
        """None: every name needs weights of the user's."""
        return []

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """As the other family does."""
        return build(architecture, size)

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """As the other family does."""
        return _family(architecture).save(architecture, preprocess, state, classes)


def _family(architecture: Architecture) -> Family:
    family: Family = registry.get("bases", architecture.family)
    return family
