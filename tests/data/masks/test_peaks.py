"""Soft edges and loss are told from classes by areas and neighbours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from headstart.data.masks.counts import count, together
from headstart.data.masks.files import Plane
from headstart.data.masks.peaks import Peaks, soft, unfilled


def total(*masks):
    return together([count(Path("a.png"), Plane(np.asarray(mask))) for mask in masks])


def halves(low, high, blur=0.0):
    mask = np.full((40, 60), low, np.uint8)
    mask[:, 30:] = high
    image = Image.fromarray(mask)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)) if blur else image)


@pytest.mark.parametrize("blur", [0.7, 1.5, 3, 6])
def test_two_greys_and_what_is_between_them(blur):
    found = soft(total(halves(20, 220, blur)), False, False)
    assert (found.values, found.clear, found.limit) == ((20, 220), True, 120)
    assert (found.applied(np.array([[20, 120, 121, 255]])) == [[20, 20, 220, 220]]).all()


def test_hard_edges_are_left():
    assert soft(total(halves(0, 255), halves(3, 7)), False, False) is None


def test_a_wide_ramp_has_no_clear_peaks():
    ramp = np.tile(np.arange(256, dtype=np.uint8), (40, 1))
    slow = np.repeat(ramp, 4, axis=1)
    assert not soft(total(ramp), False, False).clear
    assert (found := soft(total(slow), False, False)) is None or not found.clear


def test_peaks_that_others_outshine_are_not_clear():
    hills = np.zeros((60, 60), np.uint8)
    hills[20:40, 20:40] = 255
    blurred = Image.fromarray(hills).filter(ImageFilter.GaussianBlur(9))
    assert (found := soft(total(blurred), False, False)) is None or not found.clear


def test_many_values_without_areas_are_suspicious():
    noise = np.random.default_rng(0).integers(0, 256, (40, 40))
    assert unfilled(total(noise))
    assert not unfilled(total(np.kron(noise[:10, :10], np.ones((8, 8), int))))


def test_a_pixel_between_three_peaks_takes_the_nearest_area():
    peaks = Peaks((0, 100, 200), False, 8, 0.1, True)
    line = np.array([[0, 0, 0, 60, 100, 150, 200, 200, 200]] * 3)
    assert peaks.limit is None
    assert set(peaks.applied(line)[1].tolist()) == {0, 200}
    assert peaks.applied(np.array([[0, 100, 100, 100]])).tolist() == [[0, 100, 100, 100]]
