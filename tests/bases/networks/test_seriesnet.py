"""The small network for series: alike for every step, and nothing before it has learned."""

import torch

from headstart.bases.networks.cuts import cut
from headstart.bases.networks.seriesnet import QUANTILES, Lags, NLinear, SeriesNet, squashed
from headstart.preprocessing.series import DRIFT, NAIVE, NUMBERS


def inputs(n=2, steps=5):
    return torch.randn(n, NUMBERS, steps, generator=torch.Generator().manual_seed(0))


def test_each_step_is_told_by_itself():
    network = SeriesNet().eval()
    assert sum(value.numel() for value in network.parameters()) == 114_565
    torch.nn.init.normal_(network.told.weight)
    some = inputs()
    with torch.no_grad():
        whole = network(some).reshape(2, 5, -1)
        torch.testing.assert_close(network(some[:, :, 3:4]), whole[:, 3])


def test_untrained_it_tells_the_season_before():
    with torch.no_grad():
        assert not SeriesNet(8, 1)(inputs()).reshape(2, 5, -1)[..., -QUANTILES:].any()


def test_lags_are_the_numbers_themselves():
    some = inputs()
    out = Lags()(some).reshape(2, 5, -1)
    torch.testing.assert_close(out[..., :NUMBERS], some.transpose(1, 2))
    assert out.shape[-1] == NUMBERS + QUANTILES


def test_far_numbers_come_nearer():
    row = torch.full((1, 1, NUMBERS), -20.0)
    found = squashed(row)[0, 0]
    assert found[0].item() == -torch.log1p(torch.tensor(20.0)).item()
    assert found[DRIFT + 1].item() == -20


def test_nlinear_adds_to_the_last_value_what_those_before_it_say():
    network = NLinear(5, 7)
    torch.nn.init.normal_(network.weight)
    torch.nn.init.normal_(network.bias)
    some = torch.cat([inputs(), torch.arange(20.0).reshape(1, 2, 10)[:, :, :5].expand(2, -1, -1)], 1)
    values = some[:, NUMBERS:].flatten(1)[:, :7]
    with torch.no_grad():
        told = network(some).reshape(2, 5, QUANTILES)
        wanted = some[:, NAIVE] + values @ network.weight.T + network.bias
    torch.testing.assert_close(told, wanted.unsqueeze(2).expand_as(told))


def test_columns_beside_the_values_go_past_all_layers():
    network = SeriesNet().eval()
    torch.nn.init.normal_(network.told.weight)
    some, beside = inputs(), torch.randn(2, 3, 5)
    with torch.no_grad():
        plain = network(some).reshape(2, 5, -1)
        whole = network(torch.cat([some, beside], 1)).reshape(2, 5, -1)
    torch.testing.assert_close(whole[..., :160], plain[..., :160])
    torch.testing.assert_close(whole[..., 160:163], beside.transpose(1, 2))
    torch.testing.assert_close(whole[..., 163:], plain[..., 160:])


def test_a_cut_network_with_columns_is_the_whole():
    network, some = SeriesNet(8, 2).eval(), torch.randn(2, NUMBERS + 4, 5)
    torch.nn.init.normal_(network.told.weight)
    for name in ("stem", "blocks.0", "norm"):
        parts = cut(network, name, some[:1])
        with torch.no_grad():
            assert torch.equal(parts.suffix(parts.prefix(some)), network(some))
