"""Several layers of a network for recordings, side by side.

What the last layer of a network knows is made for what it was trained on; which layer suits another question
is not known before (Yang et al., "SUPERB: Speech processing Universal PERformance Benchmark", Interspeech
2021, whose heads learn a weight for each layer).

Notation: n recordings, B bands, T frames, L steps, d width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from ...types import BaseCard
from .frames import FrameNetwork
from .taps import tapped


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
