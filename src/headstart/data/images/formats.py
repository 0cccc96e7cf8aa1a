"""Formats of pictures that are not read here, or only with an extra: what to do instead.

A file that is named like one of these is a picture to a person, and `not an image` would be no answer.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

HEIC = (".heic", ".heif", ".hif")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_CONVERT = "convert it to PNG"
_RAW = "a camera's raw file: export it as PNG or JPEG from the camera's or any photo program"
_ARRAY = "numbers without a picture format: save each picture as PNG or TIFF (16 bits and floats are read)"
_VOLUME = "a volume, not a picture: save the slices that matter as PNG or TIFF (16 bits and floats are read)"
_SCOPE = "a microscope's own format: export its pictures as TIFF (Fiji, bfconvert)"
_KNOWN = {
    ".svg": f"SVG holds drawing instructions, no pixels: {_CONVERT}",
    ".svgz": f"SVG holds drawing instructions, no pixels: {_CONVERT}",
    ".eps": f"EPS is a program that draws: {_CONVERT}",
    ".ai": f"Illustrator's own format: {_CONVERT}",
    ".pdf": "a document: convert its pages to PNG",
    ".jxl": f"JPEG XL is not read: {_CONVERT}",
    ".xcf": f"GIMP's own format: {_CONVERT}",
    ".kra": f"Krita's own format: {_CONVERT}",
    ".exr": f"OpenEXR is not read: {_CONVERT}, or to a TIFF of 32-bit floats",
    ".hdr": f"Radiance HDR is not read: {_CONVERT}, or to a TIFF of 32-bit floats",
    **dict.fromkeys((".npy", ".npz", ".mat", ".h5", ".hdf5", ".zarr", ".pt", ".pkl"), _ARRAY),
    **dict.fromkeys((".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".mgz", ".mrc"), _VOLUME),
    **dict.fromkeys(
        (".czi", ".lif", ".nd2", ".oib", ".oif", ".lsm", ".vsi", ".ndpi", ".svs", ".mrxs"), _SCOPE
    ),
    **dict.fromkeys((".raw", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2"), _RAW),
    **dict.fromkeys((".orf", ".rw2", ".raf", ".pef", ".dng", ".x3f", ".3fr", ".iiq"), _RAW),
}
_OFTEN_OTHERS = (".h5", ".hdf5", ".zarr", ".pt", ".pkl", ".pdf", ".raw", ".ai", ".hdr")
_PICTURES = tuple(name for name in _KNOWN if name not in _OFTEN_OTHERS)
"""Those that hold pictures, and hardly ever anything else."""


def is_heic(prefix: bytes) -> bool:
    """Do the first bytes say HEIC or HEIF?"""
    return prefix[4:8] == b"ftyp" and prefix[8:12] in _HEIC_BRANDS


def heic_reason() -> str | None:
    """Why HEIC cannot be read here; None where it can."""
    return None if find_spec("pillow_heif") else "HEIC needs pip install 'headstart[heic]'"


def advice(path: Path) -> str | None:
    """What to do with a file of this name; None where the name says nothing."""
    return _KNOWN.get(_ending(path))


def raw_reason(path: Path) -> str | None:
    """Why a camera's raw file is not read, though the small preview in it could be; None for any other."""
    return _RAW if advice(path) == _RAW else None


def is_known_picture(path: Path) -> bool:
    """Is it named like a picture in a format that is not read here?"""
    return _ending(path) in _PICTURES


def _ending(path: Path) -> str:
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()
