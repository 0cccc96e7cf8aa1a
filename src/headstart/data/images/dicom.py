"""DICOM: pictures of medicine, read with pydicom (the extra `dicom`).

The numbers are rescaled as the file says (computed tomography: Hounsfield units), and inverted where it says
that small ones are bright. Of several frames the first is taken.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ...errors import DataError, MissingExtra
from .values import Values

if TYPE_CHECKING:
    from pydicom import Dataset

SUFFIXES = (".dcm", ".dicom")
_COLOURED = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR")
_MARK = b"DICM"
_MARK_AT = 128


def is_dicom(stream: IO[bytes]) -> bool:
    """Has the content the mark of DICOM, behind its empty first bytes?"""
    stream.seek(_MARK_AT)
    found = stream.read(len(_MARK)) == _MARK
    stream.seek(0)
    return found


def header(stream: IO[bytes]) -> Dataset:
    """What the file says of its picture, without the pixels.

    Raises:
        MissingExtra: pydicom is not installed.
        DataError: there is no picture in it.
    """
    return _read(stream, stop_before_pixels=True)


def size(found: Dataset) -> tuple[int, int]:
    """Width and height."""
    return int(found.Columns), int(found.Rows)


def frames(found: Dataset) -> int:
    """How many pictures it holds."""
    return int(getattr(found, "NumberOfFrames", None) or 1)


def stated(found: Dataset) -> tuple[float, float] | None:
    """The window that the file states; of several the first."""
    center, width = (_first(getattr(found, f"Window{name}", None)) for name in ("Center", "Width"))
    if center is None or width is None or not width > 0:
        return None
    return center - width / 2, center + width / 2


def is_grey(found: Dataset) -> bool:
    """Are its numbers measured ones, and no colours?"""
    return str(getattr(found, "PhotometricInterpretation", "")) not in _COLOURED


def values(stream: IO[bytes]) -> Values:
    """The numbers of its first picture.

    Raises:
        MissingExtra: pydicom is not installed.
        DataError: it is compressed in a way that nothing here decodes, or there is no picture in it.
    """
    import pydicom.pixels

    pixels: Any = pydicom.pixels

    found = _read(stream)
    try:
        numbers: Any = pixels.pixel_array(found, index=0)
    except (RuntimeError, NotImplementedError) as error:  # what pydicom says where it has no decoder
        named = str(getattr(found.file_meta.get("TransferSyntaxUID"), "name", "an unknown compression"))
        raise DataError(
            f"its pixels are compressed as {named}, which is not decoded here",
            "pip install pylibjpeg[all], or save it uncompressed (dcmdjpeg, gdcmconv --raw)",
        ) from error
    if str(found.PhotometricInterpretation) == "PALETTE COLOR":
        colours = np.asarray(pixels.apply_color_lut(numbers, found))[..., :3]
        numbers = colours if colours.dtype == np.uint8 else (colours // 257).astype(np.uint8)
    if not is_grey(found):
        deep = numbers.dtype != np.uint8
        return Values(numbers, _full(found, 1.0, 0.0), deep=deep)
    slope, rise = _rescale(found)
    rescaled = np.asarray(pixels.apply_modality_lut(numbers, found), dtype=np.float32)[..., None]
    dark = str(found.PhotometricInterpretation) == "MONOCHROME1"
    return Values(rescaled, _full(found, slope, rise), inverted=dark, stated=stated(found))


def _read(stream: IO[bytes], **how: Any) -> Dataset:
    if find_spec("pydicom") is None:
        raise MissingExtra.of("DICOM needs pydicom", "dicom")
    import pydicom

    stream.seek(0)
    found = pydicom.dcmread(stream, force=True, **how)
    if "Rows" not in found or "Columns" not in found:
        raise DataError("DICOM without a picture in it", "leave it out")
    return found


def _rescale(found: Dataset) -> tuple[float, float]:
    slope, rise = (_first(getattr(found, f"Rescale{name}", None)) for name in ("Slope", "Intercept"))
    return (1.0 if slope is None else slope), (0.0 if rise is None else rise)


def _full(found: Dataset, slope: float, rise: float) -> tuple[float, float]:
    """What its number of bits can say, rescaled."""
    bits, signed = int(getattr(found, "BitsStored", 8)), int(getattr(found, "PixelRepresentation", 0))
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    ends = sorted((least * slope + rise, most * slope + rise))
    return float(ends[0]), float(ends[1])


def _first(value: Any) -> float | None:
    try:
        return float(value if isinstance(value, int | float | str) else value[0])
    except (TypeError, ValueError, IndexError):
        return None
