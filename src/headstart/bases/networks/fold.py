"""Fold BatchNorm into the convolution before it: in eval mode both are one linear map (Jacob et al. 2018).

One run tells which pairs there are: a watch over every operation sees who reads a convolution's output,
also where no graph or module would show it (to take a view is an operation too). Whatever the watch might
miss, the folded network has to give the same numbers as before on the example, or nothing is folded.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

TOLERANCE = 1e-4
"""Most that a value may change, relative to the largest one of its tensor."""

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def folded(network: nn.Module, example: Tensor, kept: Collection[str]) -> nn.Module:
    """A copy for inference: every BatchNorm that alone reads a convolution's output is folded into it.

    A folded BatchNorm's name stays: it holds what came after the normalisation, so its output is as before.

    Args:
        network: (n, 3, s, s) -> (n, d); stays as it is.
        example: (n, 3, s, s) on the network's device. Noise says more than zeros.
        kept: names of modules whose outputs will be read, and so must stay; other names do no harm.

    Returns:
        The copy in eval mode, folded where its outputs on the example agree within TOLERANCE.
    """
    copy = deepcopy(network).eval()
    watch = _Watch()
    with ExitStack() as hooks:
        watch.follow(copy, hooks)
        with watch:
            expected = _outputs(copy, example, kept)
    return copy if _fold(copy, watch.pairs(), expected, example, kept) else deepcopy(network).eval()


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operation of a run, and notes those that read a convolution's output."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._runs: Counter[str] = Counter()
        self._made: dict[int, tuple[str, Tensor]] = {}
        """Convolution and output by the output's id; held, so that the id stays its own."""
        self._readers: defaultdict[str, set[str]] = defaultdict(set)
        """By convolution, the BatchNorms that ran while its output was read; "" where none did."""
        self._running = ""

    def follow(self, network: nn.Module, hooks: ExitStack) -> None:
        """Have the network's convolutions and BatchNorms tell when they run, until `hooks` closes."""
        for name, module in network.named_modules():
            if _is_convolution(module):
                hooks.enter_context(module.register_forward_hook(self._at_convolution(name)))
            elif _is_norm(module):
                hooks.enter_context(module.register_forward_pre_hook(self._at_norm(name)))
                hooks.enter_context(module.register_forward_hook(self._at_norm("")))

    def pairs(self) -> list[tuple[str, str]]:
        """Convolution and BatchNorm where each ran once and nothing else read what lies between them."""
        return [
            (convolution, norm)
            for convolution, readers in self._readers.items()
            for norm in readers
            if norm and len(readers) == self._runs[convolution] == self._runs[norm] == 1
        ]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for tensor in _tensors((args, kwargs)):
            if made := self._made.get(id(tensor)):
                self._readers[made[0]].add(self._running)
        return func(*args, **(kwargs or {}))

    def _at_convolution(self, name: str) -> Any:
        def note(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            self._runs[name] += 1
            self._made[id(output)] = name, output

        return note

    def _at_norm(self, name: str) -> Any:
        def note(*_: object) -> None:
            self._runs[name] += 1
            self._running = name

        return note


def _is_convolution(module: nn.Module) -> bool:
    """A convolution whose weight is a parameter of its own, not computed from others."""
    return isinstance(module, _CONVOLUTIONS) and "weight" in dict(module.named_parameters(recurse=False))


def _is_norm(module: nn.Module) -> bool:
    """A BatchNorm that does the same to every batch."""
    return isinstance(module, _NORMS) and module.running_mean is not None and module.running_var is not None


def _tensors(structure: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(structure) if isinstance(leaf, Tensor)]


def _outputs(network: nn.Module, example: Tensor, kept: Collection[str]) -> list[Tensor]:
    """What the kept modules and then the network give, from one run without a graph."""
    outputs: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: object) -> None:
        # cloned, since the next layer may work in place; to a watch this is a reader like any other
        outputs.extend(tensor.clone() for tensor in _tensors(output))

    with ExitStack() as hooks, torch.no_grad():
        for name, module in network.named_modules(remove_duplicate=False):
            if name in kept:
                hooks.enter_context(module.register_forward_hook(keep))
        keep(network, (), network(example.clone()))
    return outputs


def _fold(
    copy: nn.Module,
    pairs: list[tuple[str, str]],
    expected: list[Tensor],
    example: Tensor,
    kept: Collection[str],
) -> bool:
    """Fold the pairs in place; False where the outputs on the example are then others."""
    try:
        for convolution, norm in pairs:
            _merge(copy, convolution, norm)
        outputs = _outputs(copy, example, kept)
        return len(outputs) == len(expected) and all(map(_agree, outputs, expected))
    except Exception:  # a network may want its BatchNorm's attributes, whatever it then stumbles over
        return False


def _merge(copy: nn.Module, convolution: str, norm: str) -> None:
    layer: Any = copy.get_submodule(convolution)
    batch_norm: Any = copy.get_submodule(norm)
    fused = fuse_conv_bn_eval(layer, batch_norm)
    # the module itself stays, since it may have a second name
    layer.weight, layer.bias = fused.weight, fused.bias
    # timm's has its dropout and activation inside, called in this order
    inside = OrderedDict(batch_norm.named_children())
    copy.set_submodule(norm, nn.Sequential(inside) if inside else nn.Identity())


def _agree(output: Tensor, expected: Tensor) -> bool:
    """Within TOLERANCE of the largest value; never where a number is missing."""
    if output.shape != expected.shape:
        return False
    if expected.numel() == 0:
        return True
    return bool((output - expected).abs().max() <= TOLERANCE * expected.abs().max())
