"""Adapters change nothing at first, move alone, and are gone when they are merged."""

import sys

import pytest
import timm
import torch
from torch import nn

from headstart.bases.base import INPUT
from headstart.bases.networks import adapters
from headstart.bases.networks.adapters import Adapted, linear_layers, require
from headstart.bases.networks.cuts import cut
from headstart.bases.networks.seriesnet import SeriesNet
from headstart.errors import BaseError, MissingExtra
from headstart.preprocessing.series import BESIDE, NUMBERS

torch.manual_seed(0)


def vit():
    args = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 2}
    return timm.create_model("vit_tiny_patch16_224", num_classes=0, **args).eval()


def gpt2():
    from transformers import GPT2Config, GPT2Model

    return GPT2Model(GPT2Config(vocab_size=20, n_embd=24, n_layer=2, n_head=2, n_positions=16)).eval()


def run(network, inputs):
    with torch.no_grad():
        found = network(inputs)
    return found if isinstance(found, torch.Tensor) else found.last_hidden_state


class Last(nn.Module):
    """A model of transformers as one of tensors."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, numbers):
        return self.model(numbers).last_hidden_state[:, -1]


@pytest.mark.parametrize(
    ("build", "inputs", "layers"),
    [
        (vit, torch.randn(3, 3, 32, 32), 8),
        (lambda: Last(gpt2()).eval(), torch.randint(0, 20, (3, 7)), 8),
    ],
)
def test_they_start_at_nothing_and_end_in_the_weights(build, inputs, layers):
    network = build()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    expected, names = run(network, inputs), linear_layers(network)
    assert len(names) == layers
    adapted = Adapted(network).eval()
    torch.testing.assert_close(run(adapted, inputs), expected)
    parts = cut(adapted, INPUT, inputs)
    assert parts.suffix_parameters() == list(adapted.trained)
    assert len(adapted.trained) == 2 * layers
    for name, parameter in adapted.named_parameters():
        if name in adapted.trained:
            parameter.data.add_(0.1 * torch.randn_like(parameter))
    moved = run(adapted, inputs)
    assert (moved - expected).abs().max() > 1e-3
    plain = adapted.merged()
    torch.testing.assert_close(run(plain, inputs), moved, rtol=1e-4, atol=1e-5)
    after = plain.state_dict()
    assert after.keys() == before.keys()
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed == {f"{name}.weight" for name in names}


def test_attention_of_torchs_own_keeps_its_inner_layer():
    network = nn.ModuleDict({"attention": nn.MultiheadAttention(8, 2), "after": nn.Linear(8, 8)})
    assert linear_layers(network) == ["after"]


def test_a_layer_that_does_more_than_multiply_has_none():
    network = SeriesNet(width=8, blocks=1)
    assert linear_layers(network) == ["blocks.0.wide", "blocks.0.back", "told"]
    beside = torch.randn(2, NUMBERS + BESIDE, 3)
    torch.testing.assert_close(run(Adapted(network).eval(), beside), run(network, beside))


def test_a_base_without_a_linear_layer_is_refused():
    with pytest.raises(BaseError, match="mine has no linear layer") as caught:
        require("mine", nn.Sequential(nn.Conv2d(3, 3, 1)))
    assert "finetune" in caught.value.hint
    require("other", nn.Linear(2, 2))


def test_without_peft_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtra) as caught:
        require("other", nn.Linear(2, 2))
    assert "headstart[text]" in caught.value.hint
    assert adapters.RANK == 8
