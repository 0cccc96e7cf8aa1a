"""Cut any network in two so that suffix(prefix(x)) is the network's output, bit for bit.

A module is an exact cut where everything that the output takes from the input passes through the
module's output. The autograd graph of one run tells: with no other tensor asking for gradients it holds
the input's paths only, and such an output is a node where all of them meet.

The prefix is the network itself, stopped by a hook. The suffix is a copy of the network's shell that
shares its leaf modules; what ran before the cut is replaced by stubs that give NaN, so a
wrong cut cannot go unseen. Cuts hold for the example's image side. One suffix serves one thread.

Notation: n images, s input side in pixels, d feature width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...errors import BaseError
from ..base import FEATURES, INPUT
from .adapters import Adapted
from .parted import PartedNetwork
from .ragged import layout
from .refined import JOINED, Refined
from .suffix import Suffix, assemble, suffix_at
from .taps import activations
from .trace import Call, in_eval, meeting_points, sources, trace

MOST = 12
"""At most this many stages: more would cost time and say no more."""


@dataclass(frozen=True)
class Cut:
    """Two parts that together are the network."""

    prefix: Callable[[Tensor], Tensor]
    """Inputs -> the activation at the cut, the network's mode (train or eval) as it is."""
    suffix: nn.Module
    """The activation -> (n, d). Shares the network's modules, and their train or eval mode with them."""
    network: nn.Module
    """The whole."""
    example: Tensor
    trained: tuple[str, ...] | None = None
    """Names of the parameters above, where they are known."""

    def suffix_parameters(self) -> list[str]:
        """Names of the parameters that the suffix's output depends on, in the network's order.

        Not those that the prefix depends on too (DeBERTa's table of distances, for instance): changed
        above the cut, they would change what was frozen below it.
        """
        if self.trained is not None:
            return list(self.trained)
        shell = self.suffix.shell if isinstance(self.suffix, Suffix) else self.suffix
        # stand-ins that ask for gradients, whatever the network's own flags are
        stand_ins = {name: p.detach().requires_grad_() for name, p in shell.named_parameters()}
        inner = {f"shell.{name}" if shell is not self.suffix else name: p for name, p in stand_ins.items()}
        with in_eval(self.network), in_eval(self.suffix):
            with torch.no_grad():
                activation = self.prefix(self.example)
            with torch.enable_grad():
                used = sources(functional_call(self.suffix, inner, (activation,)))
                used -= self._below(stand_ins)
        return [name for name, parameter in stand_ins.items() if id(parameter) in used]

    def _below(self, stand_ins: dict[str, Tensor]) -> set[int]:
        """Ids of the stand-ins that the activation at the cut depends on."""
        inner = {f"network.{name}": parameter for name, parameter in stand_ins.items()}
        return sources(functional_call(_Prefix(self.network, self.prefix), inner, (self.example,)))


