from contextlib import ExitStack

import pytest
import timm
import torch
from timm.layers import BatchNormAct2d
from timm.models.densenet import DenseNet
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from headstart.bases.networks import fold

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def _trained(network):
    """In eval mode, BatchNorm's numbers are those of a trained network: folding them changes every weight."""
    generator = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, NORMS):
            for values in (module.weight, module.bias, module.running_mean, module.running_var):
                if values is not None:
                    values.data.copy_(torch.rand(values.shape, generator=generator) + 0.5)
    return network.eval()


def _seeded(build):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return _trained(build())


def _noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def _norms(network):
    return [name for name, module in network.named_modules() if isinstance(module, NORMS)]


def _outputs(network, inputs, kept):
    """What the kept modules and the network give."""
    outputs = []
    with ExitStack() as hooks, torch.no_grad():
        for name in kept:
            module = network.get_submodule(name)
            hooks.enter_context(
                module.register_forward_hook(lambda _module, _in, out: outputs.append(out.clone()))
            )
        return [network(inputs), *outputs]


def _assert_same(copy, network, inputs, kept=(), tolerance=1e-5):
    pairs = list(zip(_outputs(copy, inputs, kept), _outputs(network, inputs, kept), strict=True))
    assert len(pairs) > len(kept)
    for output, expected in pairs:
        assert (output - expected).abs().max() <= tolerance * expected.abs().max()


def _timm(name, **options):
    return lambda: timm.create_model(name, num_classes=0, **options)


VIT = {"img_size": 32, "depth": 2, "embed_dim": 32, "num_heads": 2}
NETWORKS = {
    # build, image side, kept, BatchNorms before and after
    "resnet18": (_timm("resnet18"), 64, ("bn1", "layer1.0.bn1", "layer2", "layer4.1.bn2"), 20, 0),
    "mobilenetv2_100": (_timm("mobilenetv2_100"), 64, ("bn1", "blocks.1.0.bn1.act", "blocks.3"), 52, 0),
    "tf_efficientnet_lite0": (_timm("tf_efficientnet_lite0"), 65, ("bn1", "blocks.2"), 49, 0),
    "inception_v3": (_timm("inception_v3"), 80, ("Conv2d_1a_3x3.bn", "Mixed_5b"), 94, 0),
    "vgg11_bn": (_timm("vgg11_bn", mlp_ratio=1 / 256), 32, ("features.1", "features"), 8, 0),
    "vit": (_timm("vit_tiny_patch16_224", **VIT), 32, ("blocks.0",), 0, 0),
    # each layer's first BatchNorm, the transition's and the last one come after a concatenation
    "densenet": (lambda: DenseNet(8, (2, 2), num_classes=0), 32, ("features.denseblock1",), 11, 6),
}


@pytest.mark.parametrize(("build", "side", "kept", "before", "after"), NETWORKS.values(), ids=NETWORKS)
def test_the_folded_copy_gives_the_same_with_fewer_norms(build, side, kept, before, after):
    network = _seeded(build)
    copy = fold.folded(network, _noise(1, 3, side, side), kept)
    assert (len(_norms(network)), len(_norms(copy))) == (before, after)
    _assert_same(copy, network, _noise(2, 3, side, side) + 0.5, kept)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in copy.modules())


def test_convolutions_with_tensorflow_padding_keep_their_class():
    network = _seeded(_timm("tf_efficientnet_lite0"))
    copy = fold.folded(network, _noise(1, 3, 64, 64), ())
    kinds = [[type(m) for m in net.modules() if isinstance(m, nn.Conv2d)] for net in (network, copy)]
    assert kinds[0] == kinds[1]
    assert len(set(kinds[0])) > 1
    _assert_same(copy, network, _noise(1, 3, 79, 79))  # another side is padded otherwise


@pytest.mark.parametrize("training", [False, True])
def test_the_original_stays_as_it_was(training):
    network = _seeded(_timm("test_resnet")).train(training)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    modules = list(network.modules())
    copy = fold.folded(network, _noise(2, 3, 32, 32), ("layer2",))
    assert not _norms(copy)
    assert not copy.training
    assert list(network.modules()) == modules
    assert all(module.training == training for module in modules)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)
    assert state.keys() == network.state_dict().keys()
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    memory = {parameter.data_ptr() for parameter in network.parameters()}
    assert memory.isdisjoint(parameter.data_ptr() for parameter in copy.parameters())


