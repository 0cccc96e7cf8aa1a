"""Every operation keeps size and mode, and strength zero changes nothing where there is nothing to do."""

import numpy as np
import pytest
from PIL import Image

from headstart.data import augment

GREY = (128, 128, 128)
WHOLE = (1.0, 0.5, 0.5, 0.5)
"""The numbers of a crop of everything."""


@pytest.fixture
def picture(noise):
    return Image.fromarray(noise(0, 32, 32))


def number_of(operation):
    return (operation + 0.5) / len(augment._OPERATIONS)


@pytest.mark.parametrize("operation", range(len(augment._OPERATIONS)))
@pytest.mark.parametrize("sign", [0.0, 0.9])
def test_every_operation_gives_a_picture_of_the_size_asked(picture, operation, sign):
    view = augment.view(picture, 20, (*WHOLE, number_of(operation), sign, 1.0), GREY)
    assert (view.size, view.mode) == ((20, 20), "RGB")


@pytest.mark.parametrize("operation", range(10))
def test_no_strength_is_no_change(picture, operation):
    view = augment.view(picture, 32, (*WHOLE, number_of(operation), 0.0, 0.0), GREY)
    assert np.array_equal(np.asarray(view), np.asarray(picture))


@pytest.mark.parametrize("operation", range(1, 12))
def test_full_strength_is_a_change(picture, operation):
    view = augment.view(picture, 32, (*WHOLE, number_of(operation), 0.0, 1.0), GREY)
    assert not np.array_equal(np.asarray(view), np.asarray(picture))


def test_crops_hold_half_to_all_of_the_area_inside_the_picture():
    draw = np.random.default_rng(0)
    for numbers in [*draw.random((200, 4)), np.zeros(4), np.full(4, 1.0)]:
        left, top, right, bottom = augment._crop(64, numbers)
        assert 0 <= left < right <= 64
        assert 0 <= top < bottom <= 64
        assert 0.5 <= (right - left) * (bottom - top) / 64**2 + 1e-9 <= 1.001
        assert 3 / 4 - 1e-6 <= (right - left) / (bottom - top) <= 4 / 3 + 1e-6


def test_what_comes_from_outside_has_the_fill_colour():
    black = Image.new("RGB", (20, 20))
    shifted = np.asarray(augment.view(black, 20, (*WHOLE, number_of(3), 0.0, 1.0), (10, 20, 30)))
    assert shifted[10, -1].tolist() == [10, 20, 30]
    assert shifted[10, 0].tolist() == [0, 0, 0]
