"""Pictures in memory keep every pixel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from headstart.data.images.held import picture_of
from headstart.errors import DataError

PIXELS = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


@pytest.mark.parametrize(
    "pixels", [PIXELS, PIXELS[..., 0], PIXELS[..., :1], np.dstack([PIXELS, PIXELS[..., 0]])]
)
def test_arrays_keep_every_pixel(pixels):
    name, written = picture_of(pixels)
    again = np.asarray(Image.open(io.BytesIO(written)))
    assert name == "(array)"
    assert np.array_equal(again, pixels.squeeze())


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16", "F", "CMYK", "P"])
def test_pictures_in_memory_keep_their_kind(mode):
    picture = Image.new(mode, (3, 2), 1 if mode in ("L", "I;16", "F", "P") else (1,) * len(mode))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture_of(picture)[1]))), np.asarray(picture))


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2, 2), np.uint8), np.zeros(3, np.uint8), np.ones((2, 2)), "a.png"]
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(DataError, match="expected a picture"):
        picture_of(wrong)
