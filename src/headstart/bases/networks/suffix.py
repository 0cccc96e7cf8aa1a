"""The part of a network above a cut: its own leaf modules in a copied shell.

What ran before the cut is replaced by stubs, and the module at the cut gives the activation. Whatever the
shell's own code does with the stubs' NaN before that is thrown away.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from ...errors import BaseError
from .ragged import layout
from .trace import Call, trace


@dataclass
class _Tape:
    """What the stubs of one suffix share during a run."""

    batch: int
    """Examples in what was traced."""
    network: nn.Module
    """The whole, which knows how long its inputs may be."""
    activation: Tensor | None = None
    runs: dict[nn.Module, int] = field(default_factory=dict)


class _StandIn(nn.Module):
    """In the place of a module that is not run; other attributes are still that module's.

    Some networks read a weight's dtype off a module, for instance.
    """

    def __init__(self, replaced: nn.Module, tape: _Tape) -> None:
        super().__init__()
        self.tape = tape
        # in a tuple, so that it does not become a part of the suffix
        self.replaced = (replaced,)

    def __getattr__(self, name: str) -> Any:
        replaced = self.__dict__.get("replaced")
        return getattr(replaced[0], name) if replaced else super().__getattr__(name)


class _Inject(_StandIn):
    """At the cut: gives the activation."""

    def forward(self, *_args: Any, **_kwargs: Any) -> Tensor | None:
        return self.tape.activation


class _Stub(_StandIn):
    """Before the cut: gives NaN of its output's shapes, which takes no memory."""

    def __init__(self, replaced: nn.Module, tape: _Tape, outputs: list[object]) -> None:
        super().__init__(replaced, tape)
        self.outputs = outputs

    def forward(self, *_args: object, **_kwargs: object) -> object:
        run = self.tape.runs.get(self, 0)
        self.tape.runs[self] = run + 1
        return tree_map_only(Tensor, self._nan, self.outputs[run % len(self.outputs)])

    def _nan(self, like: Tensor) -> Tensor:
        assert self.tape.activation is not None
        first = [like.shape[0] * len(self.tape.activation) // self.tape.batch] if like.ndim else []
        rest = layout(self.tape.network).resized(like.shape[1:], self.tape.activation)
        return self.tape.activation.new_full((), float("nan")).expand(*first, *rest)


class Suffix(nn.Module):
    """The rest of a network from an activation on: the activation -> (n, d)."""

    def __init__(self, shell: nn.Module, tape: _Tape, shape: torch.Size) -> None:
        super().__init__()
        self.shell, self.tape, self.shape = shell, tape, shape

    def forward(self, activation: Tensor) -> Tensor:
        self.tape.activation = activation
        self.tape.runs.clear()
        try:
            output: Tensor = self.shell(layout(self.tape.network).stand_in(activation, self.shape))
            return output
        finally:
            self.tape.activation = None


def suffix_at(network: nn.Module, stage: str, example: Tensor) -> Suffix:
    """The part of `network` above `stage`.

    Raises:
        BaseError: there is no such module, or it does not run exactly once.
    """
    example = layout(network).traced(example)
    calls, _ = trace(network, example)
    if [call.name for call in calls].count(stage) != 1:
        raise BaseError(f"the network cannot be cut at `{stage}`", "cut at one of its `stages`")
    return assemble(network, calls, stage, example)


def assemble(network: nn.Module, calls: list[Call], stage: str, example: Tensor) -> Suffix:
    """The part above `stage` of a network whose run is already known (`calls`)."""
    order = [call.name for call in calls]
    end = order.index(stage)
    later = set(order[end + 1 :])
    tape = _Tape(len(example), network)
    replaced: dict[str, nn.Module] = {stage: _Inject(network.get_submodule(stage), tape)}
    for name in dict.fromkeys(order[:end]):
        outputs = [call.output for call in calls if call.name == name and call.node is not None]
        if outputs and name not in later and not stage.startswith(f"{name}."):
            replaced[name] = _Stub(network.get_submodule(name), tape, outputs)
    return Suffix(_shell(network, "", replaced), tape, example.shape)


def _shell(module: nn.Module, path: str, replaced: dict[str, nn.Module]) -> nn.Module:
    """A copy of `module` with some descendants replaced; only their ancestors are copied."""
    if path in replaced:
        return replaced[path]
    if not any(name.startswith(f"{path}." if path else "") for name in replaced):
        return module
    shell = copy.copy(module)
    children = module._modules.items()
    inner = {k: child and _shell(child, f"{path}.{k}" if path else k, replaced) for k, child in children}
    shell.__dict__["_modules"] = inner
    return shell
