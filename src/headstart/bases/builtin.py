"""Bases that ship with the package or come in another, `builtin/NAME`, and folders with our own networks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from . import packaged
from ._classes import labels_of
from .base import Classes, Located, Saved, with_classes
from .formats import timm_pixels
from .formats.files import CONFIG, read_config, read_folder
from .formats.locate import locate, unknown
from .networks.combined import Combined
from .networks.fastestdet import FastestDet
from .networks.glyphnet import GlyphNet
from .networks.maps import Pyramid
from .networks.pixels import Pixels
from .networks.pooled import Pooled
from .networks.refined import Refined
from .networks.states import States
from .networks.tfidf import TfIdf
from .networks.windowed import Windowed
from .networks.yolox import YoloX
from .packaged.base import PREFIX

FOLDER = Path(__file__).parent / "weights"
NETWORKS: dict[str, type[nn.Module]] = {
    "combined": Combined,
    "fastestdet": FastestDet,
    "glyphnet": GlyphNet,
    "pixels": Pixels,
    "pooled": Pooled,
    "pyramid": Pyramid,
    "refined": Refined,
    "states": States,
    "tfidf": TfIdf,
    "windowed": Windowed,
    "yolox": YoloX,
}
"""The package's own networks by the name that a settings file calls them."""


class Builtin:
    """The family; a folder that ships may also be in another family's format."""

    def names(self) -> list[str]:
        """One for each folder that ships, then those that come in packages that are installed."""
        return [*ships(), *packaged.names()]

    def locate(self, name: str) -> Located | None:
        """The base in a folder that ships, in a package, or in the user's folder if its network is ours.

        Raises:
            BaseError: the folder's settings cannot be followed, or its package is not there as it should be.
            UnknownName: nothing of that name ships.
        """
        if name in ships():
            return locate(str(FOLDER / name.removeprefix(PREFIX)))
        if name.startswith(PREFIX) and (brought := packaged.locate(name)) is not None:
            return brought
        config = read_config(name)
        if config is not None and config.get("architecture") in NETWORKS:
            return _from_folder(Path(name), config)
        if name.startswith(PREFIX) and not Path(name).exists() and "@" not in name:
            raise unknown(name, self.names())
        return None

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights: (n, 3, s, s) -> (n, d), for every `size`."""
        args = architecture.args
        if size is not None and "size" in args:
            args = {**args, "size": size}
        try:
            return NETWORKS[architecture.name](**args)
        except (TypeError, ValueError) as error:
            raise BaseError(
                f"`{architecture.name}` cannot be built with {architecture.args}: {error}",
                "correct `model_args` in its config.json",
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: ImagePreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Flat settings; the output layer as `classifier`."""
        settings = {
            "architecture": architecture.name,
            "model_args": architecture.args,
            **timm_pixels.written(preprocess),
        }
        return with_classes(Saved({CONFIG: settings}, state), classes, "classifier")


def ships() -> list[str]:
    """The names of the folders that ship."""
    return sorted(f"{PREFIX}{config.parent.name}" for config in FOLDER.glob(f"*/{CONFIG}"))


def _from_folder(folder: Path, config: dict[str, Any]) -> Located:
    return Located(
        architecture=Architecture("builtin", config["architecture"], config.get("model_args") or {}),
        preprocess=timm_pixels.read(config),
        weights=partial(read_folder, folder),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        folder=folder,
        labels=labels_of(config),
        classifier="classifier",
    )


plugin = Builtin()
