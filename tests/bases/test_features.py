"""The frozen pass gives what the network gives, once, and keeps apart what could differ."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from headstart.bases import _features
from headstart.bases._features import Subject, frozen_pass
from headstart.bases.base import FEATURES
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.types import Preprocess

N = 21
ROWS = np.arange(N)


class Counting(nn.Module):
    """A small network that counts the examples that it saw."""

    def __init__(self, scale=1.0):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
            self.body = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(4, 5, 3))
        self.act = nn.ReLU(inplace=True)
        self.scale, self.seen = scale, 0

    def forward(self, images):
        self.seen += len(images)
        return self.act(self.body(self.stem(images * self.scale))).mean((2, 3))


@dataclass
class Pictures:
    """Noise as inputs; a view is the picture with noise of its generator."""

    pixels: torch.Tensor

    def batch(self, indices, view=None):
        plain = self.pixels[torch.from_numpy(indices)]
        return plain if view is None else plain + torch.rand(plain.shape, generator=view)


@pytest.fixture
def subject():
    pixels = torch.randn(N, 3, 9, 9, generator=torch.Generator().manual_seed(1))
    preprocess = Preprocess(9, (0, 0, 0), (1, 1, 1))
    return Subject(Pictures(pixels), tuple(f"digest{row}" for row in range(N)), preprocess)


@pytest.fixture
def run(subject, tmp_path):
    """`run(network, boundaries, …)`: the pass of a network over the subject, in a cache of the test's."""
    cache = Cache(tmp_path / "passes")

    def go(network, boundaries=(FEATURES,), rows=ROWS, view=None, identity="w", subject=subject):
        return frozen_pass(network, identity, subject, rows, boundaries, view, cache, Runtime())

    return go


@pytest.fixture
def direct(subject):
    """What the network itself gives in eval mode: activations of the stem, and features."""

    def go(network, pixels=None):
        network = network.eval()
        with torch.no_grad():
            stem = network.stem((subject.inputs.pixels if pixels is None else pixels) * network.scale)
            return stem.numpy(), network.act(network.body(stem)).mean((2, 3)).numpy()

    return go


def test_it_gives_the_networks_own_outputs_in_eval_mode(run, direct):
    network = Counting().train()
    found = run(network, ["stem", FEATURES])
    stem, features = direct(Counting())
    assert list(found) == ["stem", FEATURES]
    np.testing.assert_allclose(found[FEATURES], features, atol=1e-6)
    np.testing.assert_allclose(found["stem"], stem, atol=2e-3)
    assert (found["stem"].dtype, found[FEATURES].dtype) == (np.float16, np.float32)
    assert network.stem[1].num_batches_tracked == 0


def test_what_works_in_place_above_does_not_change_what_is_kept(run):
    before = run(Counting(), ["body"])["body"]
    assert before.min() < 0, "the activation is that before the ReLU in place"


def test_rows_come_in_the_order_that_is_asked_for(run, direct):
    rows = np.array([7, 2, 19])
    np.testing.assert_allclose(run(Counting(), rows=rows)[FEATURES], direct(Counting())[1][rows], atol=1e-6)


def test_the_second_time_nothing_is_run_but_the_probe(run):
    network = Counting()
    first = run(network, ["stem", FEATURES])
    assert network.seen == N + 2
    second = run(network, ["stem", FEATURES])
    one = run(network, [FEATURES])
    assert network.seen == N + 2 + 2 + 2
    assert all((first[name] == second[name]).all() for name in first)
    assert (one[FEATURES] == first[FEATURES]).all()


def test_whatever_can_change_a_value_is_another_entry(run, subject):
    network = Counting()
    other = replace(subject, digests=("changed", *subject.digests[1:]))
    sharper = replace(subject, preprocess=replace(subject.preprocess, std=(2.0, 1.0, 1.0)))
    asked = [
        {},
        {"identity": "other weights"},
        {"boundaries": ["stem"]},
        {"view": 1},
        {"view": 2},
        {"rows": ROWS[::-1].copy()},
        {"rows": ROWS[:-1]},
        {"subject": other},
        {"subject": sharper},
    ]
    for change in asked:
        before = network.seen
        run(network, **change)
        assert network.seen - before >= N - 1, change
    for change in asked:
        before = network.seen
        run(network, **change)
        assert network.seen - before == 2, change


def test_another_version_of_the_pass_believes_no_old_entry(run, monkeypatch):
    network = Counting()
    run(network)
    monkeypatch.setattr(_features, "VERSION", _features.VERSION + 1)
    run(network)
    assert network.seen == 2 * (N + 2)


def test_how_the_examples_are_batched_changes_nothing(run, direct, monkeypatch):
    expected = direct(Counting())[1]
    for batch in (1, 5, N, 100):
        monkeypatch.setattr(_features, "BATCH", batch)
        np.testing.assert_allclose(run(Counting(), identity=str(batch))[FEATURES], expected, atol=1e-6)


def test_a_view_repeats_by_its_seed_and_differs_from_the_plain_one(run, tmp_path, subject):
    network = Counting()
    first = run(network, view=3)[FEATURES]
    elsewhere = Cache(tmp_path / "elsewhere")
    again = frozen_pass(network, "w", subject, ROWS, [FEATURES], 3, elsewhere, Runtime())[FEATURES]
    assert (first == again).all()
    for other in (run(network, view=4), run(network)):
        assert (first != other[FEATURES]).any(axis=1).all()
    moved = first - run(network)[FEATURES]
    assert len(np.unique(moved.round(5), axis=0)) == N, "every example has a view of its own"


def test_activations_too_large_for_float16_are_kept_as_float32(run, direct):
    network = Counting(scale=1e6)
    found = run(network, ["stem", FEATURES])
    assert found["stem"].dtype == np.float32
    np.testing.assert_allclose(found["stem"], direct(network)[0], rtol=1e-5)
    assert np.isfinite(found["stem"]).all()


def test_a_spike_that_the_probe_did_not_see_stays_finite(run, subject, direct):
    spiky = subject.inputs.pixels.clone()
    spiky[5] *= 1e7
    found = run(Counting(), ["stem", FEATURES], subject=replace(subject, inputs=Pictures(spiky)))
    assert found["stem"].dtype == np.float16
    assert np.isfinite(found["stem"]).all()
    assert found["stem"][5].max() == pytest.approx(_features.FLOAT16_MAX, rel=1e-3)
    np.testing.assert_allclose(found[FEATURES], direct(Counting(), spiky)[1], rtol=1e-5)


def test_a_pass_that_is_killed_leaves_nothing_that_is_believed(run, subject, direct):
    class Stopping(Pictures):
        def batch(self, indices, view=None):
            if 20 in indices:
                raise KeyboardInterrupt
            return super().batch(indices, view)

    stopping = replace(subject, inputs=Stopping(subject.inputs.pixels))
    with pytest.raises(KeyboardInterrupt):
        run(Counting(), subject=stopping)
    np.testing.assert_allclose(run(Counting())[FEATURES], direct(Counting())[1], atol=1e-6)


def test_no_hook_stays_behind(run):
    network = Counting()
    run(network, ["stem", "body", FEATURES])
    assert not any(module._forward_hooks for module in network.modules())


def test_no_examples_are_refused(run):
    with pytest.raises(ValueError, match="at least one example"):
        run(Counting(), rows=ROWS[:0])
