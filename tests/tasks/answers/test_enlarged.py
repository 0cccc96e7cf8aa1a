"""Classes at a picture's own size are those of outputs enlarged as a whole, whatever the bands."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from headstart.tasks.answers import enlarged
from headstart.tasks.answers.enlarged import largest

SIZES = [(16, 16), (40, 24), (7, 90), (1, 1), (33, 5), (129, 64)]


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("at_once", [1, 500, 2**22])
def test_as_if_all_was_enlarged_at_once(height, width, at_once, monkeypatch):
    monkeypatch.setattr(enlarged, "AT_ONCE", at_once)
    outputs = torch.randn(4, 16, 16, generator=torch.Generator().manual_seed(height))
    whole = functional.interpolate(outputs[None], (height, width), mode="bilinear", align_corners=False)[0]
    found = largest(outputs, height, width)
    assert (found.shape, found.dtype) == ((height, width), np.uint8)
    best = np.take_along_axis(whole.numpy(), found[None].astype(int), 0)[0]
    np.testing.assert_allclose(best, whole.max(0).values, atol=1e-5)
    assert (found == whole.argmax(0).numpy()).mean() > 0.99


def test_borders_are_smooth_and_not_blocks():
    outputs = torch.zeros(2, 4, 4)
    outputs[0], outputs[1] = torch.arange(4.0)[:, None] + torch.arange(4.0), 2.9
    border = largest(outputs, 64, 64)[8:48].argmin(1)
    assert len(set(border.tolist())) > 20, "the border of an enlarged mask would have four places"


def test_no_output_of_the_whole_picture_is_held(monkeypatch):
    sizes = []
    real = functional.interpolate

    def watched(band, size, **how):
        sizes.append(band.shape[1] * size[0] * size[1])
        return real(band, size, **how)

    monkeypatch.setattr(functional, "interpolate", watched)
    largest(torch.randn(3, 8, 8, dtype=torch.bfloat16), 3000, 2000)
    assert max(sizes) <= enlarged.AT_ONCE
    assert len(sizes) == 5
