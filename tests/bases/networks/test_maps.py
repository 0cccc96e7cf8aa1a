"""A base's feature maps are what its modules give, and train in parts from the coarsest down."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import onnxruntime
import pytest
import torch

import small_detectors
from headstart.bases import build, load_base
from headstart.bases.networks.maps import Pyramid, apart, mapped, pooled, shapes_of
from headstart.bases.networks.yolox import YoloX
from headstart.bases.passes.onnx import export
from headstart.errors import BaseError

SIZE = 64
NETWORKS = {
    "test_resnet": ("timm_folder", {}),
    "mobilenetv2_050": ("timm_folder", {}),
    "resnet18": ("torchvision_folder", {}),
    "mobilenet_v3_small": ("torchvision_folder", {}),
    "squeezenet1_1": ("torchvision_folder", {}),
}


@pytest.fixture(scope="module", params=NETWORKS)
def base(request):
    maker, args = NETWORKS[request.param]
    folder, _ = request.getfixturevalue(maker)(request.param, SIZE, args)
    return load_base(str(folder))


@pytest.fixture(scope="module")
def tiny(timm_folder):
    return load_base(str(timm_folder("test_resnet", SIZE)[0]))


@pytest.fixture(scope="module")
def noise():
    return torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(3))


def kept_by_hooks(network, names, inputs):
    """What each module gives in one run."""
    found = {}
    hooks = [
        network.get_submodule(name).register_forward_hook(
            lambda _module, _inputs, output, name=name: found.__setitem__(name, output.clone())
        )
        for name in names
    ]
    with torch.no_grad():
        network(inputs)
    for hook in hooks:
        hook.remove()
    return [found[name] for name in names]


@pytest.mark.parametrize("finest", [2, 8])
def test_the_maps_are_those_of_the_base_one_for_each_stride(base, noise, finest):
    found = mapped(base, finest)
    network = found.network()
    assert isinstance(network, Pyramid)
    strides = [SIZE / height for _, height, _ in network.shapes]
    powers = [stride for stride in (2, 4, 8, 16, 32) if stride >= finest]
    assert len(strides) == len(powers) - ("squeezenet" in str(base.architecture))  # it ends at 16
    assert strides == pytest.approx(powers[: len(strides)], rel=0.35)
    expected = kept_by_hooks(base.network(), network.maps, noise)
    with torch.no_grad():
        flat, each = network(noise), network.each(noise)
    assert [tuple(one.shape[1:]) for one in expected] == list(network.shapes) == list(shapes_of(network))
    assert all(torch.equal(*pair) for pair in zip(each, expected, strict=True))
    assert torch.equal(flat, torch.cat([one.flatten(1) for one in expected], 1))
    assert found.card.width == flat.shape[1]
    assert found.card.stages == network.maps[:-1]
    assert found.card.stage_numbers == ()
    assert found.card.input_size == SIZE
    assert (found.name, found.card.sha256) == (base.name, base.card.sha256)


def test_each_parameter_is_of_one_part_at_most_and_of_the_coarsest_map_that_needs_it_only(base, noise):
    network = mapped(base, 4).network()
    parts = network.parts
    assert tuple(parts) == network.maps
    named = [name for part in parts.values() for name in part]
    assert len(named) == len(set(named))
    needed = set()
    for name, one in zip(network.maps, network.each(noise), strict=True):
        network.zero_grad(set_to_none=True)
        one.square().sum().backward(retain_graph=True)
        reached = {own for own, parameter in network.named_parameters() if parameter.grad is not None}
        assert set(parts[name]) == reached - needed, name
        needed |= reached
    assert set(named) == needed


def test_above_a_map_is_what_only_coarser_ones_need(tiny, noise):
    network = mapped(tiny, 8).network()
    first, second, last = network.maps
    assert set(network.above(first)) == {*network.parts[second], *network.parts[last]}
    assert network.above(second) == list(network.parts[last])
    assert network.above(last) == []
    order = [name for name, _ in network.named_parameters()]
    assert network.above(first) == sorted(network.above(first), key=order.index)


def test_what_is_below_a_map_stays_while_what_is_above_moves(tiny, noise):
    network = mapped(tiny, 8).network().train()  # random weights give little else than 0 in eval mode
    first, *above = network.maps
    trained = set(network.above(first))
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in trained)
    before = {name: parameter.clone() for name, parameter in network.named_parameters()}
    flat = network(noise)
    (flat * torch.randn(flat.shape, generator=torch.Generator().manual_seed(5))).sum().backward()
    torch.optim.SGD([one for one in network.parameters() if one.grad is not None], lr=0.1).step()
    moved = {name for name, one in network.named_parameters() if not torch.equal(one, before[name])}
    assert moved <= trained
    assert all(moved & set(network.parts[name]) for name in above)
    assert len(moved) > 0.4 * len(trained)  # some begin at 0


def test_its_weights_are_the_bases_own(tiny, noise):
    found = mapped(tiny, 8)
    assert set(found.state) == {f"base.{name}" for name in tiny.state}
    assert all(torch.equal(found.state[f"base.{name}"], tensor) for name, tensor in tiny.state.items())
    again = build(found.architecture, SIZE)
    again.load_state_dict(found.state)
    with torch.no_grad():
        assert torch.equal(again.eval()(noise), found.network()(noise))


@pytest.mark.parametrize("size", [32, 96])
def test_inputs_of_another_size_have_maps_of_another_size(tiny, size):
    whole, other = mapped(tiny, 8).network(), mapped(tiny, 8).build(size)
    assert other.maps == whole.maps
    assert [(c, h, w) for c, h, w in other.shapes] == [
        (c, h * size // SIZE, w * size // SIZE) for c, h, w in whole.shapes
    ]
    with torch.no_grad():
        found = other.eval()(torch.zeros(1, 3, size, size))
    assert found.shape[1] == sum(c * h * w for c, h, w in other.shapes)


def test_knowing_shapes_and_parts_changes_nothing(tiny):
    """Neither the mode, nor BatchNorm's statistics, nor what is trained."""
    network = mapped(tiny, 8).build(SIZE).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    asked = [parameter.requires_grad for parameter in network.parameters()]
    assert network.parts
    assert network.training
    assert [parameter.requires_grad for parameter in network.parameters()] == asked
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_means_of_channels_by_hand():
    shapes = ((2, 2, 2), (1, 1, 1))
    flat = torch.tensor([[1.0, 2, 3, 4, 10, 20, 30, 40, 7]])
    assert pooled(flat, shapes).tolist() == [[2.5, 25.0, 7.0]]
    assert shapes_of(torch.nn.Identity()) == ()


