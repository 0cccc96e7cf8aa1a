"""The dull backbone knows the mean colour of each cell, and nothing else."""

import torch

from headstart.bases.networks.pixels import Pixels


def test_each_cell_is_a_mean_colour():
    images = torch.zeros(1, 3, 4, 4)
    images[0, 0, :2, :2] = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    features = Pixels(2)(images)
    assert features.tolist() == [[1.5] + [0.0] * 11]
    assert not list(Pixels().parameters())
