"""Several layers of a network for recordings, side by side.

What the last layer of a network knows is made for what it was trained on; which layer suits another question
is not known before (Yang et al., "SUPERB: Speech processing Universal PERformance Benchmark", Interspeech
2021, whose heads learn a weight for each layer).

Notation: n recordings, B bands, T frames, L steps, d width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from ...types import Architecture, BaseCard
from ..base import Base
from .frames import FrameNetwork
from .taps import tapped

INNER = "base"
"""What the base is called in a network that reads it."""
MOST = 6
"""Layers that are read at most: each of them is as much to keep as the last one alone."""


def read_at(
    base: Base,
    kind: str,
    layers: Sequence[str],
    numbers: int,
    args: dict[str, Any],
    build: Callable[..., nn.Module],
) -> Base:
    """The base inside a network of ours that reads some of its layers; what it knew of classes stays behind.

    Args:
        base: whose network has these layers.
        kind: what a settings file calls the network around it.
        layers: names of modules, lowest first, which are read beside the last one.
        numbers: of each layer, that the network gives for each of its own.
        args: of the network, beside the base and the layers.
        build: the network of all of these.
    """
    whole = {"of": asdict(base.architecture), **args}
    card = cut_below(base.card, layers)
    return replace(
        base,
        card=replace(
            card,
            stages=tuple(f"{INNER}.{stage}" for stage in card.stages),
            width=numbers * (len(layers) + 1) * card.width,
        ),
        architecture=Architecture("builtin", kind, whole),
        build=partial(_built, build, whole),
        state={f"{INNER}.{name}": tensor for name, tensor in base.state.items()},
        classes=None,
    )


def _built(build: Callable[..., nn.Module], args: dict[str, Any], size: int | None) -> nn.Module:
    return build(**args)


def layers_of(network: FrameNetwork, lower: Sequence[str], frames: Tensor, mask: Tensor) -> list[Tensor]:
    """(n, L, d) of each of the lower layers, and of the last one; of one run.

    Args:
        network: what is run.
        lower: names of its modules, some of `network.lower`.
        frames: (n, B, T).
        mask: (n, L), True where there is sound.
    """
    last, kept = tapped(network, lower, lambda: network.states(frames, mask))
    return [*(kept[name] for name in lower), last]


def spread(lower: Sequence[str], stages: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many of the lower layers, evenly, counted from the upmost one down.

    Args:
        lower: names of modules, lowest first.
        stages: where the network can be cut: above the lowest that is chosen it cannot any more.
        most: how many.
    """
    names = [name for name in lower if name in stages]
    many = min(most, len(names))
    return tuple(names[len(names) - 1 - place * len(names) // many] for place in reversed(range(many)))


def cut_below(card: BaseCard, layers: Sequence[str]) -> BaseCard:
    """The card of a network that is read at these layers too: it is cut at the lowest of them at most."""
    if not layers:
        return card
    end = card.stages.index(layers[0]) + 1
    return replace(
        card,
        stages=card.stages[:end],
        stage_numbers=card.stage_numbers[:end],
        stage_flops=card.stage_flops[:end],
    )
