"""What `preprocessor_config.json` of Hugging Face's transformers says about pixels, but for their number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import BaseError
from ...preprocessing.image import ImagePreprocess
from . import hub, timm_pixels
from .files import read_config

RESAMPLE = {0: "nearest", 2: "bilinear", 3: "bicubic"}
"""Pillow's numbers for interpolation."""
Triple = tuple[float, float, float]


def processor(folder: Path) -> dict[str, Any]:
    """The settings that the file holds.

    Raises:
        BaseError: it is absent.
    """
    config = read_config(folder, hub.PREPROCESSOR)
    if config is None:
        raise BaseError(
            f"{folder} has no {hub.PREPROCESSOR}: how its images are prepared is not known",
            "copy that file from where the model came from",
        )
    return config


def colours(config: dict[str, Any]) -> dict[str, Any]:
    """Mean, deviation and interpolation, as `ImagePreprocess` has them.

    Raises:
        BaseError: one of them cannot be followed.
    """
    mean, std = _normalisation(config)
    how = timm_pixels.choice("interpolation", RESAMPLE.get(config.get("resample", 2)))
    return {"mean": mean, "std": std, "interpolation": how}


def _normalisation(config: dict[str, Any]) -> tuple[Triple, Triple]:
    """Mean and deviation for pixels that were scaled to 0..1, whatever the model scales them to."""
    scale = 255 * config.get("rescale_factor", 1 / 255) if config.get("do_rescale", True) else 255.0
    normalise = config.get("do_normalize", True)
    mean = timm_pixels.triple(config.get("image_mean") or (0.5,) * 3 if normalise else (0.0,) * 3, "mean")
    std = timm_pixels.triple(config.get("image_std") or (0.5,) * 3 if normalise else (1.0,) * 3, "std")
    return (
        (mean[0] / scale, mean[1] / scale, mean[2] / scale),
        (std[0] / scale, std[1] / scale, std[2] / scale),
    )


def written(preprocess: ImagePreprocess) -> dict[str, object]:
    """The settings of a file that says the same."""
    whole = round(preprocess.size / preprocess.crop_fraction)
    center = preprocess.crop_mode == "center"
    return {
        "do_resize": True,
        "size": {"shortest_edge": whole} if center else {"height": whole, "width": whole},
        "do_center_crop": True,
        "crop_size": {"height": preprocess.size, "width": preprocess.size},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(preprocess.mean),
        "image_std": list(preprocess.std),
        "resample": {name: number for number, name in RESAMPLE.items()}[preprocess.interpolation],
    }
