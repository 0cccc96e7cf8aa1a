"""The exported network of a bundle, which takes the place of the PyTorch one.

model.onnx     prepared inputs -> outputs; preparation and decoding stay where they are
export.json    how it was checked, and the SHA-256 of it and of the weights that it was made of

Notation: n examples.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...bases.bundle import WEIGHTS
from ...data.items import digest

GRAPH, RECORD = "model.onnx", "export.json"
SCHEMA = "headstart/export/1"
INPUTS, OUTPUTS = "inputs", "outputs"
"""Names in the graph."""


class Exported(nn.Module):
    """A graph as a module that ONNX Runtime runs on the CPU, with as many threads as PyTorch would take."""

    def __init__(self, graph: bytes, head: nn.Module | None = None) -> None:
        """`head` is the original one: what answers are read by beside its numbers, a graph does not keep.

        Raises what ONNX Runtime says to a graph that it does not take.
        """
        import onnxruntime  # a bundle that was not exported is spared the time

        super().__init__()
        self.head = head
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, …) as the PyTorch network takes them -> what it gives; float32."""
        (outputs,) = self.session.run([OUTPUTS], {INPUTS: np.ascontiguousarray(inputs.numpy())})
        return torch.from_numpy(outputs)


def current(folder: Path, head: nn.Module | None = None) -> Exported | None:
    """The export of a bundle, if it has one that is whole and of the weights that are there now."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        graph = (folder / GRAPH).read_bytes()
        known = {WEIGHTS: digest(folder / WEIGHTS), GRAPH: digest(graph)}
        if record["schema"] != SCHEMA or record["sha256"] != known:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        return Exported(graph, head)
    except Exception:  # an ONNX Runtime that does not take the graph raises its own; PyTorch still predicts
        return None
