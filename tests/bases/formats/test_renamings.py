"""Foreign names become the network's own, all of them or none, and the network then computes the same."""

from __future__ import annotations

import re

import pytest
import timm
import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from headstart.bases import load_base
from headstart.bases.formats.renamings import RULES, renamed
from headstart.errors import BaseError

EFFICIENTNET = "the names of the package efficientnet_pytorch"


def shaken(network):
    """The network with weights and statistics that are not those of any beginning."""
    torch.manual_seed(0)
    for name, value in [*network.named_parameters(), *network.named_buffers()]:
        if value.is_floating_point():
            spread = 0.2 if value.ndim == 1 else value[0].numel() ** -0.5
            value.data.normal_(0, spread)
            if name.endswith("running_var") or (name.endswith("weight") and value.ndim == 1):
                value.data.abs_().add_(0.5)
    return network.eval()


def of_torchvision(name, **settings):
    return models.get_model(name, weights=None, **settings)


def small_vit():
    return VisionTransformer(32, 16, num_layers=2, num_heads=3, hidden_dim=192, mlp_dim=768)


def small_swin():
    return SwinTransformer([4, 4], 96, [2, 2], [3, 6], [7, 7], stochastic_depth_prob=0.0)


def small_convnext():
    widths = [(16, 32), (32, 64), (64, 128), (128, None)]
    return ConvNeXt([CNBlockConfig(given, c, 1) for given, c in widths])


def small_vgg(name="vgg11"):
    """Torchvision's own last layers have 120 million numbers."""
    with torch.device("meta"):
        whole = models.get_model(name)
    layers = [(512 * 49, 64), (64, 4096)]
    hidden = [part for given, c in layers for part in (nn.Linear(given, c), nn.ReLU(), nn.Dropout())]
    whole.classifier = nn.Sequential(*hidden, nn.Linear(4096, 1000))
    return whole.to_empty(device="cpu")


PAIRS = {
    "MobileNetV2": ("mobilenetv2_100", {}, lambda: of_torchvision("mobilenet_v2")),
    "EfficientNet": ("efficientnet_b0", {}, lambda: of_torchvision("efficientnet_b0")),
    "RegNet": ("regnety_004", {}, lambda: of_torchvision("regnet_y_400mf")),
    "Swin transformer": (
        "swin_tiny_patch4_window7_224",
        {"depths": (2, 2), "num_heads": (3, 6), "img_size": 56},
        small_swin,
    ),
    "ConvNeXt": ("convnext_tiny", {"depths": (1,) * 4, "dims": (16, 32, 64, 128)}, small_convnext),
    "VGG": ("vgg11", {"mlp_ratio": 1 / 64}, small_vgg),
    "VGG with BatchNorm": ("vgg11_bn", {"mlp_ratio": 1 / 64}, lambda: small_vgg("vgg11_bn")),
    "vision transformer": ("vit_tiny_patch16_224", {"depth": 2, "img_size": 32}, small_vit),
}


@pytest.mark.parametrize("prefix", ["", "module.", "model.backbone."])
@pytest.mark.parametrize("kind", PAIRS)
def test_torchvisions_weights_give_torchvisions_outputs_in_timm(kind, prefix):
    name, settings, make = PAIRS[kind]
    theirs = shaken(make())
    state = {prefix + key: value for key, value in theirs.state_dict().items()}
    ours = timm.create_model(name, num_classes=1000, **settings).eval()
    backbone = timm.create_model(name, num_classes=0, **settings)
    found, said = renamed(dict(reversed(state.items())), backbone)
    assert said == f"torchvision's names of a{'n' * (kind[0] == 'E')} {kind.partition(' with')[0]}"
    # where tokens look is no weight: timm computes it
    ours.load_state_dict({key: found[key] for key in found if "position_index" not in key}, strict=True)
    side = settings.get("img_size", 32)
    inputs = torch.randn(2, 3, side, side)
    with torch.no_grad():
        expected = theirs(inputs)
        torch.testing.assert_close(ours(inputs), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    assert expected.std() > 0, "else nothing was compared"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.said)
