"""A base that hears a whole window."""

from dataclasses import asdict

import torch

import sounds
from headstart.bases import build, load_base
from headstart.bases.networks.windowed import Windowed
from headstart.types import Architecture


def test_what_comes_after_the_end_is_heard_too(tmp_path):
    base = load_base(sounds.write_whisper(tmp_path), "sound")
    network = Windowed(asdict(base.architecture), 120)
    network.base.load_state_dict(base.state)
    frames = torch.randn(2, 80, 40, generator=torch.Generator().manual_seed(0))
    frames[1, :, 30:] = 0
    with torch.no_grad():
        found = network.eval()(frames)
        whole = torch.nn.functional.pad(frames, (0, 80))
        expected = base.network().states(whole, torch.ones(2, 60, dtype=torch.bool))
        alone = network(frames[1:, :, :30])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found[1:], alone, atol=1e-5, rtol=0)
    assert found[:, 59].abs().min() > 0, "nothing is blanked"


def test_it_is_built_again_of_what_a_bundle_says(tmp_path):
    base = load_base(sounds.write_whisper(tmp_path), "sound")
    args = {"of": asdict(base.architecture), "window": 120}
    assert isinstance(build(Architecture("builtin", "windowed", args)), Windowed)
