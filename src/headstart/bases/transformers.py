"""Image models of Hugging Face's transformers: a folder in its format, or `hf/ORG/NAME` from the hub.

Only code of the installed library runs; what a repository brings along never does.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from ._classes import labels_by_number
from .base import Classes, Located, Saved
from .formats import detr, hf, hf_pixels, hub
from .formats.files import CONFIG, read_config, read_folder


class Transformers:
    """The family; its networks give their own pooled output, else the class token, else the mean."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The model in a folder, or fetched from the hub.

        Raises:
            BaseError: no connection, or the model is not one of images.
        """
        config = read_config(name)
        if config is None or "model_type" not in config or hf.takes(config, Path(name)) != hf.PICTURES:
            return None
        if detr.divides(config):
            return None  # `detectors.py` takes it, with its head
        return _from_folder(Path(name), config)

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights: (n, 3, s, s) -> (n, d)."""
        args = dict(architecture.args)
        if size is not None and "image_size" in args:
            args["image_size"] = size
        config = AutoConfig.for_model(architecture.name, **args)
        auto: Any = AutoModel
        return Pooled(auto.from_config(config, trust_remote_code=False, **hf.unpooled(config)))

    def save(
        self,
        architecture: Architecture,
        preprocess: ImagePreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The library's own format: `AutoModel.from_pretrained(FOLDER)` loads it; classes are not kept."""
        config = {"model_type": architecture.name, **architecture.args}
        plain = {name.removeprefix("model."): tensor for name, tensor in state.items()}
        return Saved({CONFIG: config, hub.PREPROCESSOR: hf_pixels.written(preprocess)}, plain)


class Pooled(nn.Module):
    """A model of transformers as (n, 3, s, s) -> (n, d)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.has_class_token = any(name.endswith("cls_token") for name, _ in model.named_parameters())

    def forward(self, images: Tensor) -> Tensor:
        output = self.model(pixel_values=images)
        pooled: Tensor | None = getattr(output, "pooler_output", None)
        if pooled is not None:
            return pooled.flatten(1)
        last: Tensor = output.last_hidden_state
        if last.ndim == 4:
            return last.mean((2, 3))
        return last[:, 0] if self.has_class_token else last.mean(1)


def _converted(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The checkpoint under the names of today's library."""
    assert isinstance(network, Pooled)
    return hf.converted(state, network.model.config, _names)


def _names(model: nn.Module) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in model.state_dict(keep_vars=True).items()}


def _from_folder(folder: Path, config: dict[str, Any]) -> Located:
    kind, args = hf.network_of(config)
    return Located(
        architecture=Architecture("transformers", kind, args),
        labels=labels_by_number(config.get("id2label")),
        preprocess=_preprocessing(folder),
        weights=partial(read_folder, folder),
        source_data=config.get("source_data"),
        licence=config.get("license"),
        convert=_converted,
        folder=folder,
    )


def _preprocessing(folder: Path) -> ImagePreprocess:
    """The preprocessing that `preprocessor_config.json` describes.

    Raises:
        BaseError: it is absent, or describes something else than resize, crop, scale and normalise.
    """
    config = hf_pixels.processor(folder)
    return ImagePreprocess(**_shape(config), **hf_pixels.colours(config))


def _shape(config: dict[str, Any]) -> dict[str, Any]:
    """Size, crop fraction and crop mode."""
    resized, keeps_ratio = _side(config.get("size", 224))
    if config.get("do_center_crop"):
        cropped, _ = _side(config.get("crop_size", resized))
        mode = "center" if keeps_ratio else "squash"
        return {"size": cropped, "crop_fraction": min(cropped / resized, 1.0), "crop_mode": mode}
    fraction = config.get("crop_pct") or 1.0
    return {"size": resized, "crop_fraction": fraction, "crop_mode": "center" if keeps_ratio else "squash"}


def _side(size: Any) -> tuple[int, bool]:
    """A side in pixels, and whether it is the shorter one of a picture that keeps its ratio."""
    if isinstance(size, int):
        return size, False
    if isinstance(size, dict) and "shortest_edge" in size:
        return int(size["shortest_edge"]), True
    if isinstance(size, dict) and size.get("height") and size.get("height") == size.get("width"):
        return int(size["height"]), False
    raise BaseError(f"preprocessing: `size` should be a square, not {size!r}", "use a base for square images")


plugin = Transformers()