def test_each_rule_there_and_back(rule):
    """Of networks whose names another library has; where eps is another one, it is refused instead."""
    names = {
        EFFICIENTNET: "tf_efficientnet_b0",
        "torchvision's names of a MobileNetV2": "mobilenetv2_050",
        "torchvision's names of an EfficientNet": "efficientnet_b1",
        "torchvision's names of a large EfficientNet": "efficientnetv2_rw_t",
        "torchvision's names of a RegNet": "regnety_002",
        "torchvision's names of a vision transformer": "vit_tiny_patch16_224",
        "torchvision's older names of a vision transformer": "vit_tiny_patch16_224",
        "torchvision's names of a Swin transformer": "swin_tiny_patch4_window7_224",
        "torchvision's names of a ConvNeXt": "convnext_atto",
        "torchvision's names of a VGG": "vgg11",
        "torchvision's older names of a DenseNet": "densenet121",
    }
    narrow = {"mlp_ratio": 1 / 512} if "VGG" in rule.said else {}
    network = timm.create_model(names[rule.said], num_classes=0, **narrow)
    own = network.state_dict()
    there = rule.names(own)
    state = {there[name]: value for name, value in own.items()}
    assert not state.keys() & own.keys() or rule.said.endswith(
        ("RegNet", "DenseNet", "VGG", "Swin transformer")
    )
    if "large" in rule.said:
        with pytest.raises(BaseError, match=r"eps of 0\.001; that of this network is 1e-05") as caught:
            renamed(state, network)
        assert "torchvision/efficientnet_v2_s" in caught.value.hint
        return
    found, said = renamed(state, network)
    assert said == rule.said
    assert found.keys() == own.keys()
    assert all(torch.equal(found[name], value) for name, value in own.items())


def test_names_of_efficientnet_pytorch_are_these():
    (rule,) = [rule for rule in RULES if rule.said == EFFICIENTNET]
    there = rule.names(timm.create_model("tf_efficientnet_b0", num_classes=0).state_dict())
    expected = {
        "conv_stem.weight": "_conv_stem.weight",
        "bn2.running_mean": "_bn1.running_mean",
        "blocks.0.0.conv_pw.weight": "_blocks.0._project_conv.weight",
        "blocks.0.0.se.conv_reduce.bias": "_blocks.0._se_reduce.bias",
        "blocks.1.0.conv_pw.weight": "_blocks.1._expand_conv.weight",
        "blocks.1.1.bn1.weight": "_blocks.2._bn0.weight",
        "blocks.6.0.bn3.bias": "_blocks.15._bn2.bias",
    }
    assert {name: there[name] for name in expected} == expected


def test_older_names_of_a_densenet_are_those_that_torchvision_itself_still_mends():
    network = models.densenet121()
    own = network.state_dict()
    older = {
        re.sub(r"denselayer(\d+)\.(norm|conv)(\d)", r"denselayer\1.\2.\3", name): own[name] for name in own
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in older
    found, said = renamed(older, network)
    assert "older names of a DenseNet" in said
    assert found.keys() == own.keys()


def test_a_rule_never_half_applies():
    network = timm.create_model("tf_efficientnet_lite0", num_classes=0)
    own = network.state_dict()
    rule = RULES[0]
    whole = {rule.names(own)[name]: value for name, value in own.items()}
    assert renamed(whole, network)[1] == rule.said
    for damage in (
        lambda state: state.pop("_blocks.3._bn1.weight"),
        lambda state: state.update({"_conv_head.weight": torch.zeros(3, 3)}),
    ):
        state = dict(whole)
        damage(state)
        assert renamed(state, network) == (state, None)


def test_own_names_need_no_rule_and_foreign_networks_have_none():
    network = timm.create_model("test_resnet", num_classes=0)
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    assert renamed(state, network) == (state, None)
    assert renamed({}, nn.Linear(2, 2)) == ({}, None)


def test_the_same_names_with_another_eps_are_refused(tmp_path):
    network = timm.create_model("tf_efficientnet_b0", num_classes=0)
    names = RULES[0].names(network.state_dict())
    file = tmp_path / "lukemelas.pth"
    torch.save({names[name]: value for name, value in network.state_dict().items()}, file)
    base = load_base(f"tf_efficientnet_b0@{file}")
    assert (base.receipt.fraction, base.receipt.renamed) == (1, EFFICIENTNET)
    with pytest.raises(BaseError, match=r"eps of 0\.001; that of this network is 1e-05") as caught:
        load_base(f"efficientnet_b0@{file}")
    assert "tf_efficientnet" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "settings", "make", "instead"),
    [
        ("tf_efficientnetv2_s", {}, "efficientnet_v2_s", "torchvision/efficientnet_v2_s"),
        ("mobilenetv2_100", {"pad_type": "same"}, "mobilenet_v2", "torchvision/mobilenet_v2"),
    ],
)
def test_the_same_names_with_another_padding_are_refused(name, settings, make, instead):
    network = timm.create_model(name, num_classes=0, **settings)
    with pytest.raises(BaseError, match="pads both sides of a map alike") as caught:
        renamed(of_torchvision(make).state_dict(), network)
    assert instead in caught.value.hint