@pytest.mark.parametrize(
    ("convolution", "norm", "inputs"),
    [
        (nn.Conv2d(4, 6, 3, bias=False), nn.BatchNorm2d(6), _noise(2, 4, 5, 5)),
        (nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6, eps=0.1), _noise(2, 4, 5, 5)),
        (nn.Conv2d(4, 8, 3, stride=2, groups=4), nn.BatchNorm2d(8), _noise(2, 4, 5, 5)),
        (nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.BatchNorm2d(4, affine=False), _noise(2, 4, 5, 5)),
        (nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"), nn.BatchNorm2d(6), _noise(2, 4, 5, 5)),
        (nn.Conv1d(4, 6, 3), nn.BatchNorm1d(6), _noise(2, 4, 5)),
        (nn.Conv3d(4, 6, 3), nn.BatchNorm3d(6), _noise(2, 4, 5, 5, 5)),
    ],
)
def test_every_kind_of_convolution(convolution, norm, inputs):
    network = _trained(nn.Sequential(convolution, norm, nn.ReLU(inplace=True)))
    copy = fold.folded(network, inputs[:1], ("1",))
    assert isinstance(copy[1], nn.Identity)
    _assert_same(copy, network, inputs, ("1",))


def test_dropout_and_activation_inside_the_norm_stay_under_their_names():
    norm = BatchNormAct2d(4, act_layer=nn.SiLU, drop_layer=nn.Dropout)
    network = _trained(nn.Sequential(nn.Conv2d(3, 4, 3), norm))
    kept = ("1", "1.drop", "1.act")
    copy = fold.folded(network, _noise(1, 3, 8, 8), kept)
    assert not _norms(copy)
    assert (type(copy[1].drop), type(copy[1].act)) == (nn.Dropout, nn.SiLU)
    _assert_same(copy, network, _noise(2, 3, 8, 8), kept)


class Pair(nn.Module):
    """A convolution and its BatchNorm, with something between or beside them."""

    def __init__(self, between=None, beside=None):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.between, self.beside = between or nn.Identity(), beside or (lambda conv, bn: bn)

    def forward(self, x):
        conv = self.conv(x)
        return self.beside(conv, self.bn(self.between(conv)))


class Twice(Pair):
    """Each of its two modules runs twice."""

    def forward(self, x):
        return self.bn(self.conv(x)) + self.bn(self.conv(x.flip(1)))


class Reused(Pair):
    """Its BatchNorm serves a second input."""

    def forward(self, x):
        return self.bn(self.conv(x)) + self.bn(x[:, [0, 1, 2, 0], 1:-1, 1:-1])


class Wasteful(Pair):
    """Runs its convolution once for nothing."""

    def forward(self, x):
        self.conv(x)
        return super().forward(x)


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


HANDMADE = {
    "alone": (Pair(), 0),
    "looked past": (Pair(between=nn.Identity(), beside=lambda conv, bn: bn + conv.shape[1]), 0),
    "used twice": (Pair(beside=lambda conv, bn: bn + conv), 1),
    "used twice, without a gradient": (Pair(beside=lambda conv, bn: bn + conv.detach()), 1),
    "used twice, past autograd": (Pair(beside=lambda conv, bn: bn + conv.data.mean()), 1),
    "used twice, past torch": (Pair(beside=lambda conv, bn: bn + float(conv.numpy().mean())), 1),
    "used as a view": (Pair(beside=lambda conv, bn: bn + conv[0, 0, 0, 0]), 1),
    "returned too": (Pair(beside=lambda conv, bn: torch.stack([conv, bn])), 1),
    "ReLU between": (Pair(between=nn.ReLU()), 1),
    "ReLU between, in place": (Pair(between=nn.ReLU(inplace=True)), 1),
    "view between": (Pair(between=Lambda(lambda x: x.transpose(2, 3))), 1),
    "both run twice": (Twice(), 1),
    "convolution run twice": (Wasteful(), 1),
    "norm reused": (Reused(), 1),
}


