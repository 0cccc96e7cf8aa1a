"""What a program hands over is one input or several, and pictures in memory keep every pixel."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from headstart.data.objects import picture_of, several_of
from headstart.errors import DataError

PIXELS = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


@pytest.mark.parametrize(
    "one",
    ["a text", b"x", Path("a"), Image.new("L", (2, 2)), PIXELS, PIXELS[..., 0]],
    ids=lambda one: type(one),
)
def test_one_input_is_one(one):
    (same,) = several_of(one)
    assert same is one


def test_a_data_frame_is_one_and_lists_and_stacks_are_several():
    frame = pd.DataFrame({"text": ["a", "b"]})
    assert several_of(frame)[0] is frame
    assert several_of(["a", "b"]) == ("a", "b")
    assert several_of(name for name in "ab") == ("a", "b")
    assert several_of(frame["text"]) == ("a", "b")
    assert len(several_of(np.stack([PIXELS, PIXELS]))) == 2


@pytest.mark.parametrize("nothing", [None, 3, 2.5])
def test_what_is_no_input_is_refused(nothing):
    with pytest.raises(DataError, match=f"got {type(nothing).__name__}"):
        several_of(nothing)


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


@pytest.mark.parametrize(
    "table", [{"text": ["a", "b"]}, [{"text": "a"}, {"text": "b"}], pa.table({"text": ["a", "b"]})]
)
def test_a_table_of_any_kind_is_one(table):
    (frame,) = several_of(table)
    assert frame["text"].tolist() == ["a", "b"]
