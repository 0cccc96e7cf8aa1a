"""Batches from the cache take turns through the views; live ones are drawn from seed, epoch and step."""

import numpy as np
import torch

from headstart.adapt._feed import CachedFeed, LiveFeed


def values(kind, rows, shape=(2, 3, 3)):
    """Activations that say which view and row they are: 100 * view + row."""
    return np.stack([np.full(shape, 100 * kind + row, dtype=np.float16) for row in rows])


def feed(views, seed=0, pool=(4, 1, 3)):
    every = [values(1 + number, pool) for number in range(views)]
    return CachedFeed(values(0, range(6)), every, np.array(pool), seed, "cpu")


def first(batch):
    return batch[:, 0, 0, 0].tolist()


def test_views_take_turns_and_start_at_the_seed():
    rows = np.array([3, 4])
    assert [first(feed(3).moving(rows, epoch, 9)) for epoch in range(4)] == [
        [103.0, 104.0],
        [203.0, 204.0],
        [303.0, 304.0],
        [103.0, 104.0],
    ]
    assert first(feed(3, seed=2).moving(rows, 0, 0)) == [303.0, 304.0]


def test_without_views_training_sees_the_plain_one():
    rows = np.array([1, 4, 1])
    assert first(feed(0).moving(rows, 5, 0)) == [1.0, 4.0, 1.0]
    assert first(feed(2).still(rows)) == [1.0, 4.0, 1.0]


def test_batches_are_float32_and_lie_as_convolutions_like_them():
    batch = feed(1).moving(np.array([4, 3, 1]), 0, 0)
    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)
    flat = CachedFeed(np.ones((2, 5), dtype=np.float16), [], np.arange(2), 0, "cpu").still(np.arange(2))
    assert (flat.dtype, flat.shape) == (torch.float32, (2, 5))


def test_a_batch_is_a_copy(tmp_path):
    plain = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (3, 2))
    batch = CachedFeed(plain, [], np.arange(3), 0, "cpu").still(np.arange(3))
    batch += 1
    assert (plain == 0).all()


def test_live_batches_repeat_by_seed_epoch_and_step(home):
    inputs, rows = home.bench.subject(32).inputs, np.arange(4)

    def drawn(seed, epoch, step):
        return LiveFeed(inputs, seed, "cpu").moving(rows, epoch, step)

    assert torch.equal(drawn(1, 2, 3), drawn(1, 2, 3))
    for other in ((0, 2, 3), (1, 0, 3), (1, 2, 0), (1, 3, 2)):
        assert not torch.equal(drawn(1, 2, 3), drawn(*other)), other
    assert torch.equal(LiveFeed(inputs, 1, "cpu").still(rows), inputs.batch(rows))
    assert not torch.equal(drawn(1, 2, 3), inputs.batch(rows))
