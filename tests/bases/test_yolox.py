"""Graphs of YOLOX: the base and the head that came with it give what the graph gives."""

from __future__ import annotations

import json

import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import nn

import small_detectors
from headstart.bases import load_base
from headstart.bases._coco import coco
from headstart.bases.networks.maps import mapped
from headstart.bases.yolox import plugin
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_detectors.write_yolox(tmp_path_factory.mktemp("yolox"))[0]


@pytest.fixture(scope="module")
def base(folder):
    return load_base(str(folder), "image")


@pytest.fixture(scope="module")
def pixels():
    shape = (2, 3, small_detectors.SIDE, small_detectors.SIDE)
    return torch.rand(shape, generator=torch.Generator().manual_seed(5)) * 255


def outputs_of_graph(file, pixels):
    """Red, green, blue in; one picture at a time, for its axes are fixed."""
    session = onnxruntime.InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    given = [session.run(None, {"images": one[None].flip(1).numpy()})[0] for one in pixels]
    return torch.cat([torch.from_numpy(one) for one in given])


def rewritten(folder, into, change, config=None):
    """The same with another graph."""
    into.mkdir(exist_ok=True)
    model = onnx.load(next(folder.glob("*.onnx")))
    change(model)
    (into / "other.onnx").write_bytes(model.SerializeToString())
    (into / "config.json").write_text(json.dumps(config or {}))
    return into


@pytest.mark.slow("deep", "three classes")
@pytest.mark.parametrize(
    "how",
    [{}, {"k": 3}, {"repeats": 2}, {"separable": False}],
    ids=["nano", "three classes", "deep", "whole"],
)
def test_base_and_head_give_what_the_graph_gives(how, pixels, tmp_path):
    folder, _ = small_detectors.write_yolox(tmp_path, **how)
    base = mapped(load_base(str(folder)), 8)
    network = base.network()
    with torch.no_grad():
        raw = small_detectors.head_of(base, network, base.head.labels).towers(
            [
                one.reshape(2, *shape)
                for one, shape in zip(_maps(network, pixels), network.shapes, strict=True)
            ]
        )
    expected = outputs_of_graph(folder / "yolox_tiny.onnx", pixels)
    found = torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], 2) if "k" not in how else raw
    if "k" in how:  # rows without names are not carried over
        expected, found = expected[..., :4], found[..., :4]
    assert bool((expected.amax(1) - expected.amin(1))[:, :4].min() > 0.1)
    torch.testing.assert_close(found, expected, atol=1e-4 * float(expected.abs().max()), rtol=1e-4)


def _maps(network, pixels):
    return torch.split(network(pixels), [c * h * w for c, h, w in network.shapes], dim=1)


def test_it_tells_where_it_comes_from(base, folder):
    assert (base.card.source_data, base.card.licence) == ("80 kinds of things", "MIT")
    assert base.preprocess == ImagePreprocess(64, (0.0,) * 3, (1 / 255,) * 3, "bilinear", 1.0, "squash")
    assert base.receipt.fraction == 1
    assert base.receipt.fresh == base.receipt.unused == ()
    assert base.head.labels == coco()
    alone = load_base(str(folder / "yolox_tiny.onnx"))
    assert (alone.card.sha256, alone.card.licence) == (base.card.sha256, None)
    assert (
        load_base(str(rewritten(folder, folder.parent / "named", lambda _: None, NAMED))).head.labels == NAMES
    )


NAMES = tuple(f"kind {number}" for number in range(80))
NAMED = {"label_names": list(NAMES)}


def test_its_normalisation_is_folded_and_random_weights_have_their_own(base):
    def norms(network):
        return [one for one in network.modules() if isinstance(one, nn.BatchNorm2d)]

    assert all(bool(one.folded) for one in norms(base.network()))
    assert not any(bool(one.folded) for one in norms(base.build(None)))


