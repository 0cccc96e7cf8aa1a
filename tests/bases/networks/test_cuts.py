"""Cuts are exact on every kind of network, and what trains above a cut is what it says."""

import pytest
import timm
import torch
from torch import nn

from headstart.bases import load_base
from headstart.bases.base import FEATURES, INPUT
from headstart.bases.networks import cuts
from headstart.bases.torchvision import plugin as torchvision
from headstart.bases.transformers import plugin as transformers
from headstart.types import Architecture

VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 3, "num_heads": 2}
HF_VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "image_size": 32,
    "patch_size": 8,
}
BUILDERS = {
    "vgg11": (32, lambda: timm.create_model("vgg11", num_classes=0, mlp_ratio=1 / 256)),
    "resnet10t": (32, lambda: timm.create_model("resnet10t", num_classes=0)),
    "resnetv2": (32, lambda: timm.create_model("resnetv2_18", num_classes=0)),
    "inception_v3": (75, lambda: timm.create_model("inception_v3", num_classes=0)),
    "mobilenetv2": (32, lambda: timm.create_model("mobilenetv2_035", num_classes=0, pad_type="same")),
    "efficientnet": (32, lambda: timm.create_model("test_efficientnet", num_classes=0)),
    "convnext": (32, lambda: timm.create_model("test_convnext", num_classes=0)),
    "vit": (32, lambda: timm.create_model("vit_tiny_patch16_224", num_classes=0, **VIT)),
    "torchvision squeezenet": (64, lambda: torchvision.build(Architecture("", "squeezenet1_1"))),
    "torchvision densenet": (32, lambda: torchvision.build(Architecture("", "densenet121"))),
    "transformers vit": (32, lambda: transformers.build(Architecture("", "vit", HF_VIT))),
}
FIRST_AND_LAST = {
    "vgg11": ("features.2", "pre_logits.drop"),
    "resnet10t": ("conv1.2", "layer3"),
    "vit": ("norm_pre", "blocks.1"),
    "torchvision squeezenet": ("features.2", "features.12.squeeze_activation"),
    "transformers vit": ("model.embeddings", "model.layers.1"),
}


@pytest.fixture(scope="module", params=BUILDERS)
def subject(request):
    size, build = BUILDERS[request.param]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network, images = build().eval(), torch.randn(3, 3, size, size)
    return request.param, network, images, cuts.stages(network, images[:1])


def test_every_cut_is_exact(subject):
    name, network, images, stages = subject
    assert 2 <= len(stages) <= cuts.MOST
    if name in FIRST_AND_LAST:
        assert (stages[0], stages[-1]) == FIRST_AND_LAST[name]
    with torch.no_grad():
        expected = network(images)
        for stage in (INPUT, *stages, FEATURES):
            cut = cuts.cut(network, stage, images[:1])
            activation = cut.prefix(images)
            kept = activation.clone()
            assert torch.equal(cut.suffix(activation), expected), stage
            assert torch.equal(activation, kept), f"{stage} works in place"
    assert not any(module._forward_hooks for module in network.modules())


def test_the_suffix_trains_its_own_parameters_and_no_others(subject):
    _, network, images, stages = subject
    saved = {name: value.clone() for name, value in network.state_dict().items()}
    everything = {name for name, _ in network.named_parameters()}
    sizes = []
    for stage in (INPUT, stages[0], stages[-1], FEATURES):
        cut = cuts.cut(network, stage, images[:1])
        above = set(cut.suffix_parameters())
        with torch.no_grad():
            activation = cut.prefix(images)
        network.zero_grad(set_to_none=True)
        output = cut.suffix(activation)
        if above:
            output.square().sum().backward()
        reached = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
        assert reached == above <= everything
        sizes.append(len(above))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3] == 0
    network.zero_grad(set_to_none=True)
    assert all(torch.equal(value, saved[name]) for name, value in network.state_dict().items())


def test_a_step_through_the_suffix_changes_the_network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = timm.create_model("test_resnet", num_classes=0).eval()
        images = torch.randn(2, 3, 32, 32)
    cut = cuts.cut(network, "layer2", images)
    above = set(cut.suffix_parameters())
    before = {name: parameter.clone() for name, parameter in network.named_parameters()}
    chosen = [parameter for name, parameter in network.named_parameters() if name in above]
    optimizer = torch.optim.SGD(chosen, lr=0.1)
    cut.suffix(cut.prefix(images).detach()).square().mean().backward()
    optimizer.step()
    changed = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    assert changed
    assert changed <= above
    with torch.no_grad():
        assert torch.equal(cut.suffix(cut.prefix(images)), network(images))


