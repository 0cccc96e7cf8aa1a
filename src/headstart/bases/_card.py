"""The card of a base: the facts that every base answers; what it takes runs to measure is measured once.

Finding the exact cuts of a network takes seconds. They depend on the network and on the shape of its inputs
alone, so that they are remembered beside the frozen passes, and found out again where that is impossible.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from ..cache import Cache, key_of
from ..errors import BaseError, SettingsError
from ..types import BaseCard
from .base import Located
from .networks import costs, cuts
from .networks.example import example

VERSION = 1
"""Counted up when something else is measured, so that what was remembered before is not believed."""


@dataclass(frozen=True)
class Facts:
    """What runs of the network tell."""

    width: int
    """Of its features."""
    flops: int
    stages: tuple[str, ...]
    numbers: tuple[int, ...]
    """Of the activation at each stage."""
    below: tuple[int, ...]
    """Of `flops`, those below each stage."""


def card_of(name: str, located: Located, network: nn.Module, state: dict[str, Tensor]) -> BaseCard:
    """The card of a network in eval mode with these weights.

    Raises:
        BaseError: the network does not take its example, or gives no row of features.
    """
    one, sha256 = example(located.preprocess), costs.fingerprint(state)
    key = key_of(
        card=VERSION,
        weights=sha256,
        architecture=asdict(located.architecture),
        example=[list(one.shape), str(one.dtype)],
        torch=torch.__version__,
    )
    measured = _recalled(key)
    if measured is None:
        measured = _measured(name, network, one)
        _remember(key, measured)
    return BaseCard(
        name=name,
        modality=located.preprocess.modality,
        source_data=located.source_data,
        licence=located.licence,
        sha256=sha256,
        parameters=costs.parameters(network),
        flops=measured.flops,
        width=measured.width,
        input_size=one.shape[-1],
        stages=measured.stages,
        stage_numbers=measured.numbers,
        stage_flops=measured.below,
    )


def _measured(name: str, network: nn.Module, one: Tensor) -> Facts:
    width = _width(name, network, one)
    stages = cuts.stages(network, one)
    found = costs.costs(network, one, stages)
    return Facts(width, found.flops, stages, found.numbers, found.below)


def _recalled(key: str) -> Facts | None:
    """What was remembered, if it is whole."""
    with suppress(SettingsError, KeyError, TypeError, ValueError):
        found = Cache().recall(key) or {}
        stages = tuple(str(name) for name in found["stages"])
        numbers, below = (tuple(int(number) for number in found[kind]) for kind in ("numbers", "below"))
        return Facts(int(found["width"]), int(found["flops"]), stages, numbers, below)
    return None


def _remember(key: str, measured: Facts) -> None:
    with suppress(SettingsError):  # there is no folder to keep it in
        Cache().remember(key, asdict(measured))


def _width(name: str, network: nn.Module, example: Tensor) -> int:
    """The feature width d, from a run."""
    try:
        with torch.no_grad():
            features = network(example)
    except (RuntimeError, ValueError, AssertionError) as error:
        raise BaseError(
            f"`{name}` does not take one example of shape {tuple(example.shape)}: {error}",
            "its settings and its network disagree: correct the input size, or use another base",
        ) from error
    if not isinstance(features, Tensor) or features.ndim != 2:
        raise BaseError(f"`{name}` does not give one row of features per example", "use another base")
    return int(features.shape[1])
