"""`ARCHITECTURE@FILE`: the weights of a bare checkpoint in an architecture that another family knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import Tensor, nn

from .. import registry
from ..errors import BaseError, UnknownName
from ..types import Architecture, Preprocess
from ._files import read_state
from ._locate import locate
from .base import Classes, Located, Saved


class Checkpoint:
    """The family; the architecture's own family builds the network and says how images are prepared."""

    modality = "image"

    def names(self) -> list[str]:
        """None: every name needs a file."""
        return []

    def locate(self, name: str) -> Located | None:
        """The architecture left of an `@` with the weights of the file right of it.

        Raises:
            BaseError: there is no such file.
            UnknownName: no family knows the architecture.
        """
        if "@" not in name or Path(name).exists():
            return None
        for architecture, file in _readings(name):
            path = Path(file).expanduser()
            if path.is_file():
                # what the architecture's own weights were trained on says nothing about these
                known = replace(locate(architecture), source_data=None, licence=None)
                return replace(known, weights=partial(read_state, path), folder=path.parent)
        _complain(name)
        return None

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """Never asked: what `locate` gives belongs to the architecture's own family."""
        network: nn.Module = registry.get("bases", architecture.family).build(architecture, size)
        return network

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Never asked either."""
        saved: Saved = registry.get("bases", architecture.family).save(
            architecture, preprocess, state, classes
        )
        return saved


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """Both sides of every `@`: paths may have some of their own."""
    parts = name.split("@")
    return (("@".join(parts[:i]), "@".join(parts[i:])) for i in range(1, len(parts)))


def _complain(name: str) -> None:
    """Raise if what stands left of the `@` is an architecture: then it is the file that is missing."""
    architecture, _, file = name.partition("@")
    try:
        locate(architecture)
    except UnknownName:
        return
    raise BaseError(
        f"`{name}`: there is no file {file}", "write ARCHITECTURE@FILE with the path of a checkpoint"
    )


plugin = Checkpoint()
