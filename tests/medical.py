"""Tiny DICOM files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np


def dicom(numbers: np.ndarray, mono: str = "MONOCHROME2", **tags: Any) -> bytes:
    """The bytes of a DICOM file of (frames, h, w) 12-bit numbers, which lie 1024 above what they mean."""
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    found = Dataset()
    frames, found.Rows, found.Columns = numbers.shape
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 12, 11, 0
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, mono
    found.RescaleSlope, found.RescaleIntercept = "1", "-1024"
    found.SOPClassUID, found.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    if frames > 1:
        found.NumberOfFrames = frames
    for name, value in tags.items():
        setattr(found, name, value)
    found.PixelData = numbers.astype("<u2").tobytes()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, found, enforce_file_format=True)
    return stream.getvalue()
