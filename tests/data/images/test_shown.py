"""Pictures of the report: inside the page, small, and of their own shape."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from headstart.data.images.shown import data_uri
from headstart.errors import DataError


def shown(source, side):
    head, _, body = data_uri(source, side).partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body, validate=True)))


@pytest.fixture
def save(tmp_path):
    def make(pixels, name="a.png"):
        path = tmp_path / name
        Image.fromarray(pixels).save(path)
        return path

    return make


@pytest.mark.parametrize(
    ("size", "expected"),
    [((300, 150), (96, 48)), ((150, 300), (48, 96)), ((8, 8), (96, 96)), ((2000, 1), (96, 1))],
)
def test_the_long_side_is_as_asked_and_the_shape_stays(save, size, expected):
    path = save(np.full((size[1], size[0], 3), 200, np.uint8))
    assert shown(path, 96).size == expected


def test_small_pictures_are_enlarged_in_squares(save):
    board = np.kron([[0, 255], [255, 0]], np.ones((4, 4))).astype(np.uint8)
    found = np.asarray(shown(save(board), 160).convert("L")).astype(int)
    assert found[20, 20] < 20
    assert found[20, 140] > 235
    edge = found[20, 70:90]
    assert (np.abs(edge - 127) < 60).sum() <= 4, "a soft edge: the picture was blurred"


def test_transparent_and_grey_pictures_and_bytes_are_shown(save, tmp_path):
    clear = np.zeros((10, 10, 4), np.uint8)
    path = save(clear)
    assert np.asarray(shown(path, 20)).min() > 250  # on white
    assert shown(path.read_bytes(), 20).mode == "RGB"


def test_a_broken_picture_is_an_error(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(DataError):
        data_uri(tmp_path / "a.png", 96)
