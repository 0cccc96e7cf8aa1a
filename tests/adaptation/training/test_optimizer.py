"""The optimizer takes PyTorch's own steps, and loads no compiler for them."""

import subprocess
import sys

import pytest
import torch

from headstart.adaptation.training.checkpoints import optimizer_tensors, restore_optimizer
from headstart.adaptation.training.optimizer import adamw


def trained(make, steps=5, between=lambda optimizer: optimizer):
    """The weights of a small layer after some steps."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = torch.nn.Linear(6, 4)
        inputs = torch.randn(8, 6)
    optimizer = make(layer.parameters())
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        layer(inputs).square().sum().backward()
        optimizer.step()
        optimizer = between(optimizer)
    return torch.cat([part.detach().flatten() for part in layer.parameters()])


@pytest.mark.parametrize("fused", [True, False])
def test_its_steps_are_those_of_pytorch(fused):
    own = trained(lambda parameters: adamw(parameters, "cpu", 0.1, 0.02))
    theirs = trained(lambda parameters: torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.02, fused=fused))
    torch.testing.assert_close(own, theirs, rtol=0 if fused else 1e-5, atol=0 if fused else 1e-6)


def test_it_goes_on_from_what_is_kept_of_it_bit_for_bit():
    def again(optimizer):
        kept = optimizer_tensors(optimizer)
        fresh = adamw([*optimizer.param_groups[0]["params"]], "cpu", 0.1, 0.02)
        restore_optimizer(fresh, kept)
        return fresh

    make = lambda parameters: adamw(parameters, "cpu", 0.1, 0.02)  # noqa: E731
    assert torch.equal(trained(make), trained(make, between=again))


def test_weights_in_another_order_in_memory_are_not_stepped_in_one_call():
    layer = torch.nn.Conv2d(3, 4, 3)
    assert adamw(layer.parameters(), "cpu", 0.1).defaults["fused"]
    layer = layer.to(memory_format=torch.channels_last)
    groups = [{"params": [layer.bias]}, {"params": [layer.weight]}]
    assert not adamw(groups, "cpu", 0.1).defaults["fused"]


TRAINING = """
import sys, torch
from headstart.adaptation.training.optimizer import adamw
from headstart.runtime import Runtime, seeded
layer, trainer = torch.nn.Linear(2, 2), Runtime().trainer()
model, optimizer = trainer.setup(layer, adamw(layer.parameters(), "cpu", 0.1))
with seeded(0):
    trainer.backward(model(torch.randn(3, 2)).sum())
optimizer.step()
optimizer.zero_grad(set_to_none=True)
assert "torch._dynamo" not in sys.modules
"""


def test_training_on_a_processor_loads_no_compiler():
    subprocess.run([sys.executable, "-c", TRAINING], check=True)
