"""Classifiers of the library torchvision: `torchvision/NAME`, a bare NAME, or a folder that names one."""

from __future__ import annotations

import inspect
import json
import typing
import urllib.request
import warnings
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import constants
from torch import Tensor, nn
from torchvision import models

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from ._classes import labels_of
from .base import Classes, Located, Saved
from .formats import timm_pixels
from .formats.files import CONFIG, read_config, read_folder, read_state
from .formats.locate import unknown

PREFIX = "torchvision/"
CLASSES = 1000
"""The builders' own number of classes: the width that the output layer is known by."""
SIDE = 224
"""The builders' own input side where they have one; the others take it too."""
TIMEOUT = 10.0
"""Seconds to wait for the server."""


class Torchvision:
    """The family; the output layer is found by running the network, and left out."""

    def names(self) -> list[str]:
        """Every classifier of torchvision."""
        return [PREFIX + name for name in models.list_models(module=models)]

    def locate(self, name: str) -> Located | None:
        """The network in a folder, or torchvision's own; nothing is fetched yet.

        Raises:
            BaseError: the folder's settings cannot be followed.
            UnknownName: `torchvision/NAME` with a NAME that torchvision does not know.
        """
        config = read_config(name)
        if config is not None:
            return _from_folder(Path(name), config, self.names())
        known = PREFIX + name.removeprefix(PREFIX)
        if known in self.names():
            return _from_server(name.removeprefix(PREFIX))
        if name.startswith(PREFIX) and not Path(name).exists() and "@" not in name:
            raise unknown(name, self.names())
        return None

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights and without auxiliary heads: (n, 3, s, s) -> (n, d)."""
        args = dict(architecture.args)
        if size is not None and "image_size" in args:
            args["image_size"] = size
        network = _build(architecture.name, args)
        owner, _, child = _output_layer(architecture.name, json.dumps(args, sort_keys=True)).rpartition(".")
        setattr(network.get_submodule(owner), child, nn.Identity())
        return network

    def save(
        self,
        architecture: Architecture,
        preprocess: ImagePreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Flat settings; torchvision has no format for folders, so the classes are not kept."""
        args = architecture.args
        settings = {"architecture": PREFIX + architecture.name, "model_args": args}
        return Saved({CONFIG: {**settings, **timm_pixels.written(preprocess)}}, state)


def _from_folder(folder: Path, config: dict[str, Any], names: list[str]) -> Located | None:
    """The network that a folder's `config.json` describes, or None if that is not torchvision's."""
    name = config.get("architecture")
    if not isinstance(name, str) or not name.startswith(PREFIX):
        return None
    if name not in names:
        raise unknown(name, names)
    # torchvision's own transforms are bilinear
    preprocess = timm_pixels.read({"interpolation": "bilinear", **config})
    own = {"weights", "progress", "num_classes"}
    args = {key: value for key, value in (config.get("model_args") or {}).items() if key not in own}
    name = name.removeprefix(PREFIX)
    if "image_size" in _parameters(name):
        args.setdefault("image_size", preprocess.size)
    return Located(
        architecture=Architecture("torchvision", name, args),
        preprocess=preprocess,
        weights=partial(read_folder, folder),
        source_data=config.get("source_data") or config.get("tag"),
        licence=config.get("license"),
        folder=folder,
        labels=labels_of(config),
    )


def _from_server(name: str) -> Located:
    """The network with torchvision's default weights, as its catalogue describes them."""
    weights = models.get_model_weights(name).DEFAULT
    preprocess = _from_transforms(weights.transforms())
    declared = {"transform_input": True, "image_size": preprocess.size}
    return Located(
        architecture=Architecture(
            "torchvision", name, {key: declared[key] for key in declared.keys() & _parameters(name)}
        ),
        preprocess=preprocess,
        weights=partial(_fetch, name, weights.url),
        source_data=weights.name,
        licence=None,
        labels=tuple(weights.meta.get("categories") or ()),
    )


def _from_transforms(transforms: Any) -> ImagePreprocess:
    return ImagePreprocess(
        size=transforms.crop_size[0],
        mean=timm_pixels.triple(transforms.mean, "mean"),
        std=timm_pixels.triple(transforms.std, "std"),
        interpolation=timm_pixels.choice("interpolation", transforms.interpolation.value),
        crop_fraction=transforms.crop_size[0] / transforms.resize_size[0],
    )


def _fetch(name: str, url: str) -> dict[str, Tensor]:
    """The checkpoint from torch.hub's cache, else from torchvision's server into it."""
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    if not file.is_file():
        _download(name, url, file)
    return read_state(file)


def _download(name: str, url: str, file: Path) -> None:
    try:
        if constants.HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        # torch.hub waits without an end: ask first whether anybody answers
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=TIMEOUT).close()
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(file), file.stem.rpartition("-")[2], progress=False)
    except (OSError, RuntimeError) as error:
        raise BaseError(
            f"torchvision's weights for `{name}` could not be fetched: {error}",
            f"check the connection, or give a local file: `{PREFIX}{name}@FILE`",
        ) from error


def _build(name: str, args: dict[str, Any]) -> nn.Module:
    """The whole network as torchvision builds it, output layer included."""
    declared = {"aux_logits": False, "init_weights": True}
    ours = {key: value for key, value in declared.items() if key in _parameters(name)}
    with warnings.catch_warnings():  # about initial values, which are asked for here
        warnings.simplefilter("ignore", FutureWarning)
        network: nn.Module = models.get_model(name, weights=None, **{**args, **ours})
    return network


def _parameters(name: str) -> set[str]:
    """What the class of a network can be told."""
    builder = models.get_model_builder(name)
    return set(inspect.signature(typing.get_type_hints(builder)["return"]).parameters)


@cache
def _output_layer(name: str, settings: str) -> str:
    """Name of the layer that ran last of those that give one number per class; `settings` are JSON."""
    args, ran = json.loads(settings), list[str]()
    size = int(args.get("image_size", SIDE))
    with torch.device("meta"):
        network = _build(name, args)

    def note(name: str) -> Any:
        return lambda _module, _inputs, output: ran.append(name) if output.shape[1] == CLASSES else None

    layers = {n: m for n, m in network.named_modules() if isinstance(m, nn.Linear | nn.Conv2d)}
    hooks = [module.register_forward_hook(note(name)) for name, module in layers.items()]
    try:
        with torch.no_grad():
            network.eval()(torch.empty(1, 3, size, size, device="meta"))
    finally:
        for hook in hooks:
            hook.remove()
    if not ran:
        raise BaseError("the network has no output layer to leave out", "use another base")
    return ran[-1]


plugin = Torchvision()
