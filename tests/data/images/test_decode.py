"""Images look as in a viewer, and what cannot be used says why."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.images import decode as images
from headstart.data.images.decode import decode, examine, size_of
from headstart.errors import DataError
from headstart.parallel import each


def pixel(source, at=(0, 0)):
    return decode(source).getpixel(at)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_rotation_is_undone(encoded, orientation):
    upright = np.zeros((4, 6, 3), np.uint8)
    upright[0, 0], upright[0, -1], upright[-1, 0] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # value -> Pillow's name for its inverse
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(np.asarray(decode(encoded(stored, exif=exif))), upright)


@pytest.mark.parametrize(("value", "grey"), [(0, 0), (257 * 100, 100), (65535, 255)])
def test_grey_of_16_bits_keeps_its_full_scale(encoded, value, grey):
    pixels = np.full((3, 3), value, np.uint16)
    for kind in ("PNG", "TIFF"):
        assert pixel(encoded(pixels, kind)) == (grey,) * 3
    assert pixel(encoded(pixels.astype(np.int32), "TIFF")) == (grey,) * 3


def test_floats_in_0_to_1_become_0_to_255(encoded):
    assert pixel(encoded(np.full((3, 3), 0.2, np.float32), "TIFF")) == (51,) * 3


@pytest.mark.parametrize(("mode", "kind"), [("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "WEBP")])
def test_what_is_transparent_is_white(encoded, mode, kind):
    clear = Image.new("RGBA", (2, 2), (0, 0, 0, 0)).convert(mode)
    assert pixel(encoded(clear, kind)) == (255,) * 3


def test_half_transparent_is_half_white(encoded):
    assert pixel(encoded(Image.new("RGBA", (2, 2), (200, 0, 0, 128)))) == pytest.approx(
        (227, 127, 127), abs=1
    )


def test_a_transparent_palette_colour_is_white(encoded):
    palette = Image.new("P", (2, 2), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    assert pixel(encoded(palette)) == (10, 20, 30)
    assert pixel(encoded(palette, transparency=1)) == (255,) * 3
    assert pixel(encoded(palette, "GIF", transparency=1)) == (255,) * 3
    assert pixel(encoded(palette, transparency=bytes([255, 0]))) == (255,) * 3


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "RGB"])
def test_other_modes_keep_their_colours(encoded, mode):
    white = Image.new("RGB", (9, 9), "white").convert(mode)
    image = decode(encoded(white, "TIFF" if mode == "CMYK" else "PNG"))
    assert (image.mode, image.getpixel((4, 4))) == ("RGB", (255,) * 3)


def test_the_first_picture_of_an_animation_is_taken(encoded):
    first, second = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
    assert pixel(encoded(first, "GIF", save_all=True, append_images=[second])) == (254, 0, 0) or pixel(
        encoded(first, "GIF", save_all=True, append_images=[second])
    ) == (255, 0, 0)


def test_each_kind_of_damage_has_its_reason(encoded, noise, tmp_path):
    jpeg, png = encoded(noise(), "JPEG"), encoded(noise())
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 255
    reasons = {
        b"": "empty file",
        b"<html>not found</html>": "not an image",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n": "not an image",
        jpeg[: len(jpeg) // 2]: "truncated or damaged",
        jpeg[:12]: "truncated or damaged",
        png[: len(png) // 2]: "truncated or damaged",
        bytes(flipped): "truncated or damaged",
    }
    assert {source: examine(source) for source in reasons} == reasons
    assert examine(jpeg) is None
    assert examine(tmp_path / "gone.png") == "no such file"
    assert examine(tmp_path) == "not a file"


def test_a_file_that_may_not_be_read_says_so(monkeypatch, tmp_path):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    assert examine(tmp_path / "a.png") == "permission denied"


@pytest.mark.parametrize("side", [9460, 20_000])
def test_too_many_pixels_are_refused_from_the_header_without_a_warning(encoded, side):
    # 9460² lies between the limit and twice the limit, where Pillow itself only warns.
    bomb = bytearray(encoded(Image.new("L", (1, 1)), "BMP"))
    bomb[18:26] = side.to_bytes(4, "little") * 2
    assert examine(bytes(bomb)).startswith(f"too many pixels ({side} x {side}")
    assert Image.MAX_IMAGE_PIXELS == images.MAX_PIXELS


def test_broken_exif_costs_neither_the_picture_nor_a_warning(encoded, noise):
    source = encoded(noise(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert each(examine, [source, source]) == [None, None]


def test_a_large_jpeg_may_be_decoded_smaller_but_not_too_small(encoded, noise):
    jpeg = encoded(noise(0, 400, 640), "JPEG")
    assert decode(jpeg, at_least=90).size == (160, 100)
    assert decode(jpeg).size == (640, 400)


def test_many_threads_agree_with_one(encoded, noise):
    sources = [encoded(noise(seed), "PNG") for seed in range(40)]
    assert each(lambda s: decode(s).tobytes(), sources) == [decode(s).tobytes() for s in sources]


def test_a_file_looks_like_an_image_by_name_or_by_content(encoded, noise, tmp_path):
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "b").write_bytes(encoded(noise()))
    assert [images.looks_like_image(tmp_path / name) for name in ("a.txt", "b", "c.JPG")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [None, *range(1, 9), 77])
def test_the_size_is_that_of_the_picture_that_a_viewer_shows(encoded, noise, tmp_path, kind, orientation):
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    data = encoded(noise(height=12, width=20), kind, exif=exif)
    (tmp_path / "picture").write_bytes(data)
    expected = (12, 20) if orientation in (5, 6, 7, 8) else (20, 12)
    assert size_of(data) == size_of(tmp_path / "picture") == decode(data).size == expected


def test_the_size_of_a_large_jpeg_is_its_own_and_is_not_decoded_for(encoded, noise, monkeypatch):
    data = encoded(Image.new("RGB", (5000, 4000)), "JPEG")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    assert size_of(data) == (5000, 4000)


@pytest.mark.parametrize("data", [b"", b"no image at all, but words"])
def test_what_is_no_image_has_no_size(data, tmp_path):
    with pytest.raises(DataError):
        size_of(data)
    with pytest.raises(DataError, match="no such file"):
        size_of(tmp_path / "gone.png")
