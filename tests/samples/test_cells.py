"""A mask says what each pixel is."""

from __future__ import annotations

import numpy as np

from headstart.samples import cells


def test_nuclei_are_darker_than_bodies_and_these_than_the_ground():
    image, mask = cells.slide(np.random.default_rng(0))
    pixels, classes = np.asarray(image, float).mean(2), np.asarray(mask)
    assert sorted(np.unique(classes)) == [0, 1, 2]
    ground, body, nucleus = (pixels[classes == value].mean() for value in range(3))
    assert nucleus < body - 20 < ground - 40