@pytest.mark.parametrize(("network", "left"), HANDMADE.values(), ids=HANDMADE)
def test_only_what_the_norm_alone_reads_is_folded(network, left, monkeypatch):
    monkeypatch.setattr(fold, "_agree", lambda output, expected: True)  # the watch, not the last guard
    copy = fold.folded(_trained(network), _noise(1, 3, 8, 8), ("bn",))
    assert len(_norms(copy)) == left
    _assert_same(copy, network, _noise(2, 3, 8, 8), ("bn",))


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ((), []),
        (("0.bn", "beyond"), []),
        (("0.conv",), ["0.bn"]),
        (("0.conv.0",), ["0.bn"]),
        (("0.between",), ["0.bn"]),
        (("0.bn", "0.alias"), ["0.bn"]),
    ],
)
def test_what_is_kept_can_still_be_read(kept, left):
    network = Pair()
    network.conv = nn.Sequential(network.conv)
    network.alias = network.conv[0]
    network = _trained(nn.Sequential(network, nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)))
    copy = fold.folded(network, _noise(1, 3, 8, 8), kept)
    assert _norms(copy) == left
    names = [name for name in kept if name != "beyond"]
    _assert_same(copy, network, _noise(2, 3, 8, 8), names)


def test_the_example_stays_as_it_was():
    network = _trained(nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    example = _noise(1, 3, 8, 8)
    assert not _norms(fold.folded(network, example, ()))
    assert torch.equal(example, _noise(1, 3, 8, 8))


def test_norms_without_statistics_stay():
    norm = nn.BatchNorm2d(4, track_running_stats=False)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), norm, nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    copy = fold.folded(_trained(network), _noise(2, 3, 8, 8), ())
    assert _norms(copy) == ["1"]
    _assert_same(copy, network, _noise(2, 3, 8, 8))


def test_a_computed_weight_is_left_alone():
    network = nn.Sequential(weight_norm(nn.Conv2d(3, 4, 3)), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1))
    network.append(nn.BatchNorm2d(4))
    copy = fold.folded(_trained(network), _noise(1, 3, 8, 8), ())
    assert _norms(copy) == ["1"]
    _assert_same(copy, network, _noise(2, 3, 8, 8))


class Standardised(nn.Conv2d):
    """Takes the scale out of its weight, so nothing can be folded into that."""

    def forward(self, x):
        return self._conv_forward(x, self.weight / self.weight.std(), self.bias)


class Inquisitive(Pair):
    """Wants to know its BatchNorm's width."""

    def forward(self, x):
        return super().forward(x) * self.bn.num_features


class Aliased(Pair):
    """Runs its BatchNorm by a second name."""

    def __init__(self):
        super().__init__()
        self.same = self.bn

    def forward(self, x):
        return self.same(self.conv(x))


@pytest.mark.parametrize(
    "network",
    [nn.Sequential(Standardised(3, 4, 3), nn.BatchNorm2d(4)), Inquisitive(), Aliased()],
    ids=["weight scaled on the way", "norm's attributes read", "second name"],
)
def test_what_would_not_agree_comes_back_unfolded(network):
    copy = fold.folded(_trained(network), _noise(1, 3, 8, 8), ())
    assert len(_norms(copy)) == 1
    assert copy is not network
    assert all(
        map(torch.equal, _outputs(copy, _noise(2, 3, 8, 8), ()), _outputs(network, _noise(2, 3, 8, 8), ()))
    )


def test_a_kept_name_that_no_longer_runs_comes_back():
    network = _trained(Pair())
    network.same = network.bn
    copy = fold.folded(network, _noise(1, 3, 8, 8), ("same",))
    _assert_same(copy, network, _noise(2, 3, 8, 8), ("same",))


def test_outputs_that_are_no_numbers_do_not_agree():
    nan, ones = torch.full((2,), torch.nan), torch.ones(2)
    assert fold._agree(ones * (1 + 5e-5), ones)
    assert not fold._agree(ones * (1 + 2e-4), ones)
    assert not fold._agree(nan, ones)
    assert not fold._agree(ones, ones[:1])
    assert fold._agree(ones[:0], ones[:0])
