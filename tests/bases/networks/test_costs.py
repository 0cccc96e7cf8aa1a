"""Facts that can be worked out by hand."""

import timm
import torch
from torch import nn

from headstart.bases.networks.costs import costs, fingerprint, parameters


def test_flops_are_two_per_multiply_add():
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Flatten(), nn.Linear(8 * 16, 5))
    assert costs(network, torch.zeros(1, 3, 4, 4), ()).flops == 2 * (16 * 8 * 27 + 8 * 16 * 5)
    assert parameters(network) == 8 * 27 + 8 + 8 * 16 * 5 + 5


def test_what_lies_below_a_stage_and_what_it_holds():
    layers = [nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 5)]
    found = costs(nn.Sequential(*layers), torch.zeros(1, 3, 4, 4), ["0", "2", "3"])
    convolution, linear = 2 * 16 * 8 * 27, 2 * 8 * 16 * 5
    assert found.below == (convolution, convolution, convolution + linear)
    assert found.numbers == (8 * 16, 8 * 16, 5)
    assert not any(layer._forward_hooks for layer in layers)


def test_attention_is_counted():
    args = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 1, "num_heads": 2}
    network = timm.create_model("vit_tiny_patch16_224", num_classes=0, **args).eval()
    tokens = 17
    layers = 16 * 192 * 24 + tokens * (24 * 72 + 24 * 24 + 2 * 24 * 96)
    assert costs(network, torch.zeros(1, 3, 32, 32), ()).flops == 2 * (layers + 2 * tokens * tokens * 24)


class Latent(nn.Module):
    """Gives a layer a part of a parameter, as networks with an attention pool do."""

    def __init__(self):
        super().__init__()
        self.latent, self.layer = nn.Parameter(torch.ones(1, 4)), nn.Linear(4, 5)

    def forward(self, inputs):
        return self.layer(self.latent.expand(len(inputs), -1)) + inputs.mean()


def test_a_part_of_a_parameter_can_be_given_to_a_layer():
    network = Latent()
    found = costs(network, torch.zeros(1, 3, 4, 4), ["layer"])
    assert (found.flops, found.numbers) == (2 * 4 * 5, (5,))
    assert network.latent.requires_grad


def test_the_fingerprint_knows_values_names_and_shapes():
    state = {"a": torch.arange(4.0), "b": torch.ones(2)}
    same = fingerprint(state)
    assert fingerprint({"b": torch.ones(2), "a": torch.arange(4.0)}) == same
    assert fingerprint({**state, "count": torch.tensor(3)}) == same
    assert fingerprint({"a": torch.arange(4.0), "c": torch.ones(2)}) != same
    assert fingerprint({"a": torch.arange(4.0).view(2, 2), "b": torch.ones(2)}) != same
    assert fingerprint({"a": torch.arange(4.0), "b": torch.tensor([1, 1.0000001])}) != same


def test_the_memory_layout_leaves_no_trace():
    weight = torch.randn(4, 3, 5, 5)
    assert fingerprint({"w": weight.to(memory_format=torch.channels_last)}) == fingerprint({"w": weight})
    assert fingerprint({"w": weight.half()}) == fingerprint({"w": weight.half().float()})
