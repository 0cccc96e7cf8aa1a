"""A base beside the numbers that it reads."""

from dataclasses import asdict

import torch

import serial
from headstart.bases import build, load_base
from headstart.bases.networks.combined import Combined
from headstart.bases.networks.example import example
from headstart.types import Architecture


def test_the_numbers_come_first_and_what_the_base_tells_last(tmp_path):
    base = load_base(serial.write_base(tmp_path / "base"), "series")
    how = base.preprocess.at(3)
    inputs = torch.randn(2, how.rows, 3, generator=torch.Generator().manual_seed(0))
    network = build(Architecture("builtin", "combined", {"of": asdict(base.architecture)}))
    assert isinstance(network, Combined)
    network.base.load_state_dict(base.state)
    with torch.no_grad():
        found = network(inputs).reshape(2, 3, -1)
        told = base.network()(inputs).reshape(2, 3, -1)
    torch.testing.assert_close(found[..., : how.rows], inputs.transpose(1, 2))
    torch.testing.assert_close(found[..., how.rows :], told)
    assert network(example(how)).shape == (1, 3 * (how.rows + told.shape[2]))
