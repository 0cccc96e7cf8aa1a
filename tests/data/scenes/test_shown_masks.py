"""Colours of classes are told apart, and what is not known looks like nothing that is."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import IGNORED
from headstart.data.scenes import shown_masks
from headstart.data.scenes.shown_masks import colours, mask_png, named_colours, overlay

NAMES = ("background", "cell", "dust")
MASK = np.array([[0, 1, 1], [2, IGNORED, 0]], np.uint8)


def test_colours_are_far_apart_and_never_grey():
    few = colours(20).astype(int)
    gaps = np.abs(few[:, None] - few[None]).sum(axis=-1) + 1000 * np.eye(20, dtype=int)
    assert gaps.min() > 60
    assert (few.max(axis=1) - few.min(axis=1)).min() > 60
    every = colours(255)
    assert every.shape == (255, 3)
    assert len(np.unique(every, axis=0)) == 255
    assert np.array_equal(every[:20], few), "a new class changes no colour"
    assert not every.flags.writeable


def test_a_mask_has_the_colours_of_its_classes():
    picture = mask_png(MASK, NAMES)
    assert (picture.shape, picture.dtype) == ((2, 3, 3), np.uint8)
    assert picture[0, 0].tolist() == picture[1, 2].tolist() == [0, 0, 0]
    assert np.array_equal(picture[0, 1], colours(3)[1])
    assert np.array_equal(picture[1, 0], colours(3)[2])
    assert len(set(picture[1, 1].tolist())) == 1, "grey"
    assert np.array_equal(mask_png(MASK, ("sky", "cell", "dust"))[0, 0], colours(1)[0])


def test_the_unknown_is_striped():
    picture = mask_png(np.full((32, 32), IGNORED, np.uint8), NAMES)
    greys, counts = np.unique(picture, return_counts=True)
    assert greys.tolist() == [90, 150]
    assert counts.argmin() == 0
    assert picture[0, 8].tolist() == picture[8, 0].tolist() == picture[4, 4].tolist(), (
        "they run down to the left"
    )


def test_an_overlay_leaves_the_background_as_it_is():
    picture = np.full((2, 3, 3), 100, np.uint8)
    shown = overlay(picture, MASK, NAMES)
    assert np.array_equal(shown[0, 0], picture[0, 0])
    assert shown[0, 1].tolist() == pytest.approx(((100 + colours(3)[1].astype(float)) / 2).tolist(), abs=0.51)
    assert np.array_equal(overlay(picture, MASK, NAMES, 0.0), picture)
    assert np.array_equal(overlay(picture, MASK, NAMES, 1.0)[0, 1:], mask_png(MASK, NAMES)[0, 1:])
    assert (picture == 100).all(), "the picture is not written to"


@pytest.mark.parametrize("times", [2, 5])
def test_a_mask_is_stretched_to_its_picture(times):
    picture = np.zeros((2 * times, 3 * times, 3), np.uint8)
    known = np.where(MASK == IGNORED, 0, MASK).astype(np.uint8)
    large = np.kron(known, np.ones((times, times), np.uint8))
    assert np.array_equal(overlay(picture, known, NAMES), overlay(picture, large, NAMES))
    back = overlay(picture[:2, :3], large, NAMES)
    assert np.array_equal(back, overlay(picture[:2, :3], known, NAMES))


def test_a_large_picture_is_coloured_in_bands_as_if_at_once(monkeypatch):
    draws = np.random.default_rng(0)
    picture = draws.integers(0, 256, (70, 33, 3), dtype=np.uint8)
    mask = draws.integers(0, 3, (70, 33)).astype(np.uint8)
    mask[20:60] = IGNORED
    classes = ["background", "cell", "road"]
    monkeypatch.setattr(shown_masks, "_BAND", 24)
    found = shown_masks.coloured(Image.fromarray(picture), mask, classes)
    np.testing.assert_array_equal(np.asarray(found), shown_masks.overlay(picture, mask, classes))


def test_a_mask_with_a_palette_keeps_its_values_and_shows_its_colours():
    mask = np.array([[0, 1, 2], [2, IGNORED, 0]], np.uint8)
    classes = ["background", "cell", "road"]
    image = shown_masks.palette_image(mask, classes)
    np.testing.assert_array_equal(np.asarray(image), mask)
    shown, painted = np.asarray(image.convert("RGB")), shown_masks.mask_png(mask, classes)
    np.testing.assert_array_equal(shown[mask != IGNORED], painted[mask != IGNORED])


def test_colours_have_names():
    assert named_colours(NAMES) == {
        name: f"#{bytes(colour).hex()}" for name, colour in zip(NAMES, colours(3).tolist(), strict=True)
    }
