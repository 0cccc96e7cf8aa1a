"""Pairs of a batch: the loss by hand, and batches in which every class meets itself."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from headstart.adaptation._pairs import SIZE, Pairs, shown, steps_of


def test_the_loss_by_hand():
    features = torch.tensor([[2.0, 0.0], [3.0, 4.0], [0.0, 5.0]])
    pairs = Pairs(np.array([7, 7, 0, 0]))
    # cosines: 0.6 of the same label; 0 and 0.8 of others
    expected = 0.5 * (0.6 - 1) ** 2 + 0.5 * (0.0**2 + 0.8**2) / 2
    assert float(pairs.loss(features, np.array([0, 1, 2]))) == pytest.approx(expected)
    assert pairs.validation(features, np.array([0, 1, 2])) == pytest.approx(expected)


def test_a_row_with_itself_is_no_pair():
    pairs, unit = Pairs(np.array([0, 1])), torch.eye(2)
    assert float(pairs.loss(unit[[0, 0, 1]], np.array([0, 0, 1]))) == 0.0


@pytest.mark.parametrize("targets", [[0, 1, 2], [0, 0, 0], [0]])
def test_one_kind_of_pairs_or_none_is_enough(targets):
    features = torch.randn(len(targets), 4, requires_grad=True)
    loss = Pairs(np.array(targets)).loss(features, np.arange(len(targets)))
    loss.backward()
    assert loss.isfinite()
    assert features.grad.isfinite().all()


@pytest.mark.parametrize(("n", "steps"), [(3, 12), (16, 12), (48, 21), (128, 34), (400, 60), (100_000, 60)])
def test_steps_are_bounded(n, steps):
    assert steps_of(n) == steps
    assert shown(n) <= steps * SIZE


def batches(targets, seed=0, epoch=0, train=None):
    rows = np.arange(len(targets)) if train is None else train
    return Pairs(np.asarray(targets)).batches(SimpleNamespace(train=rows, seed=seed), epoch)


def test_few_rows_are_all_there_at_each_step():
    found = batches([0, 1] * 20, train=np.arange(3, 33))
    assert len(found) == steps_of(30)
    assert all((rows == np.arange(3, 33)).all() for rows in found)


@pytest.mark.parametrize(
    ("counts", "classes", "each"),
    [([100, 100], 2, 32), ([50] * 10, 10, 6), ([8] * 77, 32, 2), ([3, 90], 2, 0)],
)
def test_many_rows_are_drawn_class_by_class(counts, classes, each):
    targets = np.repeat(np.arange(len(counts)), counts)
    found = batches(targets)
    assert len(found) == steps_of(len(targets))
    for rows in found:
        assert len(rows) <= SIZE
        assert len(set(rows.tolist())) == len(rows)
        there = Counter(targets[rows].tolist())
        assert len(there) <= classes
        # the same class may come last and first, where it is shuffled anew
        assert not each or max(there.values()) <= (each if len(counts) == classes else 2 * each)
    assert set(np.concatenate(found).tolist()) == set(range(len(targets))) or len(counts) > 10


def test_a_class_of_one_row_is_drawn_too():
    targets = np.array([0] * 80 + [1])
    assert all(80 in rows for rows in batches(targets))


def test_batches_are_drawn_from_seed_and_epoch():
    targets = np.repeat(np.arange(4), 50)
    first = batches(targets)
    assert all((one == other).all() for one, other in zip(first, batches(targets), strict=True))
    for other in (batches(targets, seed=1), batches(targets, epoch=1)):
        assert any(len(a) != len(b) or (a != b).any() for a, b in zip(first, other, strict=True))
