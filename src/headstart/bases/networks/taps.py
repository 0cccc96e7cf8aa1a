"""What a network gives at its boundaries in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from ..base import FEATURES
from .ragged import layout


def activations(network: nn.Module, inputs: Tensor, boundaries: Sequence[str]) -> list[Tensor]:
    """Outputs of one forward run at the boundaries (stages, or FEATURES), in their order."""
    stages = [name for name in boundaries if name != FEATURES]
    features, kept = tapped(network, stages, lambda: network(inputs))
    kept[FEATURES] = features
    return [layout(network).blanked(inputs, kept[name]) for name in boundaries]


def tapped(
    network: nn.Module, modules: Sequence[str], run: Callable[[], Tensor]
) -> tuple[Tensor, dict[str, Tensor]]:
    """What a run gives, and by name what the modules of a network gave while it ran."""
    kept: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[object, object, Tensor], None]:
        # cloned, since the next layer may work in place
        return lambda _module, _inputs, output: kept.__setitem__(name, output.clone())

    hooks = [network.get_submodule(name).register_forward_hook(keep(name)) for name in modules]
    try:
        return run(), kept
    finally:
        for hook in hooks:
            hook.remove()
