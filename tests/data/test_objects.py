"""What a program hands over is one input or several, and each is kept as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from headstart.data.objects import several_of
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
    "table", [{"text": ["a", "b"]}, [{"text": "a"}, {"text": "b"}], pa.table({"text": ["a", "b"]})]
)
def test_a_table_of_any_kind_is_one(table):
    (frame,) = several_of(table)
    assert frame["text"].tolist() == ["a", "b"]
