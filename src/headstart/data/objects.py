"""Inputs that a program hands over as Python objects: arrays, pictures in memory, bytes, data frames."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image

from ..errors import DataError
from .images.held import HINT
from .tables.frames import adopted, is_data
from .tables.records import is_table


def several_of(inputs: object) -> tuple[object, ...]:
    """One input, or each of several: a text, a path, bytes, a picture and a table of any kind are one.

    Raises:
        DataError: it is nothing to predict.
    """
    if is_data(inputs):
        return (adopted(inputs),)
    if isinstance(inputs, str | bytes | Image.Image) or hasattr(inputs, "__fspath__") or is_table(inputs):
        return (inputs,)
    if isinstance(inputs, np.ndarray) and inputs.ndim in (2, 3) and inputs.dtype != object:
        return (inputs,)
    if not isinstance(inputs, Iterable):
        raise DataError(f"expected something to predict, got {type(inputs).__name__}", HINT)
    return tuple(inputs)