VIT = {"img_size": 32, "embed_dim": 24, "depth": 5, "num_heads": 2}
PLAIN = {
    "vit_tiny_patch16_224": {**VIT, "patch_size": 8},
    "deit_tiny_distilled_patch16_224": {**VIT, "patch_size": 8},
    "vit_small_patch14_reg4_dinov2": {**VIT, "img_size": 56},
}
WINDOWS = {
    "img_size": 64,
    "embed_dim": 8,
    "depths": [1, 1, 2, 1],
    "num_heads": [2, 2, 2, 2],
    "window_size": 2,
}


@pytest.fixture(scope="module", params=[*PLAIN, "transformers"])
def vit(request):
    """A small transformer of patches, prepared for pictures of another side than its own."""
    if request.param == "transformers":
        folder = request.getfixturevalue("vit_folder")()[0]
    else:
        args, make = PLAIN[request.param], request.getfixturevalue("timm_folder")
        folder = make(request.param, args["img_size"], args, fixed_input_size=True)[0]
    base = load_base(str(folder))
    return base.prepared(base.preprocess.at(SIZE))


def test_a_transformer_has_its_last_tokens_as_a_map(vit):
    found = mapped(vit, 4)
    network, size = found.network(), found.preprocess.size
    patch = 14 if size % 14 == 0 else 8
    assert size == (56 if patch == 14 else SIZE)  # which patches fill
    channels = network.shapes[-1][0]
    picture = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(3))
    (tokens,) = kept_by_hooks(network.base, network.maps, picture)
    side = size // patch
    own = tokens[:, tokens.shape[1] - side**2 :].transpose(1, 2).reshape(2, channels, side, side)
    with torch.no_grad():
        each = network.each(picture)
    assert any(torch.equal(one, own) for one in each)
    assert all(len(one) == 2 and one.shape[1] in (12, channels) for one in each)
    assert [size / one.shape[-1] for one in each][0] == 4
    assert found.card.width == sum(one[0].numel() for one in each)
    assert found.card.input_size == size


def test_a_transformers_table_of_positions_follows_the_grid(vit):
    found = mapped(vit, 8)
    changed = {
        name for name, tensor in vit.state.items() if found.state[f"base.{name}"].shape != tensor.shape
    }
    same_size = found.preprocess.size == vit.card.input_size
    assert changed == {name for name in vit.state if "pos" in name and not same_size}
    for name in changed:
        grid = found.state[f"base.{name}"]
        few = vit.state[name].shape[1] - 16
        assert grid.shape[1] == few + 64
        assert torch.equal(grid[:, :few], vit.state[name][:, :few])
        torch.testing.assert_close(
            grid[:, few:].mean(1), vit.state[name][:, few:].mean(1), rtol=0.1, atol=0.01
        )
    again = build(found.architecture, found.preprocess.size)
    again.load_state_dict(found.state)


