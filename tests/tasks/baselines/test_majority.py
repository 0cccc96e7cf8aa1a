"""The share of each class, by hand, and as it ships."""

import numpy as np
import pytest

from headstart.targets import of_classes
from headstart.tasks.baselines.majority import plugin
from headstart.tasks.baselines.raw_pixels import plugin as raw_pixels
from headstart.types import Examples

TARGETS = np.array([0, 0, 1, 0, 2, 1, 3])
TRAIN = np.arange(6)
"""Nothing of the fourth class."""


class Counted:
    """A bench of which only the labels are known."""

    def __init__(self, numbers):
        names = tuple(f"{row}" for row in range(len(numbers)))
        targets = of_classes(np.asarray(numbers), ("a", "b", "c", "d"))
        self.examples = Examples(names, (b"",) * len(numbers), names, targets)


def test_majority_says_the_share_of_each_class_whatever_the_input():
    model = plugin.fit(Counted(TARGETS), TRAIN)
    expected = np.log(np.array([3 + 1, 2 + 1, 1 + 1, 0 + 1]) / (6 + 4))
    np.testing.assert_allclose(model.outputs(np.array([6, 0, 3])), np.tile(expected, (3, 1)))
    assert np.exp(expected).sum() == pytest.approx(1)
    assert model.left_out == pytest.approx(0.4)
    assert plugin.deaf


def test_majority_counts_training_rows_only():
    other = plugin.fit(Counted([0, 0, 1, 0, 2, 1, 0]), TRAIN)
    np.testing.assert_array_equal(other.outputs(TRAIN), plugin.fit(Counted(TARGETS), TRAIN).outputs(TRAIN))


def test_majority_ships_on_a_backbone_that_it_does_not_listen_to(home):
    bench, rows = home.bench, home.splits.train
    model = plugin.fit(bench, rows)
    beside, made = raw_pixels.fit(bench, rows).shippable(), model.shippable()
    assert (made.architecture, made.preprocess) == (beside.architecture, beside.preprocess)
    assert made.head.weight.shape == beside.head.weight.shape
    assert made.head.left_out == model.left_out
    noise = np.random.default_rng(0).normal(size=(4, made.head.weight.shape[1])) * 1e6
    np.testing.assert_array_equal(made.head.outputs(noise), model.outputs(np.arange(4)))
