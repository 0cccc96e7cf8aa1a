"""Detectors of Hugging Face's transformers in two halves: up to what the encoder gives, and above it.

    pixels → backbone → encoder | → queries → decoder → classes and boxes

The lower half is a base like others, whose feature maps are what the encoder gives; the upper half is the
head that comes with it (`heads/detr.py`). There are two kinds, told apart by their parts and not by name:
detectors that take their queries from places of the maps (RT-DETR, RT-DETRv2, D-FINE), and those that learn
queries and read one map (DETR). Others of the library cannot be divided here: their decoder needs pixels.

Notation: n images, s input side in pixels, k classes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING, AutoConfig

from . import hf

BELOW = ("backbone", "encoder_input_proj", "input_projection", "encoder")
"""What the library calls the parts of the lower half."""
BOTH = ("position_embedding",)
"""Parts without weights that both halves need."""
TIED = ("class_embed", "bbox_embed")
"""Second names of the decoder's own layers, which nothing runs under these names."""
FREE = {"eval_size": None, "anchor_image_size": None, "num_denoising": 0}
"""Settings that fix the picture's size, and those of queries for training that only a batch's truth gives."""


def settings_of(settings: Mapping[str, Any], k: int | None = None) -> Any:
    """The library's record of a model's settings, for pictures of any size.

    Args:
        settings: as in `config.json`.
        k: classes; as many as the settings say where not given.

    Raises:
        KeyError, ValueError, TypeError: the library does not know such a model, or such settings.
    """
    others = {name: value for name, value in settings.items() if name != "model_type"}
    config = AutoConfig.for_model(settings["model_type"], **others)
    for name, value in FREE.items():
        if hasattr(config, name):
            setattr(config, name, value)
    if k is not None:
        config.num_labels = k
    return config


def detector(config: Any) -> Any:
    """The whole detector, its weights drawn by PyTorch's own generator.

    Raises:
        KeyError: the library has none of these settings.
    """
    return hf.class_for(config, MODEL_FOR_OBJECT_DETECTION_MAPPING)(config)


def divides(settings: Mapping[str, object]) -> bool:
    """Can a model of these settings be divided? Nothing is read or drawn."""
    try:
        config = settings_of(settings)
        if type(config) not in MODEL_FOR_OBJECT_DETECTION_MAPPING:
            return False
        with torch.device("meta"):
            model = detector(config)
    except Exception:  # whatever a library says to settings that it does not take
        return False
    return selects(model) or _learns(model)


def selects(model: Any) -> bool:
    """Are its queries places of the maps?"""
    needed = ("backbone", "encoder_input_proj", "encoder", "enc_score_head", "decoder")
    inner = getattr(model, "model", None)
    return _has(inner, needed) and "enc_topk_logits" in inspect.signature(model.loss_function).parameters


def _learns(model: Any) -> bool:
    """Are its queries learned, and is its decoder one that needs nothing but a map?"""
    needed = ("backbone", "input_projection", "position_embedding", "query_position_embeddings", "decoder")
    sine = getattr(model.config, "position_embedding_type", None) == "sine"
    if not _has(getattr(model, "model", None), needed) or not _has(
        model, ("class_labels_classifier", "bbox_predictor")
    ):
        return False
    return sine and inspect.signature(model.model.forward).parameters["pixel_values"].default is None


def _has(module: Any, names: tuple[str, ...]) -> bool:
    return all(hasattr(module, name) for name in names)


class LowerHalf(nn.Module):
    """(n, 3, s, s) -> (n, d): the mean of each channel of each map.

    Attributes:
        maps: names of the modules that the encoder's maps pass through, finest first.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()
        whole = detector(settings_of(settings))
        self.selects = selects(whole)
        self.model = whole.model
        _drop(self.model, [name for name, _ in self.model.named_children() if name not in BELOW + BOTH])
        _restart(self.model)
        many = len(whole.config.encoder_in_channels) if self.selects else 1
        self.levels = nn.ModuleList(nn.Identity() for _ in range(many))
        self.maps = tuple(f"levels.{number}" for number in range(many))

    def forward(self, images: Tensor) -> Tensor:
        given = self._pyramid(images) if self.selects else [self._one(images)]
        maps = [level(one) for level, one in zip(self.levels, given, strict=True)]
        return torch.cat([one.mean((2, 3)) for one in maps], 1)

    def _pyramid(self, images: Tensor) -> list[Tensor]:
        projections: Any = self.model.encoder_input_proj
        narrow = [project(one) for (one, _), project in zip(self._seen(images), projections, strict=False)]
        maps: list[Tensor] = self.model.encoder(narrow).last_hidden_state
        return maps

    def _one(self, images: Tensor) -> Tensor:
        narrow = self.model.input_projection(self._seen(images)[-1][0])
        tokens = self.model.encoder(
            inputs_embeds=narrow.flatten(2).transpose(1, 2),
            spatial_position_embeddings=positions(self.model.position_embedding, narrow),
        ).last_hidden_state
        one: Tensor = tokens.transpose(1, 2).reshape(narrow.shape)
        return one

    def _seen(self, images: Tensor) -> Any:
        """The backbone's maps, each with a mask that says that all of it is picture."""
        return self.model.backbone(images, images.new_ones((images.shape[0], *images.shape[2:])))


def positions(embedding: Any, one: Tensor) -> Tensor:
    """(1, h * w, c) what a map's places are told apart by."""
    # of one image: the library keeps the last one by its shape, and in a graph it would hold for so many only
    shape = torch.Size((1, *(int(side) for side in one.shape[1:])))
    found: Tensor = embedding(shape=shape, device=one.device, dtype=one.dtype)
    return found.flatten(2).transpose(1, 2)


def upper_half(settings: Mapping[str, Any], k: int, drawn: bool = True) -> Any:
    """The detector without its lower half; its weights are drawn by PyTorch's own generator, if at all."""
    with torch.device("meta"):
        model = detector(settings_of(settings, k))
    _drop(model.model, BELOW)
    _drop(model, TIED)
    if drawn:
        model.to_empty(device="cpu").initialize_weights()
        _restart(model)
        # its normalisation keeps still in training, so that images have losses of their own
        for layer in getattr(model.model, "decoder_input_proj", nn.Identity()).modules():
            if isinstance(layer, nn.Conv2d):
                layer.reset_parameters()
    return model


def _drop(module: nn.Module, names: Any) -> None:
    for name in names:
        if name in module._modules:
            delattr(module, name)


@torch.no_grad()
def _restart(model: nn.Module) -> None:
    """Make a random start one that can be trained.

    The library starts a detector as what a checkpoint is loaded into: normalisation is fixed in the backbone
    at statistics that nobody measured, and is near zero in the encoder.
    """
    for name, module in list(model.named_modules()):
        if "FrozenBatchNorm" in type(module).__name__:
            of, _, own = name.rpartition(".")
            setattr(model.get_submodule(of), own, nn.BatchNorm2d(len(module.weight), eps=1e-5))
        elif isinstance(module, nn.BatchNorm2d) and not name.startswith("backbone."):
            module.reset_parameters()
    for parameter in model.parameters():
        parameter.requires_grad_(True)
