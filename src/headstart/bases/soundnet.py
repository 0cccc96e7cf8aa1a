"""Small networks for recordings: a folder that pre-training wrote, or `soundnet/small` without weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.sound import SoundPreprocess
from ..types import Architecture
from ._classes import labels_of
from .base import Classes, Located, Saved, with_classes
from .formats.files import CONFIG, read_config, read_folder
from .networks.band_levels import BandLevels
from .networks.soundnet import SoundNet

NAME = "soundnet/small"
NETWORKS: dict[str, type[nn.Module]] = {"small": SoundNet, "band_levels": BandLevels}
CLASSIFIER = "classifier"


class Soundnet:
    """The family."""

    def names(self) -> list[str]:
        """What can be trained from scratch."""
        return [NAME]

    def locate(self, name: str) -> Located | None:
        """The network in a folder, or one to train from scratch.

        Raises:
            BaseError: the folder's settings cannot be followed.
        """
        if name == NAME:
            return _located({}, _nothing)
        config = read_config(name)
        if config is None or config.get("architecture") != NAME:
            return None
        return _located(config, partial(read_folder, Path(name)), Path(name))

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights: (n, B, T) -> (n, d), for every `size`."""
        try:
            return NETWORKS[architecture.name](**architecture.args)
        except (TypeError, ValueError, RuntimeError) as error:
            raise BaseError(
                f"`{NAME}` cannot be built with {architecture.args}: {error}",
                "correct `model_args` in its config.json",
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: SoundPreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Flat settings; the output layer as `classifier`."""
        config = {"architecture": f"soundnet/{architecture.name}", "model_args": architecture.args}
        return with_classes(Saved({CONFIG: config}, state), classes, CLASSIFIER)


def _located(config: dict[str, Any], weights: Any, folder: Path | None = None) -> Located:
    args = config.get("model_args") or {}
    return Located(
        architecture=Architecture("soundnet", "small", args),
        preprocess=SoundPreprocess(bands=args.get("bands", SoundPreprocess.bands)),
        weights=weights,
        source_data=config.get("source_data"),
        licence=config.get("license"),
        folder=folder,
        labels=labels_of(config),
        classifier=CLASSIFIER,
    )


def _nothing() -> dict[str, Tensor]:
    raise BaseError(
        f"`{NAME}` is a network without weights",
        f"give a folder with some, or train it: headstart pretrain DATA --architecture {NAME}",
    )


plugin = Soundnet()