def test_it_is_a_base_of_features_too(base, pixels):
    with torch.no_grad():
        features = base.network()(pixels)
    assert features.shape == (2, 28 * small_detectors.CHANNELS)
    assert base.card.stages
    assert features.std(0).min() >= 0


def test_rows_of_classes_are_kept_by_name(base):
    network = mapped(base, 8).network()
    head = small_detectors.head_of(base, network, ("zebra crossing", "Dog", "traffic_light"))
    for name in head.class_rows:
        own, given = head.state_dict()[name], base.head.state[name]
        assert torch.equal(own[1], given[coco().index("dog")])
        assert torch.equal(own[2], given[coco().index("traffic light")])
        assert not any(torch.equal(own[0], row) for row in given)


def test_other_weights_are_another_base(folder, base, tmp_path):
    def more(model):
        for one in model.graph.initializer:
            if len(one.dims) == 4:
                one.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(one) * 1.1, one.name))

    assert load_base(str(rewritten(folder, tmp_path, more))).card.sha256 != base.card.sha256


def test_a_graph_that_does_something_else_is_refused(folder, tmp_path):
    """The same convolutions, with another activation after one of them."""

    def changed(model):
        first = next(node for node in model.graph.node if node.op_type == "Sigmoid")
        first.op_type = "Tanh"

    with pytest.raises(BaseError, match="does something else with them") as caught:
        load_base(str(rewritten(folder, tmp_path, changed)))
    assert "export it" in caught.value.hint


def test_weights_that_are_no_numbers_are_refused(folder, tmp_path):
    def broken(model):
        one = next(one for one in model.graph.initializer if len(one.dims) == 4)
        one.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(one) * float("nan"), one.name))

    with pytest.raises(BaseError):
        load_base(str(rewritten(folder, tmp_path, broken)))


def test_other_graphs_are_left_to_others_or_told(tmp_path):
    other = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 1)).eval()
    (tmp_path / "other.onnx").write_bytes(small_detectors.graph(other))
    assert plugin.locate(str(tmp_path)) is None
    with pytest.raises(BaseError, match="of no YOLOX"):
        plugin.locate(str(tmp_path / "other.onnx"))
    with pytest.raises(BaseError, match="weights of ONNX"):
        load_base(str(tmp_path))


def test_several_graphs_in_a_folder_are_none(folder, tmp_path):
    rewritten(folder, tmp_path, lambda _: None)
    (tmp_path / "second.onnx").write_bytes((tmp_path / "other.onnx").read_bytes())
    assert plugin.locate(str(tmp_path)) is None


def test_what_is_saved_is_the_same_base(base, tmp_path):
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, content in saved.settings.items():
        (tmp_path / name).write_text(json.dumps(content))
    save_file({name: one.contiguous() for name, one in saved.state.items()}, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path))
    assert again.preprocess == base.preprocess
    assert again.card.sha256 == base.card.sha256


@pytest.mark.realdata
def test_real_weights_give_what_their_graph_gives_on_a_picture(shared):
    base = load_base(str(shared / "weights" / "yolox_nano_coco"))
    assert base.receipt.fraction == 1
    assert "Apache-2.0" in base.card.licence
    assert "COCO" in base.card.source_data
    pixels = small_detectors.portrait(416)
    (file,) = (shared / "weights" / "yolox_nano_coco").glob("*.onnx")
    network = mapped(base, 8).network()
    head = small_detectors.head_of(base, network, coco())
    with torch.no_grad():
        maps = network.base.backbone(pixels)
        raw = head.towers(maps)
    found = torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], 2)
    torch.testing.assert_close(found, outputs_of_graph(file, pixels), atol=1e-4, rtol=1e-4)


@pytest.mark.realdata
def test_real_weights_see_what_is_there_by_the_names_of_a_task(shared):
    base = load_base(str(shared / "weights" / "yolox_nano_coco"))
    assert small_detectors.seen(base, ("Tie", "zebra", "PERSON", "ant")) == ["PERSON", "Tie"]
