"""Numbers of more than 8 bits are read whole, and shown between one black and one white."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.images import values as raw
from headstart.data.images.decode import decode, values_of
from headstart.data.images.values import Values
from headstart.errors import DataError
from headstart.exposure import AS_STORED, Exposure
from rasters import png16, tiff

TWELVE = Exposure((0, 4095))


def ramp(n, kind=np.uint16, height=4, width=6):
    return (
        (np.arange(height * width * n) * 4095 // (height * width * n - 1))
        .reshape(height, width, n)
        .astype(kind)
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_png_of_16_bits_keeps_its_lower_bytes(n):
    assert np.array_equal(values_of(png16(ramp(n))).numbers, ramp(n))


def test_12_bits_in_16_are_not_black():
    shown = np.asarray(decode(png16(ramp(1)), exposure=TWELVE))
    assert np.array_equal(shown[..., 0], np.rint(ramp(1)[..., 0] * (255 / 4095)))
    colours = np.asarray(decode(png16(ramp(3)), exposure=TWELVE))
    assert np.array_equal(colours, np.rint(ramp(3) * (255 / 4095)))


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_negative_and_large_numbers_and_floats_have_the_window(encoded, kind):
    numbers = np.array([[0, 100, 200, 300]]).astype(kind)
    shown = np.asarray(decode(encoded(numbers, "TIFF"), exposure=Exposure((100, 200))))
    assert shown[0, :, 0].tolist() == [0, 0, 255, 255]


def test_what_is_no_number_is_black(encoded):
    numbers = np.array([[np.nan, np.inf, -np.inf, 1000]], np.float32)
    assert np.asarray(decode(encoded(numbers, "TIFF"), exposure=Exposure((-1000, 3000))))[
        0, :, 0
    ].tolist() == [
        0,
        255,
        0,
        128,
    ]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_where_white_is_zero_a_picture_is_inverted(kind):
    exposure = Exposure((0, 255), every=True)
    numbers = np.array([[[0], [255]]], kind)
    shown = np.asarray(decode(tiff(numbers, tags={262: [0]}), exposure=exposure))
    assert shown[0, :, 0].tolist() == [255, 0]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_order_of_bytes_does_not_matter(order):
    assert np.array_equal(values_of(tiff(ramp(1), order)).numbers, ramp(1))


def test_one_of_16_bits_is_turned(encoded):
    exif = Image.Exif()
    exif[0x0112] = 6
    numbers = ramp(1)[..., 0]
    shown = np.asarray(decode(encoded(numbers, "PNG", exif=exif), exposure=TWELVE))[..., 0]
    assert np.array_equal(shown, np.rot90(np.rint(numbers * (255 / 4095)), -1))


def test_transparent_is_white_with_16_bits():
    numbers = np.zeros((1, 2, 4), np.uint16)
    numbers[0, 1, 3] = 65535
    assert np.asarray(decode(png16(numbers), exposure=TWELVE))[0, :, 0].tolist() == [255, 0]


def test_8_bits_stay_as_they_are_but_where_all_are_meant(encoded, noise):
    picture = encoded(noise())
    assert np.array_equal(np.asarray(decode(picture, exposure=TWELVE)), noise())
    stretched = np.asarray(decode(picture, exposure=Exposure((0, 127.5), every=True)))
    assert np.array_equal(stretched, np.minimum(255, 2 * noise().astype(int)))


def test_bands_are_chosen_by_number(encoded, noise):
    bands = ramp(5, np.uint8)
    assert np.array_equal(
        np.asarray(decode(tiff(bands), exposure=Exposure(bands=(5, 1, 2)))), bands[..., [4, 0, 1]]
    )
    assert np.array_equal(
        np.asarray(decode(tiff(bands), exposure=Exposure(bands=(4,))))[..., 0], bands[..., 3]
    )
    swapped = np.asarray(decode(encoded(noise()), exposure=Exposure(bands=(3, 2, 1))))
    assert np.array_equal(swapped, noise()[..., ::-1])
    with pytest.raises(DataError, match="it has 3 bands"):
        decode(encoded(noise()), exposure=Exposure(bands=(4, 2, 1)))


def test_a_file_may_state_its_own_window():
    one = Values(np.array([[[0], [10]]], np.int16), (0, 100), stated=(0, 10))
    assert raw.window_of(one, Exposure((0, 20))) == (0, 20)
    assert raw.window_of(one, Exposure((0, 20), stated=True)) == raw.window_of(one, AS_STORED) == (0, 10)