class _Prefix(nn.Module):
    """The part below a cut as a module that has the network's parameters."""

    def __init__(self, network: nn.Module, prefix: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.prefix = network, prefix

    def forward(self, inputs: Tensor) -> Tensor:
        return self.prefix(inputs)


def cut(network: nn.Module, stage: str, example: Tensor) -> Cut:
    """The two parts of `network` at a stage (one of `stages`, INPUT or FEATURES).

    Args:
        network: (n, 3, s, s) -> (n, d).
        stage: name of the module whose output is kept.
        example: (n, 3, s, s) of the image side that the cut is for.

    Raises:
        BaseError: the network has no such module, or it does not run exactly once.
    """
    if stage == FEATURES:
        return Cut(network, nn.Identity(), network, example)
    if isinstance(network, Adapted):
        return Cut(nn.Identity(), network, network, example, network.trained)
    if stage == INPUT:
        return Cut(nn.Identity(), network, network, example)
    if isinstance(network, PartedNetwork):
        return Cut(nn.Identity(), network, network, example, tuple(network.above(stage)))
    if stage == JOINED and isinstance(network, Refined):
        return Cut(network.join, network, network, example)  # which also takes what join gives
    suffix = suffix_at(network, stage, example)
    return Cut(partial(_run_until, network, stage), suffix, network, layout(network).traced(example))


def stages(network: nn.Module, example: Tensor) -> tuple[str, ...]:
    """Names of the modules to cut `network` at, stem first, each proven exact on the example.

    One cut before every layer with a weight matrix is possible at most; outer modules come before inner
    ones, and where a level has too many, evenly spaced ones.

    Args:
        network: (n, 3, s, s) -> (n, d), in eval mode.
        example: (n, 3, s, s).
    """
    if isinstance(network, PartedNetwork):
        return tuple(network.parts)
    example = layout(network).traced(example)
    calls, output = trace(network, example)
    names = _spread(_candidates(network, calls, meeting_points(output)))
    # without a graph: attention has a faster path then, which differs in the last bits
    with torch.no_grad():
        *found, exact = activations(network, example, [*names, FEATURES])
    kept = dict(zip(names, found, strict=True))
    return tuple(name for name in names if _is_exact(network, calls, name, kept[name], exact, example))


def _candidates(network: nn.Module, calls: list[Call], meeting: set[Any]) -> list[str]:
    """One module per stretch between two weight matrices, the last that all paths pass through."""
    ran = [call.name for call in calls]
    matrices = {name for name, module in network.named_modules() if _has_matrix(module)}
    last: dict[int, list[Call]] = {}
    done = 0
    for call in calls:
        done += call.name in matrices
        single = isinstance(call.output, Tensor) and ran.count(call.name) == 1
        # a module may be called `features` too: its last child says the same
        if single and call.node in meeting and call.name not in (INPUT, FEATURES):
            same = [other for other in last.get(done, []) if other.node is call.node]
            last[done] = [*same, call]
    # nothing to freeze before the first matrix, nothing to train after the last
    stretches = [same for before, same in sorted(last.items()) if 0 < before < done]
    return [min(reversed(same), key=lambda call: call.name.count(".")).name for same in stretches]


def _has_matrix(module: nn.Module) -> bool:
    """A layer of its own: what a container holds itself (positions, for instance) runs at no known time."""
    is_leaf = next(module.children(), None) is None
    return is_leaf and any(parameter.ndim >= 2 for parameter in module.parameters())


def _spread(names: list[str]) -> list[str]:
    """At most MOST names in the order that they came: the outer levels whole, the next one thinned."""
    chosen: set[str] = set()
    for depth in sorted({name.count(".") for name in names}):
        level = [name for name in names if name.count(".") == depth]
        room = min(MOST - len(chosen), len(level))
        chosen |= {level[(2 * i + 1) * len(level) // (2 * room)] for i in range(room)}
    return [name for name in names if name in chosen]


def _is_exact(
    network: nn.Module, calls: list[Call], stage: str, activation: Tensor, exact: Tensor, example: Tensor
) -> bool:
    """The suffix gives the very same output, and leaves the activation as it was."""
    before = activation.clone()
    try:
        with torch.no_grad():
            output = assemble(network, calls, stage, example)(activation)
    except Exception:  # a shell that cannot run on stubs is no cut, whatever its code stumbles over
        return False
    return torch.equal(output, exact) and torch.equal(activation, before)


class _Reached(Exception):
    """Carries the activation out of a network that is stopped at the cut."""

    def __init__(self, activation: Tensor) -> None:
        self.activation = activation


def _run_until(network: nn.Module, stage: str, inputs: Tensor) -> Tensor:
    def stop(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        raise _Reached(output)

    hook = network.get_submodule(stage).register_forward_hook(stop)
    try:
        network(inputs)
    except _Reached as reached:
        return layout(network).blanked(inputs, reached.activation)
    finally:
        hook.remove()
    raise BaseError(f"the network no longer runs `{stage}`", "cut it again for its new settings")
