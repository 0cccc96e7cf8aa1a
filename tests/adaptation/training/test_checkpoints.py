"""What is written comes back bit for bit, whole or not at all."""

import os

import pytest
import torch

from benches import same_tensors
from headstart.adaptation.training import checkpoints


def test_tensors_and_facts_come_back(tmp_path):
    square = torch.randn(4, 4, generator=torch.Generator().manual_seed(0))
    groups = {
        "kept": {"head.weight": square.t(), "a/b": square[1:3], "n": torch.tensor(3)},
        "same": {"head.weight": square, "also": square, "image": torch.zeros(0, 3)},
        "odd": {"nan": torch.tensor([float("nan"), float("inf")]), "half": square.half(), "yes": square > 0},
        "none": {},
    }
    facts = {"history": {"train": [0.1, 2.5e-17]}, "kept": None, "best": {"ema": [0.5, 3]}}
    checkpoints.write(tmp_path / "x", groups, facts)
    back, said = checkpoints.read(tmp_path / "x")
    assert said == facts
    assert list(back) == list(groups)
    for group in ("kept", "same", "none"):
        assert same_tensors(back[group], groups[group])
    assert torch.equal(back["odd"]["nan"].isnan(), torch.tensor([True, False]))
    assert [tensor.dtype for tensor in back["odd"].values()] != [torch.float32] * 3
    assert torch.equal(back["odd"]["yes"], square > 0)


def test_numbers_that_are_not_finite_come_back(tmp_path):
    checkpoints.write(tmp_path / "x", {}, {"loss": [float("nan"), float("inf")]})
    nan, infinite = checkpoints.read(tmp_path / "x")[1]["loss"]
    assert nan != nan
    assert infinite == float("inf")


def test_a_kill_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    checkpoints.write(tmp_path / "x", {"a": {"t": torch.ones(2)}}, {"step": 1})

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.write(tmp_path / "x", {"a": {"t": torch.zeros(2)}}, {"step": 2})
    groups, facts = checkpoints.read(tmp_path / "x")
    assert facts == {"step": 1}
    assert torch.equal(groups["a"]["t"], torch.ones(2))
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def problem():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = [torch.nn.Linear(3, 2), torch.nn.Linear(2, 1)]
    still = layers[0].bias.requires_grad_(False)
    parameters = [p for layer in layers for p in layer.parameters() if p is not still]
    groups = [{"params": [p], "weight_decay": 0.1 * number} for number, p in enumerate(parameters)]
    return torch.nn.Sequential(*layers), torch.optim.AdamW(groups, lr=0.1)


def step(model, optimizer, seed):
    optimizer.zero_grad()
    model(torch.randn(5, 3, generator=torch.Generator().manual_seed(seed))).square().mean().backward()
    optimizer.step()


def test_an_optimizer_goes_on_bit_for_bit(tmp_path):
    model, optimizer = problem()
    step(model, optimizer, 1)
    groups = {"now": model.state_dict(), "optimizer": checkpoints.optimizer_tensors(optimizer)}
    checkpoints.write(tmp_path / "x", groups, {})
    step(model, optimizer, 2)

    other, restored = problem()
    back, _ = checkpoints.read(tmp_path / "x")
    other.load_state_dict(back["now"])
    checkpoints.restore_optimizer(restored, back["optimizer"])
    assert [group["weight_decay"] for group in restored.param_groups] == [0.0, 0.1, 0.2]
    step(other, restored, 2)
    assert same_tensors(other.state_dict(), model.state_dict())


def test_an_optimizer_that_has_not_stepped_yet(tmp_path):
    _, optimizer = problem()
    assert checkpoints.optimizer_tensors(optimizer) == {}
    checkpoints.restore_optimizer(optimizer, {})
