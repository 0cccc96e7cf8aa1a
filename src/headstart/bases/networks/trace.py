"""Run a network once and note what ran, and how the output hangs on the input."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._pytree import tree_map_only

from .ragged import entry


@dataclass(frozen=True)
class Call:
    """One module that ran."""

    name: str
    output: Any
    """What it gave, without the numbers (on the meta device)."""
    node: Any
    """The node of the autograd graph that made it; None when it does not depend on the input."""


@contextmanager
def in_eval(network: nn.Module) -> Iterator[None]:
    """Every module in eval mode for a while: a look leaves no trace in BatchNorm's statistics."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def trace(network: nn.Module, example: Tensor) -> tuple[list[Call], Tensor]:
    """What ran, in the order of completion, and the output with the graph of the input's paths."""
    calls: list[Call] = []

    def note(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            shapes = tree_map_only(Tensor, lambda tensor: tensor.to("meta"), output)
            calls.append(Call(name, shapes, _node(output)))

        return hook

    hooks = [module.register_forward_hook(note(name)) for name, module in network.named_modules() if name]
    fixed = {name: parameter.detach() for name, parameter in network.named_parameters()}
    inputs = example.detach().clone()
    if (first := entry(network)) is not None:  # it is what it gives that has a gradient
        hooks.append(first.register_forward_hook(lambda _module, _inputs, output: _leaf(output)))
    else:
        inputs = _leaf(inputs)
    try:
        with in_eval(network), torch.enable_grad():
            output = functional_call(network, fixed, (inputs,))
    finally:
        for hook in hooks:
            hook.remove()
    return calls, output


def _leaf(tensor: Tensor) -> Tensor:
    # + 0: a leaf itself could not be changed in place
    return tensor.detach().requires_grad_() + 0


def _node(output: Any) -> Any:
    """The graph node of a tensor, or of any tensor in a structure."""
    nodes: list[Any] = []
    tree_map_only(Tensor, lambda tensor: nodes.append(tensor.grad_fn), output)
    return next((node for node in nodes if node is not None), None)


def meeting_points(output: Tensor) -> set[object]:
    """Nodes that every path from `output` down passes through.

    Nodes are numbered in the order that they were made, so going down from the highest number, a node
    that waits alone has everything else above or below it.
    """
    waiting = [(-_number(output.grad_fn), id(output.grad_fn), output.grad_fn)] if output.grad_fn else []
    seen = {output.grad_fn}
    found: set[object] = set()
    while waiting:
        _, _, node = heapq.heappop(waiting)
        if not waiting:
            found.add(node)
        for below in _below(node):
            if below not in seen:
                seen.add(below)
                heapq.heappush(waiting, (-_number(below), id(below), below))
    return found


def sources(output: Tensor) -> set[int]:
    """Ids of the leaf tensors that `output` would send a gradient to."""
    waiting: list[Any] = [output.grad_fn]
    seen: set[Any] = {output.grad_fn}
    found: set[int] = set()
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            found.add(id(node.variable))
        fresh = [below for below in _below(node) if below not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return found


def _below(node: Any) -> Iterator[Any]:
    return (below for below, _ in getattr(node, "next_functions", ()) if below is not None)


def _number(node: Any) -> int:
    return int(node._sequence_nr())
