"""Graphs of ONNX are read without following anything in them, and broken ones are told."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import small_detectors
from headstart.bases.formats import graphs
from headstart.errors import BaseError


@pytest.fixture
def network():
    """Two convolutions, of which one has no bias."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 1, bias=False)).eval()


@pytest.fixture
def file(network, tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(small_detectors.graph(network, side=8))
    return path


def changed(file, change):
    model = onnx.load(file)
    change(model)
    file.write_bytes(model.SerializeToString())
    return file


def test_convolutions_come_in_their_order_with_their_weights(file, network):
    found = graphs.read(file)
    first, second = found.convolutions
    assert torch.equal(first.weight, network[0].weight)
    assert torch.equal(first.bias, network[0].bias)
    assert torch.equal(second.weight, network[2].weight)
    assert torch.equal(second.bias, torch.zeros(2))
    assert len(found.names) == 3


def test_it_runs(file, network):
    found = graphs.read(file)
    assert found.input_shape() == (1, 3, 8, 8)
    inputs = torch.randn(1, 3, 8, 8)
    (given,) = found.run(inputs)
    torch.testing.assert_close(given, network(inputs).detach(), atol=1e-5, rtol=0)


def test_axes_of_any_length_are_told(file):
    def free(model):
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"

    assert graphs.read(changed(file, free)).input_shape() == (1, 3, 0, 8)


def test_half_precision_becomes_whole(file, network):
    def halved(model):
        for one in model.graph.initializer:
            one.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(one).astype(np.float16), one.name))

    found = graphs.read(changed(file, halved)).convolutions[0].weight
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, network[0].weight.detach(), atol=1e-3, rtol=0)


@pytest.mark.parametrize("where", ["weight", "constant"])
def test_weights_in_other_files_are_refused_and_not_read(file, where):
    """Also where no convolution has them: a tensor may be in a node, too."""

    def elsewhere(model):
        node = helper.make_node(
            "Constant", [], ["more"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0])
        )
        model.graph.node.insert(0, node)
        tensor = model.graph.initializer[0] if where == "weight" else node.attribute[0].t
        if where == "constant":
            tensor = model.graph.node[0].attribute[0].t
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", "../../secret"

    with pytest.raises(BaseError, match="keeps weights in other files") as caught:
        graphs.read(changed(file, elsewhere))
    assert "onnx.save" in caught.value.hint


def test_bytes_that_are_fewer_than_a_shape_says_are_told(file):
    def shorter(model):
        model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-4]

    with pytest.raises(BaseError, match="cut short"):
        graphs.read(changed(file, shorter))


@pytest.mark.parametrize("content", [b"no graph at all", b"\x08\x07\x12\xff"])
def test_other_files_are_no_graphs(tmp_path, content):
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(BaseError, match="is no graph of ONNX's, or is cut short"):
        graphs.read(tmp_path / "x.onnx")


def test_a_file_that_was_cut_short_is_told(file):
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BaseError, match="cut short"):
        graphs.read(file)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(BaseError, match="cannot be read"):
        graphs.read(tmp_path / "none.onnx")


def test_a_graph_that_does_not_run_is_told(file):
    def broken(model):
        model.graph.node[0].input[0] = "nothing of this name"

    found = graphs.read(changed(file, broken))
    with pytest.raises(BaseError, match="does not run"):
        found.run(torch.zeros(1, 3, 8, 8))
    with pytest.raises(BaseError, match="does not run"):
        found.input_shape()


def test_inputs_of_another_shape_are_told(file):
    with pytest.raises(BaseError, match="does not run"):
        graphs.read(file).run(torch.zeros(1, 3, 9, 8))
