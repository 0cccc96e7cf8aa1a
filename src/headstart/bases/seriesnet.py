"""Small networks for series: what ships, a folder, or `seriesnet/small` without weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.series import SeriesPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats.files import CONFIG, read_config, read_folder
from .networks.seriesnet import Lags, SeriesNet

NAME = "seriesnet/small"
NETWORKS: dict[str, type[nn.Module]] = {"small": SeriesNet, "lags": Lags}


class Seriesnet:
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
        """The backbone with random weights: (n, F, H) -> (n, H (d + Q)), for every `size`."""
        try:
            return NETWORKS[architecture.name](**architecture.args)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BaseError(
                f"`{NAME}` cannot be built with {architecture.args}: {error}",
                "correct `model_args` in its config.json",
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: SeriesPreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Flat settings."""
        config = {"architecture": f"seriesnet/{architecture.name}", "model_args": architecture.args}
        return Saved({CONFIG: config}, state)


def _located(config: dict[str, Any], weights: Any, folder: Path | None = None) -> Located:
    return Located(
        architecture=Architecture("seriesnet", "small", config.get("model_args") or {}),
        preprocess=SeriesPreprocess(),
        weights=weights,
        source_data=config.get("source_data"),
        licence=config.get("license"),
        folder=folder,
    )


def _nothing() -> dict[str, Tensor]:
    raise BaseError(
        f"`{NAME}` is a network without weights", "use builtin/series-s, or give a folder with some"
    )


plugin = Seriesnet()
