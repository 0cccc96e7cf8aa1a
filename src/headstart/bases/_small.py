"""A family of small networks of this package's own: folders with a flat config.json, or a name alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..types import Architecture
from ._classes import labels_of
from .base import Classes, Located, Saved, with_classes
from .formats.files import CONFIG, read_config, read_folder

SMALL = "small"
"""The network of a family that folders hold, and that is trained from scratch."""


@dataclass(frozen=True)
class SmallFamily:
    """The family."""

    family: str
    networks: Mapping[str, type[nn.Module]]
    """By name: `SMALL`, and those that are built beside it."""
    preprocess: Callable[[Mapping[str, Any]], Any]
    """How the network's settings say what it takes."""
    advice: str
    """What to do for one with weights."""
    classifier: str | None = None
    """What the rows of classes are called in its weights; None where it has none."""

    @property
    def name(self) -> str:
        """Of the network without weights."""
        return f"{self.family}/{SMALL}"

    def names(self) -> list[str]:
        """What can be trained from scratch."""
        return [self.name]

    def locate(self, name: str) -> Located | None:
        """The network in a folder, or one to train from scratch.

        Raises:
            BaseError: the folder's settings cannot be followed.
        """
        if name == self.name:
            return self._located({}, self._nothing)
        config = read_config(name)
        if config is None or config.get("architecture") != self.name:
            return None
        return self._located(config, partial(read_folder, Path(name)), Path(name))

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights, for every `size`; its own file says what it takes and gives."""
        try:
            return self.networks[architecture.name](**architecture.args)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BaseError(
                f"`{self.name}` cannot be built with {architecture.args}: {error}",
                "correct `model_args` in its config.json",
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: Any,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Flat settings."""
        config = {"architecture": f"{self.family}/{architecture.name}", "model_args": architecture.args}
        saved = Saved({CONFIG: config}, state)
        return with_classes(saved, classes, self.classifier) if self.classifier else saved

    def _located(self, config: dict[str, Any], weights: Any, folder: Path | None = None) -> Located:
        args = config.get("model_args") or {}
        return Located(
            architecture=Architecture(self.family, SMALL, args),
            preprocess=self.preprocess(args),
            weights=weights,
            source_data=config.get("source_data"),
            licence=config.get("license"),
            folder=folder,
            labels=labels_of(config) if self.classifier else (),
            classifier=self.classifier,
        )

    def _nothing(self) -> dict[str, Tensor]:
        raise BaseError(f"`{self.name}` is a network without weights", self.advice)
