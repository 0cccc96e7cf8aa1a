"""What small detectors share that come without settings of a library: class names, terms, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..preprocessing.image import ImagePreprocess
from ._classes import labels_of

NOT_NAMED = "N/A"
"""What numbers that stand for no class are called, by torchvision and by transformers."""


def coco() -> tuple[str, ...]:
    """The 80 classes of COCO in their order, as torchvision calls them."""
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    named: list[str] = FasterRCNN_ResNet50_FPN_Weights.DEFAULT.meta["categories"]
    return tuple(name for name in named if name not in ("__background__", NOT_NAMED))


def class_names(config: Mapping[str, Any], k: int) -> tuple[str, ...]:
    """Of k classes: those in the settings, or COCO's where there are as many, or none that are known."""
    for known in (labels_of(config), coco()):
        if len(known) == k:
            return known
    return (NOT_NAMED,) * k


def terms(config: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What it was trained on, and its licence, as the settings say them."""
    source, licence = config.get("source_data") or config.get("source_task"), config.get("license")
    return source, licence or config.get("licence")


def whole_picture(side: int, largest: float) -> ImagePreprocess:
    """All of a picture in a square, its numbers in 0..largest."""
    deviation = 1 / largest
    return ImagePreprocess(
        side, (0.0, 0.0, 0.0), (deviation, deviation, deviation), "bilinear", 1.0, "squash"
    )
