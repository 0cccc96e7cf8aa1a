"""A base that tells what it makes of every step, whatever padded the recording."""

import pytest
import torch

import sounds
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.networks.cuts import cut, stages
from headstart.bases.networks.maps import maps_of
from headstart.bases.networks.states import stepwise
from headstart.errors import BaseError


def levels(frames=60, ends=40, seed=0):
    found = torch.randn(2, 80, frames, generator=torch.Generator().manual_seed(seed))
    found[1, :, ends:] = 0
    return found


@pytest.mark.parametrize("write", [sounds.write_base, sounds.write_whisper])
def test_there_is_a_row_for_every_step_and_none_after_the_end(write, tmp_path):
    plain = load_base(write(tmp_path / "base"), "sound")
    network = stepwise(plain).network()
    with torch.no_grad():
        both = network(levels())
        alone = network(levels()[1:, :, :40])
        pooled = plain.network()(levels())
    assert both.shape == (2, 30, plain.card.width)
    assert (both[1, 20:] == 0).all()
    torch.testing.assert_close(both[1, :20], alone[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(both[0].mean(0), pooled[0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("write", [sounds.write_base, sounds.write_whisper])
def test_it_is_cut_where_the_base_is(write, tmp_path):
    base = stepwise(load_base(write(tmp_path / "base"), "sound"))
    network = base.network()
    assert base.card.stages
    assert set(base.card.stages) <= set(stages(network, levels())) | {FEATURES}
    with torch.no_grad():
        for stage in base.card.stages:
            parts = cut(network, stage, levels())
            torch.testing.assert_close(parts.suffix(parts.prefix(levels())), network(levels()))


@pytest.mark.parametrize("kind", sounds.WAVES)
def test_of_what_learned_from_sound_alone_layers_stand_side_by_side(kind, tmp_path):
    plain = load_base(sounds.write_wave(tmp_path / "base", kind), "sound")
    base = stepwise(plain)
    network, samples = base.network(), torch.randn(2, 160, 20, generator=torch.Generator().manual_seed(0))
    samples[1, :, 12:] = 0
    lower = base.architecture.args["layers"]
    assert lower == [name for name in plain.network().lower if name in plain.card.stages]
    assert base.card.width == (len(lower) + 1) * plain.card.width
    with torch.no_grad():
        found = network(samples)
        assert found.shape == (2, 10, base.card.width)
        assert (found[1, 6:] == 0).all()
        torch.testing.assert_close(
            found[0, :, -24:].mean(0), plain.network()(samples)[0], atol=1e-4, rtol=1e-3
        )
        for stage in base.card.stages:
            parts = cut(network, stage, samples)
            torch.testing.assert_close(parts.suffix(parts.prefix(samples)), network(samples))
    assert maps_of(network).layers == len(lower) + 1


def test_a_base_for_pictures_has_no_steps(tmp_path):
    base = load_base("builtin/glyphs")
    with pytest.raises(BaseError, match="does not say when"):
        stepwise(base)
