"""Batches from the cache take turns through the views; live ones are drawn from seed, epoch and step."""

import numpy as np
import pytest
import torch

from headstart.adaptation.training.feed import CachedFeed, JoinedFeed, LiveFeed, PrefixFeed, trimmed
from headstart.bases.networks.cuts import cut
from headstart.cache import Cache, key_of


@pytest.fixture
def feed(tmp_path):
    """`feed(views, seed, pool)`: activations that say which view and row they are: 100 * view + row."""
    cache = Cache(tmp_path)

    def stored(kind, rows):
        entry = cache.rows(key_of(kind=kind), (6, 2, 3, 3), "float16")
        entry.write(
            np.array(rows), np.stack([np.full((2, 3, 3), 100 * kind + row, np.float16) for row in rows])
        )
        return entry

    def go(views, seed=0, pool=(1, 3, 4)):
        every = [stored(1 + number, pool) for number in range(views)]
        return CachedFeed(stored(0, range(6)), dict(enumerate(every, 100)), seed, "cpu")

    return go


def moving(feed, rows, epoch, step):
    return feed.tensor(feed.fetch(np.array(rows), epoch, step))


def first(batch):
    return batch[:, 0, 0, 0].tolist()


def test_views_take_turns_and_start_at_the_seed(feed):
    assert [first(moving(feed(3), [3, 4], epoch, 9)) for epoch in range(4)] == [
        [103.0, 104.0],
        [203.0, 204.0],
        [303.0, 304.0],
        [103.0, 104.0],
    ]
    assert first(moving(feed(3, seed=2), [3, 4], 0, 0)) == [303.0, 304.0]


def test_without_views_training_sees_the_plain_one(feed):
    rows = [1, 4, 1]
    assert first(moving(feed(0), rows, 5, 0)) == [1.0, 4.0, 1.0]
    assert first(feed(2).still(np.array(rows))) == [1.0, 4.0, 1.0]


def test_batches_are_float32_and_lie_as_convolutions_like_them(feed):
    batch = moving(feed(1), [4, 3, 1], 0, 0)
    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)
    flat = feed(0).tensor(np.ones((2, 5), dtype=np.float16))
    assert (flat.dtype, flat.shape) == (torch.float32, (2, 5))


def test_a_batch_is_a_copy(feed):
    batch = feed(0).still(np.arange(3))
    batch += 1
    assert first(feed(0).still(np.arange(3))) == [0.0, 1.0, 2.0]


def test_live_batches_repeat_by_seed_epoch_and_step(home):
    inputs, rows = home.bench.subject(32).inputs, np.arange(4)

    def drawn(seed, epoch, step):
        return moving(LiveFeed(inputs, seed, "cpu"), rows, epoch, step)

    assert torch.equal(drawn(1, 2, 3), drawn(1, 2, 3))
    for other in ((0, 2, 3), (1, 0, 3), (1, 2, 0), (1, 3, 2)):
        assert not torch.equal(drawn(1, 2, 3), drawn(*other)), other
    assert torch.equal(LiveFeed(inputs, 1, "cpu").still(rows), inputs.batch(rows))
    assert not torch.equal(drawn(1, 2, 3), inputs.batch(rows))


def test_a_prefix_gives_the_activations_of_the_live_inputs_without_a_graph(home):
    bench = home.bench
    inputs, rows, stage = bench.subject(32).inputs, np.arange(4), bench.base.card.stages[0]
    parts = cut(bench.base.network(), stage, inputs.batch(rows[:1]))
    live = LiveFeed(inputs, 1, "cpu")
    feed = PrefixFeed(live, parts.prefix)
    with torch.no_grad():
        expected = parts.prefix(moving(live, rows, 2, 3))
        plain = parts.prefix(inputs.batch(rows))
    found = moving(feed, rows, 2, 3)
    assert torch.equal(found, expected)
    assert torch.equal(feed.still(rows), plain)
    assert not found.requires_grad


def test_a_batch_of_texts_is_as_long_as_its_longest():
    activations = np.zeros((3, 8, 2), np.float16)
    activations[0, :5], activations[1, :2], activations[2, 3, 1] = 1, 2, -1
    assert trimmed(activations).shape == (3, 5, 2)
    assert (trimmed(activations) == activations[:, :5]).all()
    assert trimmed(activations[1:2]).shape == (1, 2, 2)
    assert trimmed(np.zeros((2, 4, 3))).shape == (2, 1, 3), "something is left of texts of nothing"
    pictures = np.zeros((2, 3, 4, 4))
    assert trimmed(pictures) is pictures


def test_a_cached_feed_names_the_view_that_it_gives(feed):
    for seed in (0, 2):
        one = feed(3, seed)
        for epoch in range(4):
            view = one.view(epoch, 5)
            assert first(moving(one, [3, 4], epoch, 5)) == [100.0 * (view - 99) + 3, 100.0 * (view - 99) + 4]
            assert one.view(epoch, 6) == view, "all steps of an epoch see the same"
    assert feed(0).view(3, 1) is None


def test_a_live_feed_names_the_view_that_it_gives(home):
    inputs, rows = home.bench.subject(32).inputs, np.arange(4)
    live = LiveFeed(inputs, 1, "cpu")
    assert torch.equal(moving(live, rows, 2, 3), inputs.batch(rows, live.view(2, 3)))
    assert len({live.view(epoch, step) for epoch in range(3) for step in range(3)}) == 9
    prefix = PrefixFeed(live, torch.nn.Identity())
    joined = JoinedFeed(None, live, None)
    assert prefix.view(2, 3) == joined.view(2, 3) == live.view(2, 3)
