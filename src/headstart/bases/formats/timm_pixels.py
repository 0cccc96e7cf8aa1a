"""Preprocessing as timm's `pretrained_cfg` writes it; torchvision and built-in folders use the same keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from ...errors import BaseError
from ...preprocessing.image import ImagePreprocess

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def read(settings: Mapping[str, Any]) -> ImagePreprocess:
    """Preprocessing from `input_size` (c, h, w), `mean`, `std`, `interpolation`, `crop_pct`, `crop_mode`.

    Keys that are absent have timm's defaults: ImageNet's mean and deviation, bicubic, 0.875, centre.

    Raises:
        BaseError: a value cannot be followed.
    """
    size = _side(settings.get("input_size") or (3, 224, 224))
    return ImagePreprocess(
        size=size,
        mean=triple(settings.get("mean") or IMAGENET_MEAN, "mean"),
        std=triple(settings.get("std") or IMAGENET_STD, "std"),
        interpolation=choice("interpolation", settings.get("interpolation") or "bicubic"),
        crop_fraction=_fraction(settings.get("crop_pct") or 0.875),
        crop_mode=choice("crop_mode", settings.get("crop_mode") or "center"),
    )


def written(preprocess: ImagePreprocess) -> dict[str, object]:
    """The settings that `read` reads."""
    return {
        "input_size": [3, preprocess.size, preprocess.size],
        "mean": list(preprocess.mean),
        "std": list(preprocess.std),
        "interpolation": preprocess.interpolation,
        "crop_pct": preprocess.crop_fraction,
        "crop_mode": preprocess.crop_mode,
    }


def triple(values: Sequence[float], name: str) -> tuple[float, float, float]:
    """Three finite numbers, one per colour; `std` has to be above zero."""
    try:
        red, green, blue = (float(value) for value in values)
    except (TypeError, ValueError):
        raise _unfit(name, "three numbers", values) from None
    if not all(math.isfinite(value) and (name != "std" or value > 0) for value in (red, green, blue)):
        raise _unfit(name, "three finite numbers, deviations above 0", values)
    return red, green, blue


def choice(field: str, value: Any) -> Any:
    """`value` if it is one that `ImagePreprocess` knows for `field`."""
    allowed = get_args(get_type_hints(ImagePreprocess)[field])
    if value not in allowed:
        raise _unfit(field, f"one of {', '.join(allowed)}", value)
    return value


def _side(shape: Any) -> int:
    try:
        channels, height, width = (int(value) for value in shape)
    except (TypeError, ValueError):
        raise _unfit("input_size", "(3, side, side)", shape) from None
    if channels != 3 or height != width or height < 1:
        raise _unfit("input_size", "(3, side, side)", shape)
    return height


def _fraction(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 < value <= 1:
        raise _unfit("crop_pct", "a number above 0 and up to 1", value)
    return float(value)


def _unfit(name: str, expected: str, came: Any) -> BaseError:
    return BaseError(
        f"preprocessing: `{name}` should be {expected}, not {came!r}",
        "use a base for square colour images, or correct its settings file",
    )
