"""A base's feature maps are what its modules give, and train in parts from the coarsest down."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from headstart.bases import build, load_base
from headstart.bases._onnx import export
from headstart.bases._pyramid import Pyramid, mapped, pooled, shapes_of
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


def test_a_transformer_has_no_such_maps(vit_folder):
    base = load_base(str(vit_folder()[0]))
    with pytest.raises(BaseError, match="no feature maps of stride 8 to 32") as caught:
        mapped(base, 8)
    assert "convolutional" in caught.value.hint


def test_as_onnx_it_gives_the_same(tiny, noise):
    network = mapped(tiny, 8).network()
    session = onnxruntime.InferenceSession(export(network, noise), providers=["CPUExecutionProvider"])
    for some in (noise, noise[:1]):
        (found,) = session.run(None, {"input": some.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(found, network(some).numpy(), rtol=1e-3, atol=1e-4)
