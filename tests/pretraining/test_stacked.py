"""Views lie under each other: all examples of the first, then all of the second, and so on."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch

from headstart.pretraining._stacked import Stacked


class Numbers:
    """In the place of a live feed: row r in epoch e, step s is r + 100 e + 10 s + its own number."""

    def __init__(self, own):
        self.own = own
        self.inputs = SimpleNamespace(encoded=lambda rows: rows.astype(float)[:, None])

    def fetch(self, rows, epoch, step):
        return (rows + 100 * epoch + 10 * step + self.own).astype(float)[:, None]

    def tensor(self, fetched):
        return torch.from_numpy(fetched) * 2


def test_every_feed_under_every_change():
    stacked = Stacked([Numbers(0.0), Numbers(0.5)], [lambda view: view, lambda view: -view])
    rows = np.array([3, 1])
    fetched = stacked.fetch(rows, 2, 4)
    assert fetched[:, 0].tolist() == [243, 241, -243, -241, 243.5, 241.5, -243.5, -241.5]
    assert stacked.tensor(fetched)[:, 0].tolist() == [2 * value for value in fetched[:, 0]]


def test_without_augmentation_the_stack_is_as_high():
    stacked = Stacked([Numbers(0.0), Numbers(0.5)], [lambda view: view])
    assert stacked.still(np.array([3, 1]))[:, 0].tolist() == [6, 2, 6, 2]
