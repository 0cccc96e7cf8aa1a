"""A network as an ONNX Runtime session that starts from encoded examples.

One session of one thread, called from as many threads as there are: for small networks that is up to
twice as fast as one call that all threads share. The preparation (uint8 to normalised float32) is a part
of the graph, so that a quarter of the bytes go in.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import onnxruntime
import torch
from torch import Tensor, nn

from ...cache import Array
from ..networks.taps import activations

OPSET = 17
BATCH = 4
"""Examples per call: what the layers give stays in the processor's cache (measured 1 to 32)."""


class Session:
    """An engine of `engines.py`."""

    name = "onnxruntime"
    precision = "float32"
    batch = BATCH
    concurrent = True

    def __init__(
        self, network: nn.Module, preparation: nn.Module, boundaries: Sequence[str], sample: Array
    ) -> None:
        """Export and load; `sample` are two encoded examples or more."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # in eval mode itself: the exporter puts everything back into the mode of what it is given
        tapped = _Tapped(network, preparation, boundaries).eval()
        graph = export(tapped, torch.from_numpy(sample[:2]))
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def __call__(self, encoded: Array) -> list[Array]:
        outputs: list[Array] = self.session.run(None, {"input": encoded})
        return outputs


def export(
    network: nn.Module, example: Tensor, inputs: str = "input", outputs: Sequence[str] | None = None
) -> bytes:
    """The network as ONNX, any number of examples at once.

    Its inputs and outputs have these names; of several outputs that have none `output0`, `output1`, ….

    By PyTorch's older exporter: it needs a third of a second where the newer one needs several, and the
    result is compared with the network anyway.
    """
    graph = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        found = network(example)
        found = (found,) if isinstance(found, Tensor) else found
        names = list(outputs or [f"output{number}" for number, _ in enumerate(found)])
        free = [_free(example, example), *(_free(example, output) for output in found)]
        torch.onnx.export(
            network,
            (example,),
            graph,  # type: ignore[arg-type]  # a buffer is taken too
            dynamo=False,
            opset_version=OPSET,
            input_names=[inputs],
            output_names=names,
            dynamic_axes=dict(zip([inputs, *names], free, strict=True)),
        )
    return graph.getvalue()


def _free(example: Tensor, tensor: Tensor) -> dict[int, str]:
    """Axes of any length: examples, the tokens of a text, and the last axis of bands over time."""
    if example.ndim > 3:  # pictures, which have one size
        return {0: "n"}
    along = example.ndim - 1 if tensor is example else 1
    return {0: "n", along: "length"} if tensor is example or tensor.ndim == 3 else {0: "n"}


class _Tapped(nn.Module):
    """Encoded examples to the activations at the boundaries."""

    def __init__(self, network: nn.Module, preparation: nn.Module, boundaries: Sequence[str]) -> None:
        super().__init__()
        self.network, self.preparation, self.boundaries = network, preparation, tuple(boundaries)

    def forward(self, encoded: Tensor) -> tuple[Tensor, ...]:
        return tuple(activations(self.network, self.preparation(encoded), self.boundaries))
