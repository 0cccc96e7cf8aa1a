"""The network computes what transformers' models compute, whatever else is in the batch."""

import numpy as np
import pytest
import torch
import transformers
from torch import nn

import sounds
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.networks import cuts
from headstart.bases.networks.taps import activations
from headstart.bases.networks.wave import SAMPLES, receptive
from headstart.bases.passes.onnx import Session
from headstart.data.sound.store import MelStore

SECONDS = (0.31, 0.1, 0.2)


@pytest.fixture(scope="module", params=sounds.WAVES)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def folder(kind, tmp_path_factory):
    return sounds.write_wave(tmp_path_factory.mktemp("wave"), kind, normalised="stable" in kind)


@pytest.fixture(scope="module")
def base(folder):
    return load_base(folder, "sound")


@pytest.fixture(scope="module")
def batch(base):
    """(3, HOP, T) samples of recordings of SECONDS."""
    draws = np.random.default_rng(0)
    clips = [sounds.tone(300, seconds, to=900) for seconds in SECONDS]
    noisy = [sounds.wav(clip + draws.normal(0, 0.05, len(clip))) for clip in clips]
    return MelStore(noisy, base.preprocess).batch(np.arange(3))


@torch.no_grad()
def test_it_computes_what_transformers_computes(base, folder, batch):
    library = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    network = base.network()
    for row in batch:
        steps = int((row[:, ::2] != 0).any(0).sum())
        alone = row[None, :, : 2 * steps]
        samples = torch.nn.functional.pad(alone.transpose(1, 2).flatten(1), (0, 80))
        expected = library(samples).last_hidden_state
        assert expected.shape == (1, steps, 24)
        found = network.states(alone, torch.ones(1, steps, dtype=torch.bool))
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(network(alone), expected.mean(1), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_recording_is_alone_what_it_is_in_a_batch(base, batch):
    network, boundaries = base.network(), [*base.card.stages, FEATURES]
    assert boundaries[-2].startswith("layers.")
    together = activations(network, batch, boundaries)
    for row, steps in enumerate((16, 5, 10)):
        alone = activations(network, batch[row : row + 1, :, : 2 * steps], boundaries)
        for found, expected in zip(together, alone, strict=True):
            part = found[row : row + 1]
            if part.ndim == 3:
                assert (part[:, steps:] == 0).all()
                part = part[:, :steps]
            torch.testing.assert_close(part, expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_both_parts_of_a_cut_are_the_network_for_any_length(base, batch):
    network = base.network()
    for stage in base.card.stages:
        parts = cuts.cut(network, stage, batch[:1, :, :14])
        torch.testing.assert_close(parts.suffix(parts.prefix(batch)), network(batch), atol=1e-6, rtol=1e-5)
        assert not {name for name in parts.suffix_parameters() if name.startswith("stem.")}


def test_it_runs_elsewhere_at_any_length(base, batch):
    boundaries = [*base.card.stages, FEATURES]
    network = base.network()
    session = Session(network, nn.Identity(), boundaries, batch.numpy())
    for part in (batch, batch[1:2, :, :10], batch[:2]):
        with torch.no_grad():
            expected = activations(network, part, boundaries)
        for found, right in zip(session(part.numpy()), expected, strict=True):
            np.testing.assert_allclose(found, right.numpy(), atol=1e-4)


@torch.no_grad()
def test_in_half_precision_it_is_nearly_the_same(base, batch):
    network = base.network()
    with torch.autocast("cpu", torch.bfloat16):
        found = network(batch)
    assert found.isfinite().all()
    torch.testing.assert_close(found.float(), network(batch), atol=0.15, rtol=0.1)


def test_a_step_is_what_the_convolutions_take():
    kernels, strides = [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]
    assert np.prod(strides) == SAMPLES == 320
    assert receptive(kernels, strides) == 400
