"""Encoded pictures, rows and splits made up for the tests of the data stage."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from headstart.targets import of_classes
from headstart.types import Examples, Splits


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    """`encoded(pixels, "PNG", mode=None, **save)` gives the bytes of an image file."""

    def encode(pixels: object, kind: str = "PNG", mode: str | None = None, **save: object) -> bytes:
        image = Image.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels
        stream = io.BytesIO()
        (image if mode is None else image.convert(mode)).save(stream, kind, **save)
        return stream.getvalue()

    return encode


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """`noise(seed, height, width)` gives (height, width, 3) random pixels."""
    return lambda seed=0, height=24, width=32: np.random.default_rng(seed).integers(
        0, 256, (height, width, 3), dtype=np.uint8
    )


@pytest.fixture
def splits_of() -> Callable[..., Splits]:
    """`splits_of(targets, train, validation, test)` gives splits of examples that have no bytes."""

    def make(
        targets: Sequence[int],
        train: Sequence[int],
        validation: Sequence[int],
        test: Sequence[int],
        groups: Sequence[str] | None = None,
        brought: bool = False,
    ) -> Splits:
        n = len(targets)
        examples = Examples(
            tuple(f"{i}.png" for i in range(n)),
            (b"",) * n,
            tuple(f"{i:064x}" for i in range(n)),
            of_classes(np.array(targets, dtype=np.int64), [f"class {k}" for k in range(max(targets) + 1)]),
            None if groups is None else tuple(groups),
        )
        parts = [np.array(part, dtype=np.int64) for part in (train, validation, test)]
        return Splits(examples, *parts, (), (), "", brought)

    return make
