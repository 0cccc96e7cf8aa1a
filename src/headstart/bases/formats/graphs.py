"""Graphs of ONNX as checkpoints: the convolutions in the order in which they run, under no names to rely on.

Exporters fold normalisation into convolutions and number what comes out, so that a weight is known by its
place in the graph alone. What a network makes of it is held against what the graph itself gives.

Nothing outside of the file is read: tensors that lie elsewhere are refused before the graph is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from google.protobuf.message import DecodeError, Message
from onnx import numpy_helper
from torch import Tensor

from ...errors import BaseError

SUFFIX = ".onnx"
LARGEST = 2**31 - 1
"""Bytes of a file at most: ONNX cannot hold more in one."""


@dataclass(frozen=True)
class Convolution:
    """One that runs, with its weights."""

    weight: Tensor
    """(c, given / groups, height, width), float32."""
    bias: Tensor
    """(c,)."""


@dataclass(frozen=True)
class Graph:
    """What a file holds."""

    file: Path
    content: bytes
    names: tuple[str, ...]
    """Of all weights."""
    convolutions: tuple[Convolution, ...]
    """In the order in which they run."""

    def input_shape(self) -> tuple[int, ...]:
        """Of its input, where it has one; axes of any length are 0."""
        inputs = self._session().get_inputs()
        if len(inputs) != 1:
            raise BaseError(f"{self.file} has {len(inputs)} inputs, not one", "give the graph of one network")
        return tuple(axis if isinstance(axis, int) else 0 for axis in inputs[0].shape)

    def run(self, inputs: Tensor) -> list[Tensor]:
        """What it gives.

        Raises:
            BaseError: it does not run.
        """
        session = self._session()
        try:
            found = session.run(None, {session.get_inputs()[0].name: inputs.numpy()})
        except Exception as error:  # whatever onnxruntime says to a graph that does not hold together
            raise self._broken(error) from error
        return [torch.from_numpy(np.asarray(one)) for one in found]

    def _session(self) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            return onnxruntime.InferenceSession(self.content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # as above
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> BaseError:
        return BaseError(f"{self.file} does not run: {' '.join(str(error).split())}", "export it anew")


def read(file: Path) -> Graph:
    """The graph in a file.

    Raises:
        BaseError: it cannot be read, is cut short, or has weights in other files.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise BaseError(f"{file} is larger than a graph can be", "give the graph of one network")
        content = file.read_bytes()
    except OSError as error:
        raise BaseError(f"{file} cannot be read: {error.strerror}", "check its rights") from error
    try:
        model = onnx.load_model_from_string(content)
        _refuse_elsewhere(file, model)
        values = {one.name: one for one in model.graph.initializer}
        found = tuple(_convolutions(model.graph.node, values))
    except (DecodeError, ValueError, TypeError, KeyError) as error:
        raise BaseError(f"{file} is no graph of ONNX's, or is cut short: {error}", "get it again") from error
    return Graph(file, content, tuple(values), found)


def _refuse_elsewhere(file: Path, model: Any) -> None:
    if any(one.data_location == onnx.TensorProto.EXTERNAL for one in _tensors(model)):
        raise BaseError(
            f"{file} keeps weights in other files, and names them itself: those are not followed",
            "where you trust it, save it in one file: onnx.save(onnx.load(FILE), NEW)",
        )


def _tensors(message: Message) -> Iterator[Any]:
    """Every tensor in it, however deep."""
    if isinstance(message, onnx.TensorProto):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in [value] if isinstance(value, Message) else value:
                yield from _tensors(one)


def _convolutions(nodes: Any, values: dict[str, Any]) -> Iterator[Convolution]:
    """Nodes are in an order in which they can run."""
    for node in nodes:
        if node.op_type == "Conv" and node.input[1] in values:
            weight = _numbers(values[node.input[1]])
            known = len(node.input) > 2 and node.input[2]
            yield Convolution(weight, _numbers(values[node.input[2]]) if known else torch.zeros(len(weight)))


def _numbers(tensor: Any) -> Tensor:
    """Float32; sizes that disagree with the bytes are a ValueError."""
    found = np.array(numpy_helper.to_array(tensor), dtype=np.float32)
    return torch.from_numpy(found)
