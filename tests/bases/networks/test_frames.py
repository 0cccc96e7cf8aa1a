"""A recording in a batch of longer ones is what it is alone, at every boundary; cuts hold for any length."""

import numpy as np
import pytest
import torch

from headstart.bases.base import FEATURES
from headstart.bases.networks import cuts
from headstart.bases.networks.frames import Frames, Stem, means_of_steps, there
from headstart.bases.networks.ragged import layout
from headstart.bases.networks.soundnet import SoundNet
from headstart.bases.networks.taps import activations
from headstart.bases.networks.whisper import WhisperEncoder
from headstart.bases.passes.onnx import Session

NETWORKS = {
    "whisper": lambda: WhisperEncoder(width=24, bands=8, layers=2, heads=2, hidden=20, positions=40),
    "soundnet": lambda: SoundNet(width=16, blocks=2, kernel=5, bands=8),
}
LENGTHS = (24, 10, 16)


@pytest.fixture(params=NETWORKS)
def network(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return NETWORKS[request.param]().eval()


@pytest.fixture
def batch():
    """(3, 8, 24) levels of recordings of LENGTHS frames."""
    levels = torch.randn(3, 8, 24, generator=torch.Generator().manual_seed(0))
    for row, length in zip(levels, LENGTHS, strict=True):
        row[:, length:] = 0
    return levels


def test_the_end_is_where_all_bands_are_0(batch):
    assert there(batch).sum(1).tolist() == [12, 5, 8]


@pytest.fixture
def stages(network, batch):
    found = cuts.stages(network, batch[:1])
    assert found[0] == "stem"
    assert len(found) == 2
    return found


@torch.no_grad()
def test_a_recording_is_alone_what_it_is_in_a_batch(network, batch, stages):
    boundaries = [*stages, FEATURES]
    together = activations(network, batch, boundaries)
    for row, length in enumerate(LENGTHS):
        alone = activations(network, batch[row : row + 1, :, :length], boundaries)
        for found, expected in zip(together, alone, strict=True):
            part = found[row : row + 1]
            if part.ndim == 3:
                assert (part[:, length // 2 :] == 0).all()
                part = part[:, : length // 2]
            torch.testing.assert_close(part, expected, atol=1e-5, rtol=1e-4)


def test_both_parts_of_a_cut_are_the_network_for_any_length(network, batch, stages):
    for stage in stages:
        cut = cuts.cut(network, stage, batch[:1, :, :14])
        with torch.no_grad():
            kept = cut.prefix(batch)
            torch.testing.assert_close(cut.suffix(kept), network(batch), atol=1e-6, rtol=1e-5)
        assert not {name for name in cut.suffix_parameters() if name.startswith("stem.")}


def test_it_runs_elsewhere_at_any_length(network, batch, stages):
    boundaries = [*stages, FEATURES]
    session = Session(network, torch.nn.Identity(), boundaries, batch.numpy())
    for part in (batch, batch[1:2, :, :10], batch[:2]):
        with torch.no_grad():
            expected = activations(network, part, boundaries)
        for found, right in zip(session(part.numpy()), expected, strict=True):
            np.testing.assert_allclose(found, right.numpy(), atol=1e-5)


def test_the_layout_knows_lengths(network, batch):
    found = layout(network)
    assert isinstance(found, Frames)
    assert found.alone(batch.numpy()[:2]).shape == (1, 8, 10)
    assert found.room((1, 7, 24), 40) == (1, 20, 24)
    assert found.room((1, 24), 40) == (1, 24)
    assert found.resized(torch.Size((8, 26)), torch.zeros(1, 5, 24)) == (8, 10)
    assert found.resized(torch.Size((13, 24)), torch.zeros(1, 5, 24)) == (5, 24)


def test_a_stem_has_one_row_a_step():
    levels = torch.randn(2, 8, 20)
    assert Stem(8, 16)(levels, there(levels)).shape == (2, 10, 16)


def test_steps_have_a_mean_without_what_has_ended():
    states = np.zeros((2, 4, 3), np.float32)
    states[0], states[1, :2] = 2, [[1, 2, 3], [3, 2, 1]]
    assert means_of_steps(states).tolist() == [[2, 2, 2], [2, 2, 2]]
    rows = np.ones((2, 3), np.float32)
    assert means_of_steps(rows) is rows
    assert means_of_steps(np.zeros((1, 2, 3), np.float32)).tolist() == [[0, 0, 0]]
