"""DICOM: rescaled numbers, inverted where small ones are bright; without pydicom the extra is named."""

import numpy as np
import pytest

from headstart.data.images import dicom as stage
from headstart.data.images.decode import about, decode, examine, looks_like_image, size_of, values_of
from headstart.exposure import Exposure
from medical import dicom

pytest.importorskip("pydicom")
RAMP = np.arange(12).reshape(1, 3, 4) * 100


def test_numbers_are_rescaled_as_the_file_says():
    assert np.array_equal(values_of(dicom(RAMP)).numbers[..., 0], RAMP[0] - 1024.0)
    assert size_of(dicom(RAMP)) == (4, 3)


def test_small_numbers_are_bright_where_the_file_says_so():
    exposure = Exposure((-1024, 76))
    dark, bright = (decode(dicom(RAMP, mono), exposure=exposure) for mono in ("MONOCHROME2", "MONOCHROME1"))
    assert (dark.getpixel((0, 0)), dark.getpixel((3, 2))) == ((0,) * 3, (255,) * 3)
    assert np.array_equal(255 - np.asarray(dark), np.asarray(bright))


def test_the_window_of_the_file_is_read():
    windowed = dicom(RAMP, WindowCenter=[40, 80], WindowWidth=[400, 10])
    assert about(windowed).stated == values_of(windowed).stated == (-160, 240)
    assert about(dicom(RAMP)).stated is None


def test_frames_are_counted_and_the_first_is_taken():
    frames = dicom(np.concatenate([RAMP, RAMP[::-1] * 0]))
    assert about(frames).pages == 2
    assert np.array_equal(values_of(frames).numbers[..., 0], RAMP[0] - 1024.0)


def test_without_pydicom_the_reason_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setattr(stage, "find_spec", lambda _: None)
    (tmp_path / "a.dcm").write_bytes(dicom(RAMP))
    assert "pip install 'headstart[dicom]'" in examine(tmp_path / "a.dcm")
    assert looks_like_image(tmp_path / "a.dcm")


def test_what_is_only_named_so_is_refused(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"no picture")
    assert examine(tmp_path / "a.dcm") == "DICOM without a picture in it"
    (tmp_path / "b").write_bytes(dicom(RAMP))
    assert looks_like_image(tmp_path / "b")
    assert examine(dicom(RAMP)[:-4]) is not None
