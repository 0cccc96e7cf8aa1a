"""Every weight is accounted for, and a wrong checkpoint is told apart by its cause."""

import pytest
import torch
from torch import nn

from headstart.bases.formats.weights import align, load
from headstart.errors import BaseError


@pytest.fixture
def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8, 4))


@pytest.fixture
def state(network):
    return {name: torch.ones_like(value) for name, value in network.state_dict().items()}


def test_every_weight_is_loaded_fresh_or_unused(network, state):
    own = {name for name, value in network.state_dict().items() if value.is_floating_point()}
    state["3.weight"] = torch.ones(5, 8)
    del state["3.bias"]
    state["extra.weight"] = torch.ones(2)
    loaded, receipt = load(network, state)
    assert dict(receipt.fresh) == {"3.weight": (4, 8), "3.bias": (4,)}
    assert dict(receipt.unused) == {"3.weight": (5, 8), "extra.weight": (2,)}
    assert {name for name, _ in (*receipt.loaded, *receipt.fresh)} == own
    numbers = {name: value.numel() for name, value in network.state_dict().items() if name in own}
    assert receipt.fraction == pytest.approx(1 - 36 / sum(numbers.values()))
    assert torch.equal(loaded["3.bias"], network.state_dict()["3.bias"])
    network.load_state_dict(loaded)
    assert (network[0].weight == 1).all()


def test_counters_do_not_confuse(network, state):
    del state["1.num_batches_tracked"]
    loaded, receipt = load(network, state)
    assert receipt.fresh == ()
    assert receipt.fraction == 1
    assert loaded["1.num_batches_tracked"].dtype == torch.int64
    _, receipt = load(network, {**state, "old.num_batches_tracked": torch.tensor(3)})
    assert receipt.unused == ()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_float_becomes_float32(network, state, dtype):
    loaded, _ = load(network, {name: value.to(dtype) for name, value in state.items()})
    assert loaded["0.weight"].dtype == torch.float32


def test_the_result_shares_no_memory(network, state):
    loaded, _ = load(network, state)
    loaded["0.weight"].zero_()
    assert (state["0.weight"] == 1).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_values_that_are_no_numbers_are_refused(network, state, bad):
    state["3.bias"][1] = bad
    with pytest.raises(BaseError, match=r"`3\.bias` holds NaN or infinity"):
        load(network, state)


def test_a_number_too_large_for_float32_is_refused(network, state):
    with pytest.raises(BaseError, match="infinity"):
        load(network, {**state, "3.bias": torch.full((4,), 1e300, dtype=torch.float64)})


def test_prefixes_are_dropped_and_added(network, state):
    assert align(network, {f"a.b.{name}": value for name, value in state.items()}).keys() == state.keys()
    wrapped = nn.ModuleDict({"inner": network})
    assert align(wrapped, state).keys() == wrapped.state_dict().keys()
    assert align(network, state).keys() == state.keys()


def test_names_that_would_collide_are_kept(network, state):
    both = {**{f"ema.{name}": value for name, value in state.items()}, "0.bias": torch.full((8,), 2.0)}
    aligned = align(network, both)
    assert (aligned["0.bias"] == 2).all()
    assert "ema.0.bias" in aligned
    assert len(aligned) == len(both)


CAUSES = {
    "empty": (lambda state: {}, "is empty"),
    "another width": (
        lambda state: {n: v.new_ones((2, *v.shape[1:])) if v.ndim > 1 else v for n, v in state.items()},
        "2 of the 8 weights",
    ),
    "text": (
        lambda _: {"word.weight": torch.ones(9, 4)},
        "another modality",
    ),
    "part": (lambda state: {"3.bias": state["3.bias"], "x": torch.ones(1, 1, 1, 1)}, "are missing from it"),
    "names": (lambda state: {f"x{i}": value for i, value in enumerate(state.values())}, "its names"),
}


@pytest.mark.parametrize("case", CAUSES)
def test_less_than_half_names_the_cause(network, state, case):
    change, cause = CAUSES[case]
    with pytest.raises(BaseError, match=cause) as caught:
        load(network, change(state))
    assert caught.value.hint
