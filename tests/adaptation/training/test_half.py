"""Half precision is taken only where nothing fails and the numbers stay right."""

import math

import pytest
import torch
from torch import nn

from headstart.adaptation.training import half
from headstart.adaptation.training.half import agrees, in_half, worth_a_try
from headstart.runtime import Runtime

INPUTS = torch.linspace(-1, 1, 24).reshape(8, 3)


class Odd(nn.Module):
    """Answers `odd(outputs)` in half precision; only in training mode where `training_only`."""

    def __init__(self, odd, training_only=False):
        super().__init__()
        self.layer, self.odd, self.training_only = nn.Linear(3, 4), odd, training_only

    def forward(self, inputs):
        outputs = self.layer(inputs)
        here = torch.is_autocast_enabled("cpu") and (self.training or not self.training_only)
        return self.odd(outputs) if here else outputs


def loss(outputs):
    assert outputs.dtype == torch.float32
    return outputs.square().mean()


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def failing(error):
    def fail(outputs):
        raise error

    return fail


def slope_only(factor):
    """The same outputs, slopes `factor` times as long."""
    return lambda outputs: outputs.detach() + factor * (outputs - outputs.detach())


def test_a_network_that_rounds_agrees_and_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(3, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 4))
    weights = [one.clone() for one in model.parameters()]
    state = torch.random.get_rng_state()
    for training in (True, False):
        assert agrees(model.train(training), INPUTS, loss)
        assert model.training == training
    assert all(map(torch.equal, weights, model.parameters()))
    assert all(one.grad is None for one in model.parameters())
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("training_only", [False, True])
@pytest.mark.parametrize(
    "odd",
    [
        *map(
            failing,
            (
                RuntimeError("no primitive"),
                NotImplementedError(),
                TypeError(),
                KeyError(),
                ZeroDivisionError(),
            ),
        ),
        lambda outputs: outputs * math.nan,
        lambda outputs: outputs / 0,
        lambda outputs: outputs * 1.5,
        lambda outputs: outputs[:, :2],
        lambda outputs: torch.zeros_like(outputs),
    ],
)
def test_errors_and_wrong_numbers_say_no(odd, training_only):
    assert agrees(Odd(lambda outputs: outputs), INPUTS, loss)
    assert not agrees(Odd(odd, training_only), INPUTS, loss)


@pytest.mark.parametrize("factor", [math.nan, 5.0, 0.1])
def test_wrong_slopes_say_no(factor):
    assert not agrees(Odd(slope_only(factor)), INPUTS, loss)


def test_a_network_that_has_no_numbers_anyway_says_no():
    model = nn.Linear(3, 4)
    nn.init.constant_(model.weight, math.inf)
    assert not agrees(model, INPUTS, loss)


def test_a_loss_that_fails_says_no():
    assert not agrees(nn.Linear(3, 4), INPUTS, failing(RuntimeError("this loss takes nothing")))


@pytest.mark.parametrize(
    ("device", "has", "tried"), [("cpu", True, True), ("cpu", False, False), ("cuda", True, False)]
)
def test_half_precision_is_a_question_for_cpus_that_have_it(monkeypatch, device, has, tried):
    monkeypatch.setattr(half, "has_bfloat16", lambda: has)
    assert worth_a_try(Runtime(device)) == tried


def test_a_block_in_half_precision():
    with in_half(True):
        assert nn.Linear(3, 4)(INPUTS).dtype == torch.bfloat16
    with in_half(False):
        assert nn.Linear(3, 4)(INPUTS).dtype == torch.float32