def test_class_token_and_positions_are_below_the_first_blocks():
    network = timm.create_model("vit_tiny_patch16_224", num_classes=0, **VIT).eval()
    names = cuts.cut(network, "blocks.0", torch.randn(1, 3, 32, 32)).suffix_parameters()
    assert not {"cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.mlp.fc1.weight"} & set(names)
    assert {"blocks.1.mlp.fc1.weight", "norm.weight"} <= set(names)


def test_frozen_parameters_are_named_all_the_same():
    network = timm.create_model("test_resnet", num_classes=0).eval().requires_grad_(False)
    assert cuts.cut(network, "layer2", torch.randn(1, 3, 32, 32)).suffix_parameters()
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_a_look_leaves_batchnorm_in_training_mode_alone():
    network = timm.create_model("test_resnet", num_classes=0).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    cuts.cut(network, "layer2", torch.randn(1, 3, 32, 32)).suffix_parameters()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(module.training for module in network.modules())


class Entangled(nn.Module):
    """The output takes the stem's activation past the body: only the stem is a cut."""

    def __init__(self):
        super().__init__()
        self.stem, self.body, self.top = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.stem(x)
        return (self.top(self.body(x)) + x).mean((2, 3))


class Hidden(nn.Module):
    """Passes the stem's activation along the body without a gradient, where no graph shows it."""

    def __init__(self):
        super().__init__()
        self.stem, self.body, self.top = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.stem(x)
        return (self.top(self.body(x)) + x.detach()).mean((2, 3))


class InPlace(nn.Sequential):
    """Its ReLU overwrites the convolution's output: the cut is after it."""

    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 1), nn.Hardswish(inplace=True), nn.Conv2d(4, 4, 1), nn.Flatten())


class Overwriting(nn.Module):
    """Works in place on what the stem gave, outside of any module."""

    def __init__(self):
        super().__init__()
        self.stem, self.body = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return self.body(self.stem(x).mul_(2)).mean((2, 3))


@pytest.mark.parametrize(
    ("network", "stages"),
    [(Entangled(), ("stem",)), (Hidden(), ("stem",)), (InPlace(), ("1",)), (Overwriting(), ())],
)
def test_only_exact_cuts_are_stages(network, stages):
    assert cuts.stages(network.eval(), torch.randn(1, 3, 4, 4)) == stages


def test_a_module_called_features_does_not_pass_for_the_boundary():
    network = timm.create_model("vgg11", num_classes=0, mlp_ratio=1 / 256).eval()
    assert FEATURES not in cuts.stages(network, torch.randn(1, 3, 32, 32))


def test_many_stages_are_thinned_evenly():
    layers = [layer for _ in range(40) for layer in (nn.Linear(4, 4), nn.ReLU())]
    stages = cuts.stages(nn.Sequential(*layers).eval(), torch.randn(1, 4))
    positions = [int(name) for name in stages]
    gaps = {after - before for before, after in zip(positions, positions[1:], strict=False)}
    assert len(stages) == cuts.MOST
    assert max(gaps) - min(gaps) <= 2
    assert all(position % 2 for position in positions)


def test_the_card_names_the_stages(tiny_base):
    base = load_base(str(tiny_base))
    network = base.network()
    assert base.card.stages == cuts.stages(network, torch.randn(1, 3, 32, 32))
    assert "layer2" in base.card.stages


class Shared(nn.Module):
    """Both layers look into one table."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.table = nn.Parameter(torch.randn(4, 4))
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, inputs):
        return self.second(self.first(inputs @ self.table).relu() @ self.table)


def test_what_is_used_below_the_cut_too_is_not_trained_above_it():
    network = Shared()
    assert cuts.cut(network, "first", torch.ones(1, 4)).suffix_parameters() == [
        "second.weight",
        "second.bias",
    ]
    assert "table" in cuts.cut(network, INPUT, torch.ones(1, 4)).suffix_parameters()
    assert cuts.cut(network, FEATURES, torch.ones(1, 4)).suffix_parameters() == []
