"""Whole detectors of Hugging Face's transformers: a folder in its format, or `hf/ORG/NAME` from the hub.

RT-DETR, RT-DETRv2, D-FINE and DETR, with whatever backbone. The base is everything up to what the encoder
gives; the rest is the head that comes with it, for tasks whose answers are boxes. Only code of the installed
library runs.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from .base import Brought, Classes, Located, Saved
from .formats import detr, hf, hf_pixels, hub
from .formats.files import CONFIG, read_config, read_folder

HEAD = "detr"
"""The file in `heads/` that builds the upper half."""
MULTIPLE = 32
"""Of the input's side, pixels: the coarsest stride, so that each map is half as large as the finer one."""
ENOUGH = 0.5
"""Share of the head's numbers that has to be in the checkpoint; else it has no head."""


class Detectors:
    """The family; its networks give the mean of each channel of the encoder's maps."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The detector in a folder.

        Raises:
            BaseError: how its pictures are prepared is not known.
        """
        config = read_config(name)
        if config is None or "model_type" not in config or not detr.divides(config):
            return None
        return _from_folder(Path(name), config)

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The lower half with random weights: (n, 3, s, s) -> (n, d), for every `size`."""
        return detr.LowerHalf(_settings(architecture))

    def save(
        self,
        architecture: Architecture,
        preprocess: ImagePreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The library's own format, without the head: the library starts that anew; classes are not kept."""
        files = {CONFIG: _settings(architecture), hub.PREPROCESSOR: hf_pixels.written(preprocess)}
        return Saved(files, state)


def _settings(architecture: Architecture) -> dict[str, Any]:
    return {"model_type": architecture.name, **architecture.args}


def _from_folder(folder: Path, config: dict[str, Any]) -> Located:
    kind, args = hf.network_of(config)
    return Located(
        architecture=Architecture("detectors", kind, args),
        preprocess=_preprocessing(folder),
        weights=partial(read_folder, folder),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        convert=partial(_of_network, config),
        folder=folder,
        head=partial(_head, folder, config),
    )


def _preprocessing(folder: Path) -> ImagePreprocess:
    """The whole picture in a square, of about the size that it was trained with.

    Raises:
        BaseError: there is no `preprocessor_config.json`, or it cannot be followed.
    """
    config = hf_pixels.processor(folder)
    side = MULTIPLE * max(1, round(_side(config) / MULTIPLE))
    return ImagePreprocess(side, **hf_pixels.colours(config), crop_fraction=1.0, crop_mode="squash")


def _side(config: dict[str, Any]) -> float:
    """Pixels of the shorter side, or of both."""
    size = config.get("size", 640)
    if isinstance(size, dict):
        size = next(
            (size[name] for name in ("shortest_edge", "height", "longest_edge") if size.get(name)), None
        )
    if not isinstance(size, int | float) or size <= 0:
        raise BaseError(
            f"preprocessing: `size` should say a side in pixels, not {config.get('size')!r}",
            f"correct its {hub.PREPROCESSOR}, or use another base",
        )
    return size


def _of_network(config: dict[str, Any], state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The lower half of a checkpoint, under the names of today's library."""
    return _converted(state, detr.settings_of(config), network.state_dict().keys())


def _converted(state: dict[str, Tensor], config: Any, wanted: Any) -> dict[str, Tensor]:
    def names(model: nn.Module) -> dict[str, Tensor]:
        return {name: value for name, value in model.state_dict(keep_vars=True).items() if name in wanted}

    return hf.converted(state, config, names, MODEL_FOR_OBJECT_DETECTION_MAPPING)


def _head(folder: Path, config: dict[str, Any]) -> Brought | None:
    """The upper half, where the checkpoint holds it."""
    whole = detr.settings_of(config)
    kind, args = hf.network_of(config)
    own = detr.upper_half(config, whole.num_labels, drawn=False).state_dict()
    found = _converted(read_folder(folder), whole, own.keys())
    state = {
        f"detector.{name}": value.to(own[name].dtype if not value.is_floating_point() else torch.float32)
        for name, value in found.items()
        if name in own and own[name].shape == value.shape
    }
    numbers = sum(value.numel() for value in state.values())
    if numbers < ENOUGH * sum(value.numel() for value in own.values()):
        return None
    labels = tuple(str(whole.id2label[number]) for number in range(whole.num_labels))
    return Brought(Architecture("heads", HEAD, {"model_type": kind, **args}), labels, state)


plugin = Detectors()
