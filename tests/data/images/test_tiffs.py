"""TIFF of any bands and numbers is read to the last digit, however its bytes lie."""

import io

import numpy as np
import pytest
from PIL import Image

from headstart.data.images import tiffs
from headstart.data.images.decode import about, decode, examine, size_of, values_of
from rasters import tiff

KINDS = ("u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8")


def numbers(kind, n=5, height=7, width=21):
    draws = np.random.default_rng(0)
    if kind.startswith("f"):
        return draws.normal(0, 100, (height, width, n)).astype(kind)
    ends = np.iinfo(kind)
    return draws.integers(ends.min, ends.max, (height, width, n), dtype=kind, endpoint=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 5])
def test_every_kind_of_number_is_read_as_it_is(kind, n):
    expected = numbers(kind, n)
    assert np.array_equal(values_of(tiff(expected)).numbers, expected)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize(
    "how",
    [
        {"order": ">"},
        {"planar": True},
        {"packed": True},
        {"tile": 16},
        {"tile": 16, "packed": True, "order": ">"},
        {"big": True},
        {"big": True, "planar": True},
        {"packed": True, "predictor": 2},
        {"packed": True, "predictor": 2, "tile": 16},
        {"packed": True, "predictor": 2, "planar": True, "order": ">"},
    ],
)
def test_however_the_bytes_lie(kind, how):
    expected = numbers(kind)
    assert np.array_equal(values_of(tiff(expected, **how)).numbers, expected)


@pytest.mark.parametrize("how", [{}, {"tile": 16}, {"order": ">"}, {"planar": True}])
def test_differences_of_floats_are_added_up(how):
    expected = numbers("f4", 4)
    assert np.array_equal(values_of(tiff(expected, packed=True, predictor=3, **how)).numbers, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_one_with_many_bands_is_turned_as_any_other(orientation, encoded):
    bands = numbers("u1", 5, 4, 6)
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = decode(encoded(np.ascontiguousarray(bands[..., :3]), "PNG", exif=exif))
    found = tiff(bands, tags={274: [orientation]})
    assert np.array_equal(np.asarray(decode(found)), np.asarray(expected))
    assert size_of(found) == expected.size


def test_what_stands_for_nothing_measured_is_no_number():
    measured = numbers("f4", 4)
    measured[0, 0] = -9999
    found = values_of(tiff(measured, tags={42113: b"-9999\0"})).numbers
    assert np.isnan(found[0, 0]).all()
    assert np.array_equal(found[1:], measured[1:])


def test_pages_are_counted_but_not_smaller_copies():
    pages = [Image.new("L", (4, 4), grey) for grey in (1, 2, 3)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    assert about(stream.getvalue()).pages == 3
    first = Image.new("L", (4, 4))
    first.encoderinfo = {}
    stream = io.BytesIO()
    smaller = Image.new("L", (2, 2))
    smaller.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(stream, "TIFF", save_all=True, append_images=[smaller])
    assert about(stream.getvalue()).pages == 1


def test_usual_files_stay_with_pillow(encoded, noise):
    for mode, kind in (("L", "TIFF"), ("RGB", "TIFF"), ("RGBA", "TIFF"), ("LA", "TIFF"), ("CMYK", "TIFF")):
        found = tiffs.layout(io.BytesIO(encoded(noise(), kind, mode)))
        assert found is not None
        assert not found.ours
    assert tiffs.layout(io.BytesIO(encoded(noise()))) is None


def test_a_damaged_one_has_a_reason():
    whole = tiff(numbers("u2"), packed=True)
    for cut in (12, 60, len(whole) - 30):
        assert examine(whole[:cut]) == "truncated or damaged"
    broken = bytearray(whole)
    broken[10:60] = b"\xff" * 50
    assert examine(bytes(broken)) == "truncated or damaged"


def test_too_many_pixels_are_refused_before_they_are_read():
    assert examine(tiff(numbers("u2"), tags={256: [60_000], 257: [60_000]})).startswith("too many pixels")
