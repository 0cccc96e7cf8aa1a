"""The frozen pass: one run of a network over the examples that keeps what it needs at every boundary.

The network is in eval mode (BatchNorm and dropout too). Activations are kept as float16 where they
fit its range, features as float32.

Notation: n examples, d feature width, K augmented views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..cache import Array, Cache, Entry, key_of
from ..runtime import Runtime, derive
from ..types import IntArray, Preprocess
from .base import FEATURES

VERSION = 1
"""Counted up when the pass itself changes, so that old entries are not believed."""
BATCH = 16
"""Larger batches are slower on a CPU: they leave the processor's cache (measured 1.6× at 64)."""
FLOAT16_MAX = 60_000.0


@dataclass(frozen=True)
class Subject:
    """What a pass is over: inputs and everything that identifies their values."""

    inputs: Any
    """`tasks.base.Inputs`."""
    digests: tuple[str, ...]
    preprocess: Preprocess


def frozen_pass(
    network: nn.Module,
    identity: str,
    subject: Subject,
    indices: IntArray,
    boundaries: Sequence[str],
    view: int | None,
    cache: Cache,
    runtime: Runtime,
) -> dict[str, Array]:
    """Activations of the examples at each boundary, row i for `indices[i]`, through the cache.

    Args:
        network: (n, 3, s, s) -> (n, d).
        identity: hash of the network's weights and architecture.
        subject: the examples.
        indices: (n,) which of them, in order.
        boundaries: stage names, or FEATURES for the (n, d) output.
        view: None for the plain view, else the seed of a random augmentation of each example.
        cache: where the arrays are kept.
        runtime: device, threads and voice.
    """
    if len(indices) == 0:
        raise ValueError("a frozen pass needs at least one example")
    network = network.eval().to(runtime.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    shapes = _probe(network, subject, indices, boundaries, runtime)
    chosen = key_of(digests=[subject.digests[i] for i in indices.tolist()])
    entries = [
        Entry(
            key_of(
                version=VERSION,
                weights=identity,
                preprocess=asdict(subject.preprocess),
                examples=chosen,
                boundary=boundary,
                dtype=dtype,
                view=view,
            ),
            (len(indices), *shape),
            dtype,
        )
        for boundary, (shape, dtype) in shapes.items()
    ]

    def fill(arrays: list[Array]) -> None:
        starts = range(0, len(indices), BATCH)
        for start in runtime.reporter.track(starts, "frozen pass", len(starts)):
            rows = indices[start : start + BATCH]
            outputs = _activations(network, _batch(subject, rows, view, start, runtime), boundaries)
            for array, boundary in zip(arrays, boundaries, strict=True):
                array[start : start + len(rows)] = _storable(outputs[boundary], array.dtype)

    return dict(zip(boundaries, cache.arrays(entries, fill), strict=True))


def _probe(
    network: nn.Module, subject: Subject, indices: IntArray, boundaries: Sequence[str], runtime: Runtime
) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shape and dtype to store per boundary, from a few examples.

    float16 only where a tenth of its range is enough for the probe; `_storable` checks all of them.
    """
    outputs = _activations(network, _batch(subject, indices[:2], None, 0, runtime), boundaries)
    return {
        boundary: (
            tuple(output.shape[1:]),
            "float32" if boundary == FEATURES or output.abs().max() > FLOAT16_MAX / 10 else "float16",
        )
        for boundary, output in outputs.items()
    }


def _batch(subject: Subject, rows: IntArray, view: int | None, start: int, runtime: Runtime) -> Tensor:
    generator = None if view is None else torch.Generator().manual_seed(derive(view, "view", start))
    batch: Tensor = subject.inputs.batch(rows, generator)
    return batch.to(runtime.device)


def _activations(network: nn.Module, batch: Tensor, boundaries: Sequence[str]) -> dict[str, Tensor]:
    """Outputs at the boundaries of one forward run, on the CPU, in the order of `boundaries`."""
    kept: dict[str, Tensor] = {}

    def keep(name: str) -> Any:
        # cloned, since the next layer may work in place
        return lambda _module, _inputs, output: kept.__setitem__(name, output.detach().clone())

    stages = [name for name in boundaries if name != FEATURES]
    hooks = [network.get_submodule(name).register_forward_hook(keep(name)) for name in stages]
    try:
        with torch.inference_mode():
            kept[FEATURES] = network(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: kept[name].float().cpu() for name in boundaries}


def _storable(values: Tensor, dtype: np.dtype[Any]) -> Array:
    """The values for an array of `dtype`; too large ones for float16 are cut to its range.

    The cut is at 60,000 where the probe saw at most 6,000: such a spike carries no more than its sign.
    """
    array = values.numpy()
    return np.clip(array, -FLOAT16_MAX, FLOAT16_MAX) if dtype == np.float16 else array
