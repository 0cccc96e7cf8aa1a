"""The dull baselines by hand, and as they ship."""

import copy

import numpy as np
import pytest
import torch

from headstart.bases import build
from headstart.tasks.baselines.base import Majority, Neighbours, RawPixels
from headstart.tasks.solvers import linear
from headstart.tasks.solvers.neighbours import nearest
from headstart.types import Examples

TARGETS = np.array([0, 0, 1, 0, 2, 1, 3])
TRAIN = np.arange(6)
"""Nothing of the fourth class."""


class Counted:
    """A bench of which only the labels are known."""

    def __init__(self, targets):
        names = tuple(f"{row}" for row in range(len(targets)))
        labels = ("a", "b", "c", "d")
        self.examples = Examples(names, (b"",) * len(targets), names, np.asarray(targets), labels)


def unasked():
    raise AssertionError("nobody asked for the other one")


def test_majority_says_the_share_of_each_class_whatever_the_input():
    model = Majority(Counted(TARGETS), TRAIN, unasked)
    expected = np.log(np.array([3 + 1, 2 + 1, 1 + 1, 0 + 1]) / (6 + 4))
    np.testing.assert_allclose(model.outputs(np.array([6, 0, 3])), np.tile(expected, (3, 1)))
    assert np.exp(expected).sum() == pytest.approx(1)
    assert model.accuracy == pytest.approx(0.4)


def test_majority_counts_training_rows_only():
    other = Majority(Counted([0, 0, 1, 0, 2, 1, 0]), TRAIN, unasked)
    np.testing.assert_array_equal(
        other.outputs(TRAIN), Majority(Counted(TARGETS), TRAIN, unasked).outputs(TRAIN)
    )


def test_majority_ships_on_a_backbone_that_it_does_not_listen_to(home):
    bench, rows = home.bench, home.splits.train
    model = Majority(bench, rows, lambda: RawPixels(bench, rows))
    beside, made = RawPixels(bench, rows).shippable(), model.shippable()
    assert (made.architecture, made.preprocess) == (beside.architecture, beside.preprocess)
    assert made.head.weight.shape == beside.head.weight.shape
    assert made.head.loo_accuracy == model.accuracy
    noise = np.random.default_rng(0).normal(size=(4, made.head.weight.shape[1])) * 1e6
    np.testing.assert_array_equal(made.head.outputs(noise), model.outputs(np.arange(4)))


def test_raw_pixels_are_a_head_on_shrunken_pictures(home):
    ground, rows = home.bench, home.splits.train
    model = RawPixels(ground, rows)
    batch = ground.subject(ground.base.preprocess.size).inputs.batch(ground.everything)
    made = model.shippable()
    with torch.no_grad():
        features = build(made.architecture)(batch).numpy()
        np.testing.assert_array_equal(made.backbone(batch).numpy(), features)
    expected = linear.solve(
        np.asarray(features[rows], dtype=np.float64),
        ground.examples.targets[rows],
        len(ground.examples.labels),
    )
    np.testing.assert_allclose(
        model.outputs(ground.everything), expected.outputs(features), rtol=1e-2, atol=1e-2
    )
    assert made.preprocess == ground.base.preprocess
    assert made.head is model.head


def test_neighbours_are_found_in_the_features_of_the_base_and_do_not_ship(home):
    bench, rows = home.bench, home.splits.train
    model = Neighbours(bench, rows)
    deep = np.asarray(bench.features(), dtype=np.float64)
    expected = nearest(deep, rows, bench.examples.targets, len(bench.examples.labels), home.splits.validation)
    np.testing.assert_array_equal(model.outputs(home.splits.validation), expected)
    assert not model.ships
    with pytest.raises(AssertionError):
        model.shippable()


@pytest.mark.parametrize("name", ["majority", "raw_pixels", "knn"])
def test_the_task_fits_each_by_its_name_and_reads_training_rows_only(home, name):
    bench, rows = home.bench, home.splits.train
    assert name in bench.task.baselines
    changed = copy.copy(bench)
    changed.examples = home.scrambled().splits.examples
    first, second = (bench.task.dull(name, one, rows) for one in (bench, changed))
    np.testing.assert_array_equal(first.outputs(home.splits.test), second.outputs(home.splits.test))
    assert first.ships == (name != "knn")
