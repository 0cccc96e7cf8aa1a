"""Means and deviations of each band, of what is there."""

import torch

from headstart.bases.networks.band_levels import BandLevels


def test_they_are_those_of_the_frames_that_are_there():
    levels = torch.randn(2, 8, 20, generator=torch.Generator().manual_seed(0))
    levels[1, :, 12:] = 0
    found = BandLevels()(levels)
    assert found.shape == (2, 16)
    torch.testing.assert_close(
        BandLevels()(levels[:1, :, torch.randperm(20)]), found[:1], atol=1e-5, rtol=1e-4
    )
    torch.testing.assert_close(found[1, :8], levels[1, :, :12].mean(1))
    torch.testing.assert_close(found[1, 8:], levels[1, :, :12].std(1, correction=0), atol=1e-5, rtol=1e-4)
