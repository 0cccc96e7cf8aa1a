"""A recording as a whole is told by several layers, and the quiet around it does not count."""

import numpy as np
import pytest
import torch

import sounds
from headstart.bases import load_base
from headstart.bases.networks.cuts import cut, stages
from headstart.bases.networks.pooled import pooled
from headstart.preprocessing.sound import STEP

MARGIN = 6


def levels(frames=60, ends=40, seed=0):
    found = torch.randn(2, 80, frames, generator=torch.Generator().manual_seed(seed))
    found[1, :, ends:] = 0
    return found


@pytest.fixture(params=[sounds.write_base, sounds.write_whisper], ids=["ours", "whisper"])
def plain(request, tmp_path):
    base = load_base(request.param(tmp_path / "base"), "sound")
    return base.prepared(base.preprocess.within(MARGIN))


@torch.no_grad()
def test_it_is_the_mean_and_the_deviation_of_each_layer_inside_the_quiet(plain):
    base, network = pooled(plain), plain.network()
    found = base.network()(levels())
    names = base.architecture.args["layers"]
    assert names
    assert set(names) <= set(network.lower)
    assert found.shape == (2, base.card.width)
    assert base.card.width == 2 * (len(names) + 1) * plain.card.width
    last = network.states(levels(), torch.ones(2, 30, dtype=torch.bool))[0].numpy()
    inside = last[MARGIN // STEP : -MARGIN // STEP]
    expected = np.concatenate([inside.mean(0), np.sqrt(inside.var(0) + 1e-6)])
    np.testing.assert_allclose(found[0, -len(expected) :].numpy(), expected, atol=1e-4)


@torch.no_grad()
def test_a_recording_is_alone_what_it_is_in_a_batch(plain):
    network = pooled(plain).network()
    torch.testing.assert_close(network(levels())[1:], network(levels()[1:, :, :40]), atol=1e-4, rtol=1e-3)


@torch.no_grad()
def test_what_is_all_quiet_counts_as_it_is(plain):
    found = pooled(plain).network()(levels()[:, :, : 2 * MARGIN])
    assert found.isfinite().all()
    assert (found.abs().sum(1) > 0).all()


def test_it_is_cut_below_the_layers_that_it_reads(plain):
    base = pooled(plain)
    network = base.network()
    assert base.card.stages
    assert base.card.stages[-1] == f"base.{base.architecture.args['layers'][0]}"
    assert set(base.card.stages) <= set(stages(network, levels()))
    assert len(base.card.stage_flops) == len(base.card.stages)
    with torch.no_grad():
        for stage in base.card.stages:
            parts = cut(network, stage, levels())
            torch.testing.assert_close(parts.suffix(parts.prefix(levels())), network(levels()))


def test_it_can_be_trained_where_a_step_is_like_the_next(plain):
    network = pooled(plain).network()
    network(levels()[:, :, : 2 * MARGIN + STEP]).sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in network.parameters() if one.grad is not None)


def test_a_base_for_pictures_stays_as_it_is():
    base = load_base("builtin/glyphs")
    assert pooled(base) is base
