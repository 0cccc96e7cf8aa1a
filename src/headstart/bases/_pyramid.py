"""A base's feature maps instead of its row of features: what heads for places in a picture read.

The maps are flattened one after the other into a row, the finest first: a frozen pass keeps such rows like
any others, and a head is told their shapes. The network trains in parts, from the coarsest map down: what is
above a map also reads the finer ones, so that there is nothing to cut.

Notation: n images, s input side in pixels, d numbers of all maps of an image together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .. import registry
from ..errors import BaseError
from ..types import NO_MAPS, Architecture, Maps
from . import _card
from ._example import example
from ._parted import PartedNetwork
from ._taps import activations
from ._trace import Call, in_eval, sources, trace
from .base import Base

COARSEST = 32
"""Stride, in pixels, of the coarsest map that is read."""
LEAST = 0.5
"""Of a network's parameters, counted as tensors, that must be behind its maps: patches alone are no map."""
Shapes = tuple[tuple[int, int, int], ...]


class Pyramid(PartedNetwork):
    """(n, 3, s, s) -> (n, d): the maps of a base.

    Args:
        of: the architecture of the base, as a dictionary.
        maps: names of the modules whose outputs they are, finest first.
        size: s.
    """

    def __init__(self, of: dict[str, Any], maps: Sequence[str], size: int) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: nn.Module = registry.get("bases", architecture.family).build(architecture, size)
        self.maps, self.size = tuple(maps), size

    @cached_property
    def shapes(self) -> Shapes:
        """Channels, height and width of each map."""
        like = next(self.parameters())
        with in_eval(self), torch.no_grad():
            found = self.each(like.new_zeros((1, 3, self.size, self.size)))
        return tuple((one.shape[1], one.shape[2], one.shape[3]) for one in found)

    @cached_property
    def parts(self) -> Mapping[str, Sequence[str]]:
        """By map the parameters that it needs and no finer one does."""
        stand_ins = {name: one.detach().requires_grad_() for name, one in self.named_parameters()}
        inputs = next(iter(stand_ins.values())).new_zeros((1, 3, self.size, self.size))
        with in_eval(self), torch.enable_grad():
            found = functional_call(
                _Maps(self), {f"of.{name}": one for name, one in stand_ins.items()}, inputs
            )
        parts, known = dict[str, Sequence[str]](), set[int]()
        for name, output in zip(self.maps, found, strict=True):
            needs = sources(output) - known
            known |= needs
            parts[name] = [own for own, one in stand_ins.items() if id(one) in needs]
        return parts

    def above(self, stage: str) -> list[str]:
        """Names of the parameters that are trained where everything up to a map is frozen."""
        coarser = self.maps[self.maps.index(stage) + 1 :]
        trained = {own for name in coarser for own in self.parts[name]}
        return [name for name, _ in self.named_parameters() if name in trained]

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.cat([one.flatten(1) for one in self.each(inputs)], 1)

    def each(self, inputs: Tensor) -> list[Tensor]:
        """(n, c, h, w) of each map, finest first."""
        return activations(self.base, inputs, self.maps)


class _Maps(nn.Module):
    """A pyramid whose maps stay apart."""

    def __init__(self, of: Pyramid) -> None:
        super().__init__()
        self.of = of

    def forward(self, inputs: Tensor) -> list[Tensor]:
        return self.of.each(inputs)


def shapes_of(network: nn.Module) -> Shapes:
    """Of the maps that a network's row of features is made of; none where it is a row of other things."""
    return network.shapes if isinstance(network, Pyramid) else ()


def maps_of(network: nn.Module) -> Maps:
    """What a head is told of a network's features."""
    return Maps(network.shapes, network.size) if isinstance(network, Pyramid) else NO_MAPS


def pooled(features: Tensor, shapes: Shapes) -> Tensor:
    """(n, d) flattened maps to (n, c) the mean of each channel of each map."""
    parts = torch.split(features, [c * h * w for c, h, w in shapes], dim=1)
    return torch.cat(
        [part.reshape(len(features), c, -1).mean(2) for part, (c, _, _) in zip(parts, shapes, strict=True)], 1
    )


def mapped(base: Base, finest: int) -> Base:
    """The base as a network that gives its feature maps, from stride `finest` (pixels) up.

    Raises:
        BaseError: it has no such maps (a transformer of patches, for instance).
    """
    size = base.preprocess.size
    inner = base.build(size).eval()
    one = example(base.preprocess)
    names = _maps_of(inner, one, base.card.stages, finest)
    if not names:
        raise _without_maps(base, finest)
    args = {"of": asdict(base.architecture), "maps": list(names), "size": size}
    state = {f"base.{name}": tensor for name, tensor in base.state.items()}
    network = partial(_build, args)
    whole = network(size)
    whole.load_state_dict(state)
    if sum(map(len, whole.parts.values())) < LEAST * len(list(whole.parameters())):
        raise _without_maps(base, finest)
    costs = _card.costs(whole.eval(), one, names)
    card = replace(
        base.card,
        flops=costs.flops,
        width=sum(c * h * w for c, h, w in whole.shapes),
        input_size=size,
        stages=names[:-1],  # nothing is trained above the coarsest
        stage_numbers=(),
        stage_flops=(),
    )
    architecture = Architecture("builtin", "pyramid", args)
    return replace(base, card=card, architecture=architecture, build=network, state=state, classes=None)


def _without_maps(base: Base, finest: int) -> BaseError:
    return BaseError(
        f"`{base.name}` gives no feature maps of stride {finest} to {COARSEST}",
        "use a convolutional base: a ResNet or a MobileNet, for instance",
    )


def _build(args: dict[str, Any], size: int | None) -> Pyramid:
    return Pyramid(**{**args, "size": size or args["size"]})


def _maps_of(network: nn.Module, one: Tensor, stages: Sequence[str], finest: int) -> tuple[str, ...]:
    """What the network declares, else one module for each stride of a power of two; finest first.

    The last stage of that stride, which is what the layers above read; but the last module of all where there
    is no such stage, or where it is a bottleneck with fewer channels than the finer map has.
    """
    if declared := getattr(network, "maps", ()):
        return tuple(declared)
    calls, _ = trace(network, one)
    strides: dict[int, list[Call]] = {}
    names = [call.name for call in calls]
    for call in calls:
        shape = call.output.shape if isinstance(call.output, Tensor) else ()
        if len(shape) == 4 and shape[2] == shape[3] > 1 and names.count(call.name) == 1:
            strides.setdefault(_stride(one.shape[-1], shape[2]), []).append(call)
    found, channels = list[str](), 0
    for stride in sorted(stride for stride in strides if stride <= COARSEST):
        cuts = [call for call in strides[stride] if call.name in stages]
        best = cuts[-1] if cuts and cuts[-1].output.shape[1] >= channels else _last(strides[stride])
        if stride >= finest:
            found.append(best.name)
        channels = best.output.shape[1]
    return tuple(found)


def _last(calls: Sequence[Call]) -> Call:
    """The last that ran; of several that gave the same the outermost."""
    same = [call for call in calls if call.node is calls[-1].node]
    return min(same, key=lambda call: call.name.count("."))


def _stride(side: int, height: int) -> int:
    """The power of two that is nearest to side over height: without padding maps are a little smaller."""
    return int(2 ** round(float(torch.log2(torch.tensor(side / height)))))
