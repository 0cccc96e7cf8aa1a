"""The values of a mask are those that were written, whatever kind of file holds them."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from headstart.data.images.decode import decode
from headstart.data.masks.files import Lying, Plane, Unusable, lying, read_plane, turned, upright, values_in

VALUES = np.array([[0, 1, 2], [3, 2, 255]], np.uint8)


@pytest.fixture
def plane(tmp_path):
    """`plane(image, "a.png", coloured=False, **save)` writes a mask file and reads it."""

    def read(image, name="a.png", coloured=False, **save):
        path = tmp_path / name
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(path, **save)
        return read_plane(path, tmp_path, "colours" if coloured is True else "values")

    return read


def palette(values, colours=()):
    image = Image.fromarray(values).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(list(colours) or [part for index in range(256) for part in (index, 8, 255 - index)])
    return image


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.TIFF", "a.bmp", "a.gif"])
def test_grey_and_indexed_values_are_kept(plane, name):
    assert np.array_equal(plane(VALUES, name).values, VALUES)
    if name == "a.gif":
        return  # the writer renumbers its palette
    found = plane(palette(VALUES), name)
    assert np.array_equal(found.values, VALUES)
    assert not found.coloured


def test_16_and_32_bits_are_kept(plane):
    wide = np.array([[0, 300, 65535]], np.uint16)
    for name in ("a.png", "a.tif"):
        assert np.array_equal(plane(wide, name).values, wide)
    assert np.array_equal(plane(wide.astype(np.int32) * 2, "a.tif").values, wide.astype(np.int32) * 2)
    assert np.array_equal(plane(np.array([[0.0, 3.0]], np.float32), "a.tif").values, [[0, 3]])
    with pytest.raises(Unusable, match="not whole"):
        plane(np.array([[0.5, np.nan]], np.float32), "a.tif")


def grey_png(rows, bits, width):
    """A grey PNG of few bits, which Pillow cannot write."""

    def chunk(kind, content):
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, len(rows), bits, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_grey_of_few_bits_is_not_stretched(plane):
    assert plane(grey_png([bytes([0b00011011])], 2, 4)).values.tolist() == [[0, 1, 2, 3]]
    assert plane(grey_png([bytes([0x01, 0x2F])], 4, 4)).values.tolist() == [[0, 1, 2, 15]]


def test_black_and_white_is_told(plane):
    found = plane(Image.fromarray(np.array([[False, True]])))
    assert found.bilevel
    assert found.values.tolist() == [[0, 255]]


def test_colours_are_kept_and_transparency_is_not(plane):
    pixels = np.array([[[0, 0, 0], [128, 255, 1]]], np.uint8)
    for name in ("a.png", "a.bmp", "a.tif"):
        found = plane(pixels, name)
        assert found.coloured
        assert found.values.tolist() == [[0, 0x80FF01]]
    alpha = np.concatenate([pixels, [[[0], [7]]]], axis=2).astype(np.uint8)
    assert plane(alpha).values.tolist() == [[0, 0x80FF01]]
    indexed = palette(np.array([[0, 1]], np.uint8), [0, 0, 0, 128, 255, 1])
    for clear in (0, bytes([7, 0])):
        assert plane(indexed, coloured=True, transparency=clear).values.tolist() == [[0, 0x80FF01]]
    assert plane(np.array([[7]], np.uint8), coloured=True).values.tolist() == [[0x070707]]


def test_grey_saved_as_colours_is_grey_unless_colours_are_asked(plane):
    pixels = np.repeat(VALUES[..., None], 3, axis=2)
    assert np.array_equal(plane(pixels).values, VALUES)
    assert plane(pixels, coloured=True).values[0].tolist() == [0, 0x010101, 0x020202]
    grey_and_alpha = Image.merge("LA", [Image.fromarray(VALUES), Image.new("L", (3, 2), 0)])
    assert np.array_equal(plane(grey_and_alpha).values, VALUES)


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.webp"])
def test_a_lossy_mask_is_marked_by_its_name(plane, name):
    assert plane(np.full((8, 8), 255, np.uint8), name).lossy
    assert not plane(VALUES).lossy


def test_a_lossy_mask_is_marked_by_its_bytes(plane, encoded):
    assert plane(encoded(VALUES, "JPEG")).lossy
    assert plane(np.zeros((16, 16, 3), np.uint8), "a.tif", compression="jpeg").lossy


def test_grey_that_jpeg_made_a_little_coloured_is_grey(plane, encoded):
    square = np.zeros((32, 32, 3), np.uint8)
    square[8:20, 8:20] = 255
    assert not plane(encoded(square, "JPEG")).coloured


def test_transparency_that_is_the_mask_is_told_and_read(tmp_path, noise):
    alpha = np.zeros((32, 48), np.uint8)
    alpha[4:9, 4:9] = 255
    for colours in (np.full((32, 48, 3), 7, np.uint8), noise(0, 32, 48)):
        Image.fromarray(np.dstack([colours, alpha])).save(tmp_path / "a.png")
        assert read_plane(tmp_path / "a.png", tmp_path).veiled
        assert np.array_equal(read_plane(tmp_path / "a.png", tmp_path, "alpha").values, alpha)
    Image.fromarray(np.dstack([colours, np.full_like(alpha, 255)])).save(tmp_path / "a.png")
    assert not read_plane(tmp_path / "a.png", tmp_path).veiled
    Image.fromarray(colours).save(tmp_path / "a.png")
    with pytest.raises(Unusable, match="no transparency"):
        read_plane(tmp_path / "a.png", tmp_path, "alpha")


def test_fractions_are_parts_of_white(tmp_path):
    Image.fromarray(np.array([[0, 0.5, 1]], np.float32)).save(tmp_path / "a.tif")
    found = read_plane(tmp_path / "a.tif", tmp_path)
    assert (found.values.tolist(), found.fractions) == ([[0, 128, 255]], True)
    Image.fromarray(np.array([[0, 1, 1]], np.float32)).save(tmp_path / "a.tif")
    assert read_plane(tmp_path / "a.tif", tmp_path).values.tolist() == [[0, 1, 1]]
    assert read_plane(tmp_path / "a.tif", tmp_path, "parts").values.tolist() == [[0, 255, 255]]


def test_the_palette_is_that_of_the_indices_that_occur(plane):
    assert plane(palette(np.array([[0, 2]], np.uint8))).palette == {0: 0x0008FF, 2: 0x0208FD}


def test_damage_and_other_files_have_their_reasons(plane, encoded, tmp_path):
    for content in (b"", b"text", encoded(VALUES)[:50]):
        with pytest.raises(Unusable, match="truncated or damaged, or no PNG"):
            plane(content)
    with pytest.raises(Unusable, match="no CMYK"):
        plane(Image.new("CMYK", (2, 2)), "a.tif")
    with pytest.raises(Unusable, match="no such file"):
        read_plane(tmp_path / "none.png", tmp_path)
    with pytest.raises(Unusable, match=r"too many pixels"):
        plane(grey_png([b""], 8, 1 << 30))


def test_the_different_values(plane):
    assert values_in(plane(VALUES)).tolist() == [0, 1, 2, 3, 255]
    assert values_in(Plane(np.array([[70000, -1]]))).tolist() == [-1, 70000]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_lies_as_it_is_decoded(tmp_path, noise, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a"
    Image.fromarray(noise(0, 6, 9)).save(path, kind, exif=exif)
    found = lying(path)
    assert found.upright == decode(path).size
    if kind != "TIFF":
        assert found.stored == (9, 6)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_mask_with_the_stored_sides_turns_with_its_picture(tmp_path, noise, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = noise(0, 6, 9)
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    picture = lying(tmp_path / "a.png")
    shown = np.asarray(decode(tmp_path / "a.png"))
    assert np.array_equal(turned(stored[..., 0], picture.turn), shown[..., 0])
    if picture.upright != picture.stored:
        assert np.array_equal(upright(Plane(stored[..., 0]), picture).values, shown[..., 0])
    assert np.array_equal(upright(Plane(shown[..., 0]), picture).values, shown[..., 0]), "it is upright"


def test_other_sides_do_not_fit_and_broken_pictures_do_not_lie(tmp_path):
    assert upright(Plane(np.zeros((6, 9))), Lying((6, 9), (6, 9))) is None
    assert upright(Plane(np.zeros((6, 8))), Lying((9, 6), (6, 9), Image.Transpose.ROTATE_90)) is None
    (tmp_path / "a.png").write_bytes(io.BytesIO(b"text").getvalue())
    assert lying(tmp_path / "a.png") is None
