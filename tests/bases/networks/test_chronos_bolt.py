"""Chronos-Bolt tells what its authors' library tells, of each series by itself."""

import numpy as np
import pytest
import torch

import serial
from headstart.bases import load_base
from headstart.bases.networks.chronos_bolt import between, empirical
from headstart.data.series.store import SeriesStore
from headstart.preprocessing.series import LEVELS, HistoryPreprocess

THEIRS = {
    6: (
        [0, 5],
        [
            [[-0.1207, 8.5373], [8.7318, 5.0471], [-0.3661, 5.7566]],
            [[3.159, 8.8717], [21.6848, -4.0513], [-2.5326, -6.9978]],
            [[6.336, 13.1617], [25.6455, -1.1736], [0.2596, -3.7376]],
        ],
    ),
    20: (
        [7, 8, 19],
        [
            [[8.124, -11.1497, -13.8443], [2.5031, -0.2729, -2.4648], [4.1695, 10.3129, 13.6261]],
            [[3.541, -39.1315, -33.9308], [-15.2679, -6.0643, -8.8219], [13.2215, 21.1694, 26.131]],
            [[7.1624, -37.9666, -31.666], [-12.9168, -2.9193, -5.9857], [17.3619, 26.4863, 32.652]],
        ],
    ),
}
"""By how many steps are told, which are shown and the quantiles 0.1, 0.5 and 0.9 of each history, as
chronos-forecasting 2.3.2 has them (`benchmarks/peers/chronos_bolt.py`). A patch has 4 values, the base tells
8 steps at once and looks at 64 values."""


def histories():
    """One shorter than a patch, one with gaps, one longer than the base looks."""
    places = [np.arange(length) for length in (3, 40, 80)]
    found = [10 * np.sin(place / 3) + 0.1 * place for place in places]
    found[1][[5, 6, 30]] = np.nan
    return [torch.from_numpy(one).float()[None] for one in found]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return load_base(serial.write_bolt(tmp_path_factory.mktemp("bolt") / "base"), "series")


@pytest.fixture(scope="module")
def network(base):
    return base.network()


def told(network, values, steps):
    with torch.no_grad():
        return network.ahead(values, steps)[0]


@pytest.mark.parametrize("steps", THEIRS)
def test_it_tells_what_its_authors_library_tells(network, steps):
    shown, expected = THEIRS[steps]
    alone = torch.cat([told(network, one, steps) for one in histories()])
    found = alone[:, [0, 4, 8]][..., shown]
    torch.testing.assert_close(found, torch.tensor(expected), atol=1e-4, rtol=0)
    longest = max(one.shape[1] for one in histories())
    before = [torch.full((1, longest - one.shape[1]), torch.nan) for one in histories()]
    padded = torch.cat([torch.cat(pair, 1) for pair in zip(before, histories(), strict=True)])
    torch.testing.assert_close(told(network, padded, steps), alone, atol=1e-4, rtol=0)


def test_answers_are_around_the_season_before_and_in_its_unit(base, network):
    some, horizon = serial.window(), 6
    preprocess = HistoryPreprocess(size=horizon, context=64)
    with torch.no_grad():
        out = network(SeriesStore([some.encoded()], preprocess).batch(np.arange(1)))
    step = out.reshape(horizon, -1).double().numpy()
    assert step.shape[1] == 16 + 9 + len(LEVELS)
    frame = some.framed(horizon)
    values = torch.from_numpy(some.values).float()[None]
    direct = told(network, values, horizon)[0].double().sort(0).values.numpy()
    own = step[:, 16:25] * frame.scale + frame.reference[:, None]
    np.testing.assert_allclose(own, direct.T, rtol=1e-4)
    np.testing.assert_allclose(step[:, [25, 27, 29]], step[:, [16, 20, 24]], rtol=1e-6)
    np.testing.assert_allclose(step[:, 26], step[:, [17, 18]].mean(1), rtol=1e-5)


def test_level_and_size_of_a_series_change_nothing(network):
    some = serial.window()
    large = serial.History(some.series, 1e6 + 1e3 * some.values, some.season, some.frequency, some.last)
    store = SeriesStore([some.encoded(), large.encoded()], HistoryPreprocess(size=12, context=64))
    with torch.no_grad():
        one, other = network(store.batch(np.arange(2)))
    torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_a_history_that_never_changes_is_told_again(network):
    found = told(network, torch.full((1, 9), 7.0), 4)
    assert (found - 7).abs().max() < 1e-3


def test_what_answers_is_above_every_part(network):
    assert list(network.parts) == ["patches", "encoder", "decoder"]
    assert {name.split(".")[0] for name in network.above("decoder")} == {"output_patch_embedding"}
    assert all(name.startswith(("decoder", "output")) for name in network.above("encoder"))
    assert len(network.above("patches")) < len(list(network.parameters()))


def test_quantiles_are_those_of_torch():
    values = torch.randn(5, 81, generator=torch.Generator().manual_seed(0))
    levels = (0.05, 0.1, 0.33, 0.5, 0.9, 1.0)
    expected = torch.quantile(values, torch.tensor(levels), -1).T
    torch.testing.assert_close(empirical(values, levels), expected)


def test_between_two_quantiles_lies_a_line_and_beyond_the_last_nothing():
    told = torch.tensor([[1.0, 2.0, 4.0]])
    found = between(told, (0.1, 0.5, 0.9), (0.05, 0.1, 0.2, 0.5, 0.7, 0.9, 0.95))
    torch.testing.assert_close(found, torch.tensor([[1.0, 1.0, 1.25, 2.0, 3.0, 4.0, 4.0]]))