def test_a_transformer_trains_in_parts_from_its_last_layers_down(vit):
    found = mapped(vit, 8)
    network = found.network()
    assert found.card.stages == network.ends[:-1]
    assert len(found.card.stages) in (2, 3)
    picture = torch.randn(1, 3, found.preprocess.size, found.preprocess.size)
    before = [name for name, _ in network.named_parameters()]
    for stage in found.card.stages:
        trained = set(network.above(stage))
        assert trained < set(before)
        before = trained
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in trained)
        network.zero_grad(set_to_none=True)
        network(picture).square().sum().backward()
        moved = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
        assert moved == trained
        assert not any("pos" in name or "patch_embed" in name for name in trained)
    assert trained


def test_windows_of_tokens_keep_their_places(timm_folder):
    name = "swin_tiny_patch4_window7_224"
    base = load_base(str(timm_folder(name, 64, WINDOWS, fixed_input_size=True)[0]))
    network = mapped(base, 4).network()
    assert network.shapes == ((8, 16, 16), (16, 8, 8), (32, 4, 4), (64, 2, 2))
    assert network.maps == ("layers.0", "layers.1", "layers.2", "norm")
    picture = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    outputs = kept_by_hooks(network.base, network.maps, picture)
    with torch.no_grad():
        each = network.each(picture)
    assert all(
        torch.equal(one, output.permute(0, 3, 1, 2)) for one, output in zip(each, outputs, strict=True)
    )


class Shuffled(torch.nn.Module):
    """Patches whose tokens come in another order than their places."""

    def __init__(self, shuffled):
        super().__init__()
        self.patches = torch.nn.Conv2d(3, 8, 8, 8)
        self.layers = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 8))
        order = torch.randperm(64, generator=torch.Generator().manual_seed(1))
        self.order = order if shuffled else torch.arange(64)

    def forward(self, pictures):
        return self.layers(self.patches(pictures).flatten(2).transpose(1, 2)[:, self.order]).mean(1)


@pytest.mark.parametrize("shuffled", [False, True])
def test_tokens_in_another_order_are_no_map(tiny, monkeypatch, shuffled):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = Shuffled(shuffled).state_dict()
    made = lambda *_: Shuffled(shuffled)  # noqa: E731
    monkeypatch.setattr("headstart.bases.timm.Timm.build", made)
    base = replace(tiny, build=made, state=state)
    if not shuffled:
        assert mapped(base, 8).network().maps == ("layers",)
        return
    with pytest.raises(BaseError, match="no feature maps of stride 8 to 32") as caught:
        mapped(base, 8)
    assert "transformer of patches" in caught.value.hint


class Mixes(torch.nn.Module):
    """Mixes the tokens of 4 x 4 patches: one weight for each pair of places."""

    def __init__(self):
        super().__init__()
        self.patches, self.mix = torch.nn.Conv2d(3, 8, 8, 8), torch.nn.Linear(16, 16)

    def forward(self, pictures):
        return self.mix(self.patches(pictures).flatten(2)).mean(2)


def test_a_size_that_a_network_does_not_take_is_said(tiny):
    base = replace(tiny, build=lambda _size: Mixes(), state=Mixes().state_dict())
    with pytest.raises(BaseError, match="does not take pictures of 64 x 64 pixels: ..") as caught:
        mapped(base, 8)
    assert "convolutional" in caught.value.hint


def test_a_transformers_maps_as_onnx(vit):
    found = mapped(vit, 4)
    network, size = found.network(), found.preprocess.size
    picture = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(3))
    session = onnxruntime.InferenceSession(export(network, picture), providers=["CPUExecutionProvider"])
    for some in (picture, picture[:1]):
        (rows,) = session.run(None, {"input": some.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(rows, network(some).numpy(), rtol=1e-3, atol=1e-4)


def test_as_onnx_it_gives_the_same(tiny, noise):
    network = mapped(tiny, 8).network()
    session = onnxruntime.InferenceSession(export(network, noise), providers=["CPUExecutionProvider"])
    for some in (noise, noise[:1]):
        (found,) = session.run(None, {"input": some.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(found, network(some).numpy(), rtol=1e-3, atol=1e-4)


def test_a_row_is_taken_apart_as_it_was_put_together():
    shapes = [(6, 8, 8), (8, 5, 5), (12, 3, 2)]
    maps = [torch.randn(2, *shape) for shape in shapes]
    row = torch.cat([one.flatten(1) for one in maps], 1)
    for one, found in zip(maps, apart(row, shapes), strict=True):
        assert torch.equal(one, found)


def test_a_network_may_declare_what_its_parts_end_with(tmp_path):
    base = mapped(load_base(str(small_detectors.write_yolox(tmp_path)[0])), 8)
    network, stages = base.network(), base.card.stages
    assert (*stages, network.maps[-1]) == YoloX.ends
    assert network.maps == YoloX.maps
    assert {name for names in network.parts.values() for name in names} == dict(
        network.named_parameters()
    ).keys()
    above = [set(network.above(stage)) for stage in stages]
    assert all(higher < lower for lower, higher in pairwise(above))
    assert all(".C3_n4" in name or ".bu_conv1" in name for name in above[-1])
