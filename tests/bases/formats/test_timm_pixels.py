"""Preprocessing is followed to the letter or refused."""

import pytest

from headstart.bases.formats.timm_pixels import read
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess


def test_what_is_absent_has_timms_defaults():
    assert read({}) == ImagePreprocess(
        224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "bicubic", 0.875, "center"
    )


def test_what_is_there_is_followed():
    settings = {
        "input_size": [3, 64, 64],
        "mean": [0, 0.1, 0.2],
        "std": [1, 2, 3],
        "interpolation": "bilinear",
        "crop_pct": 1,
        "crop_mode": "squash",
    }
    assert read(settings) == ImagePreprocess(64, (0, 0.1, 0.2), (1, 2, 3), "bilinear", 1, "squash")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("input_size", [1, 28, 28]),
        ("input_size", [3, 224, 192]),
        ("input_size", 224),
        ("mean", [0.5]),
        ("mean", [float("nan")] * 3),
        ("std", [0.5, 0.5, 0]),
        ("interpolation", "lanczos"),
        ("crop_pct", 1.5),
        ("crop_pct", "all"),
        ("crop_mode", "border"),
    ],
)
def test_what_cannot_be_followed_is_refused(name, value):
    with pytest.raises(BaseError, match=f"`{name}` should be") as caught:
        read({name: value})
    assert caught.value.hint
