"""Formats of pictures that are not read say what to do instead."""

import io
from pathlib import Path

import pytest
from PIL import Image

from headstart.data.images import formats
from headstart.data.images.decode import decode, examine, looks_like_image


def heic(colour=(200, 30, 30)):
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), colour)).save(stream, quality=95)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.svg", "convert it to PNG"), ("a.jxl", "convert it to PNG"), ("a.npy", "save each picture as PNG")]
    + [("a.mat", "save each picture"), ("a.nii", "slices"), ("a.nii.gz", "slices"), ("a.CZI", "as TIFF")]
    + [("a.lif", "as TIFF"), ("a.cr2", "export it"), ("a.NEF", "export it"), ("a.dng", "export it")],
)
def test_the_reason_says_what_to_do(tmp_path, name, says):
    (tmp_path / name).write_bytes(b"II*\0 something")
    assert says in examine(tmp_path / name)
    assert looks_like_image(tmp_path / name)


def test_the_small_preview_in_a_raw_file_is_not_taken_for_the_picture(tmp_path, encoded, noise):
    (tmp_path / "a.nef").write_bytes(encoded(noise(), "TIFF"))
    assert "raw file" in examine(tmp_path / "a.nef")


def test_names_that_mean_other_things_too_make_no_picture(tmp_path):
    for name in ("model.pt", "table.h5", "page.pdf", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
        assert not looks_like_image(tmp_path / name)


def test_heic_is_read(tmp_path):
    red, green, _ = decode(heic()).getpixel((5, 5))
    assert (red > 180, green < 60) == (True, True)
    (tmp_path / "a.heic").write_bytes(heic())
    assert looks_like_image(tmp_path / "a.heic")
    assert examine(heic()[:200]) == "truncated or damaged"


def test_without_its_extra_heic_names_it(monkeypatch):
    picture = heic()
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    assert examine(picture) == "HEIC needs pip install 'headstart[heic]'"
    assert formats.advice(Path("a.png")) is None
