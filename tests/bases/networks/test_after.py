"""What comes after the pooling of a sentence encoder."""

import torch

from headstart.bases.networks.after import layers


def test_layers_do_what_their_settings_say():
    rows = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    spec = {"kind": "dense", "inputs": 4, "outputs": 2, "bias": True, "activation": "Tanh"}
    whole = layers([spec, {"kind": "layer_norm", "width": 2}, {"kind": "normalize"}]).eval()
    dense = torch.tanh(rows @ whole[0].linear.weight.T + whole[0].linear.bias)
    torch.testing.assert_close(whole[0](rows), dense)
    torch.testing.assert_close(whole(rows).norm(dim=1), torch.ones(3))


def test_a_row_of_nothing_stays_nothing():
    assert torch.equal(layers([{"kind": "normalize"}])(torch.zeros(1, 3)), torch.zeros(1, 3))
