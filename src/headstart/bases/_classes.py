"""The classes that a base was trained to tell apart, from its old output layer.

Notation: d feature width, k classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .base import Classes, Located


def find(
    located: Located, checkpoint: Mapping[str, Tensor], own: Mapping[str, Tensor], d: int
) -> Classes | None:
    """The rows of the output layer under their names, or None where that is not certain.

    Args:
        located: says the names of the classes and, where its source does, of the layer.
        checkpoint: under the names of the network.
        own: the backbone's state: what it has is no output layer.
        d: the backbone's feature width; a layer of another one saw something else than its features.
    """
    rows = {
        name.removesuffix(".weight"): value.flatten(1)  # (k, d), or (k, d, 1, 1) of a convolution
        for name, value in checkpoint.items()
        if name.endswith(".weight") and name not in own and value.ndim > 1
    }
    fitting = [name for name, value in rows.items() if value.shape == (len(located.labels), d)]
    layer = located.classifier if located.classifier in fitting else None
    if layer is None and len(fitting) != 1:
        return None
    layer = layer or fitting[0]
    bias = checkpoint.get(f"{layer}.bias", torch.zeros(len(located.labels)))
    return Classes(located.labels, rows[layer].detach().float().clone(), bias.detach().float().clone())


def labels_of(settings: Mapping[str, object]) -> tuple[str, ...]:
    """The names in `label_names`, as timm's settings on the hub have them; none where there are none."""
    return _names(settings.get("label_names")) if settings.get("num_classes", 1) else ()


def labels_by_number(names: object) -> tuple[str, ...]:
    """The names in an `id2label`, {"0": name, …}, as transformers' settings have them."""
    if not isinstance(names, Mapping):
        return ()
    ordered = [names.get(str(number)) for number in range(len(names))]
    return _names(ordered)


def _names(names: Any) -> tuple[str, ...]:
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        return ()
    return () if isinstance(names, str) else tuple(names)
