"""A base's feature maps instead of its row of features: what heads for places in a picture read.

The maps are flattened one after the other into a row, the finest first: a frozen pass keeps such rows like
any others, and a head is told their shapes. The network trains in parts, from the coarsest map down: what is
above a map also reads the finer ones, so that there is nothing to cut. A transformer of patches has one map,
the last of its rows of tokens; it trains in parts of some layers each.

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

from ... import registry
from ...errors import BaseError
from ...types import NO_MAPS, Architecture, BaseCard, Maps
from ..base import Base
from . import costs
from .example import example
from .map_layouts import CHANNELS_FIRST, COARSEST, LAYOUTS, completed, filled, patch_of
from .parted import PartedNetwork
from .readings import readings
from .states import States
from .taps import activations
from .trace import in_eval, sources, trace
from .transplant import at_grid

LEAST = 0.5
"""Of a network's parameters, counted as tensors, that must be behind its maps: patches alone are no map."""
CHANGED = 1.5
"""How much more than on the whole a map changes at least in the quarter where the picture does: 3 to 4 times
as much where tokens lie row by row, 0 to 1.1 times where they do not (some twenty kinds of networks)."""
Shapes = tuple[tuple[int, int, int], ...]


class Pyramid(PartedNetwork):
    """(n, 3, s, s) -> (n, d): the maps of a base.

    Args:
        of: the architecture of the base, as a dictionary.
        maps: names of the modules whose outputs they are, finest first.
        size: s.
        layout: how these outputs hold maps, a name of `LAYOUTS`.
        finest: stride from which on maps that the base lacks are made (`completed`); None for none.
        ends: names of the modules that its parts end with, lowest first; those of `maps` if none are given.
    """

    def __init__(
        self,
        of: dict[str, Any],
        maps: Sequence[str],
        size: int,
        layout: str = CHANNELS_FIRST,
        finest: int | None = None,
        ends: Sequence[str] = (),
    ) -> None:
        super().__init__()
        architecture = Architecture(**of)
        self.base: nn.Module = registry.get("bases", architecture.family).build(architecture, size)
        self.maps, self.ends = tuple(maps), tuple(ends or maps)
        self.size, self.layout, self.finest = size, LAYOUTS[layout], finest

    @cached_property
    def shapes(self) -> Shapes:
        """Channels, height and width of each map."""
        like = next(self.parameters())
        with in_eval(self), torch.no_grad():
            found = self.each(like.new_zeros((1, 3, self.size, self.size)))
        return tuple((one.shape[1], one.shape[2], one.shape[3]) for one in found)

    @cached_property
    def parts(self) -> Mapping[str, Sequence[str]]:
        """By end the parameters that it needs and no lower one does."""
        stand_ins = {name: one.detach().requires_grad_() for name, one in self.named_parameters()}
        inputs = next(iter(stand_ins.values())).new_zeros((1, 3, self.size, self.size))
        with in_eval(self), torch.enable_grad():
            found = functional_call(
                _Ends(self), {f"of.{name}": one for name, one in stand_ins.items()}, inputs
            )
        parts, known = dict[str, Sequence[str]](), set[int]()
        for name, output in zip(self.ends, found, strict=True):
            needs = sources(output) - known
            known |= needs
            parts[name] = [own for own, one in stand_ins.items() if id(one) in needs]
        return parts

    def above(self, stage: str) -> list[str]:
        """Names of the parameters that are trained where everything up to an end is frozen."""
        higher = self.ends[self.ends.index(stage) + 1 :]
        trained = {own for name in higher for own in self.parts[name]}
        return [name for name, _ in self.named_parameters() if name in trained]

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.cat([one.flatten(1) for one in self.each(inputs)], 1)

    def each(self, inputs: Tensor) -> list[Tensor]:
        """(n, c, h, w) of each map, finest first."""
        maps = self.own(inputs)
        return maps if self.finest is None else completed(inputs, maps, self.finest)

    def own(self, inputs: Tensor) -> list[Tensor]:
        """(n, c, h, w) of each map that is the base's own, finest first."""
        found = [self.layout(one) for one in activations(self.base, inputs, self.maps)]
        return [one for one in found if one is not None]


class _Ends(nn.Module):
    """What a pyramid's parts give, apart."""

    def __init__(self, of: Pyramid) -> None:
        super().__init__()
        self.of = of

    def forward(self, inputs: Tensor) -> list[Tensor]:
        return activations(self.of.base, inputs, self.of.ends)


def shapes_of(network: nn.Module) -> Shapes:
    """Of the maps that a network's row of features is made of; none where it is a row of other things."""
    return network.shapes if isinstance(network, Pyramid) else ()


def maps_of(network: nn.Module) -> Maps:
    """What a head is told of a network's features."""
    if isinstance(network, States):
        return Maps(layers=network.many)
    return Maps(network.shapes, network.size) if isinstance(network, Pyramid) else NO_MAPS


def apart(features: Tensor, shapes: Shapes) -> list[Tensor]:
    """(n, d) flattened maps to (n, c, h, w) of each."""
    parts = torch.split(features, [c * h * w for c, h, w in shapes], dim=1)
    return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]


def pooled(features: Tensor, shapes: Shapes) -> Tensor:
    """(n, d) flattened maps to (n, c) the mean of each channel of each map."""
    return torch.cat([one.mean((2, 3)) for one in apart(features, shapes)], 1)


def mapped(base: Base, finest: int) -> Base:
    """The base as a network that gives its feature maps, from stride `finest` (pixels) up.

    A network that declares its `maps` (names of modules, finest first) has those and no others; one that
    declares its `ends` trains in parts that end with them.

    Raises:
        BaseError: it has no such maps, or does not take pictures of this size.
    """
    base = _sized(base, finest)
    one = example(base.preprocess)
    try:
        inner = base.build(base.preprocess.size)
        given = at_grid(base.state, inner)
        inner.load_state_dict(given)
        calls, output = trace(inner.eval(), one)
    except (RuntimeError, ValueError, AssertionError) as error:
        raise _without_size(base, error) from error
    state = {f"base.{name}": tensor for name, tensor in given.items()}
    size, declared = base.preprocess.size, _declared(inner)
    read = [declared] if declared else readings(calls, output, base.card.stages, size, finest)
    args = _best([{"of": asdict(base.architecture), "size": size, **one_way} for one_way in read], state, one)
    if args is None:
        raise _without_maps(base, finest)
    build = partial(_build, args)
    return replace(
        base,
        card=_card_of(base.card, _loaded(args, state), one),
        architecture=Architecture("builtin", "pyramid", args),
        build=build,
        state=state,
        classes=None,
    )


def _declared(inner: nn.Module) -> dict[str, list[str]]:
    """The maps that a network names, and the ends of its parts where it names those."""
    names: dict[str, Any] = {name: getattr(inner, name, ()) for name in ("maps", "ends")}
    return {name: list(modules) for name, modules in names.items() if modules}


def _best(found: Sequence[dict[str, Any]], state: dict[str, Tensor], one: Tensor) -> dict[str, Any] | None:
    """Of several layouts the one with most of the network behind its maps, then the one with most maps."""
    best, most = None, (0, 0)
    for args in found:
        whole = _loaded(args, state)
        behind = sum(map(len, whole.parts.values()))
        enough = behind >= LEAST * len(list(whole.parameters()))
        # what convolutions give is in its place
        if enough and (behind, len(whole.maps)) > most and ("layout" not in args or _is_in_place(whole, one)):
            best, most = args, (behind, len(whole.maps))
    return best


def _loaded(args: dict[str, Any], state: dict[str, Tensor]) -> Pyramid:
    whole = _build(args, None)
    whole.load_state_dict(state)
    return whole.eval()


def _without_size(base: Base, error: Exception) -> BaseError:
    size = base.preprocess.size
    return BaseError(
        f"`{base.name}` does not take pictures of {size} x {size} pixels: {' '.join(str(error).split())}",
        "use a convolutional base, which takes any size: a ResNet or a MobileNet, for instance",
    )


def _without_maps(base: Base, finest: int) -> BaseError:
    return BaseError(
        f"`{base.name}` gives no feature maps of stride {finest} to {COARSEST}",
        "use a convolutional base (a ResNet or a MobileNet, for instance) or a transformer of patches",
    )


@torch.no_grad()
def _is_in_place(whole: Pyramid, one: Tensor) -> bool:
    """Do the maps change where the picture does? Hiera, for instance, has tokens in an order of its own."""
    half = whole.size // 2
    other = one.clone()
    other[:, :, :half, half:] = one[:, :, :half, half:].flip(3)
    pairs = zip(whole.own(one), whole.own(other), strict=True)
    changes = [(was - now).abs().mean((0, 1)) for was, now in pairs]
    return all(one[: len(one) // 2, len(one) // 2 :].mean() >= CHANGED * one.mean() for one in changes)


def _sized(base: Base, finest: int) -> Base:
    """The same for pictures that its patches fill."""
    known = example(base.preprocess.at(base.card.input_size))
    patch = patch_of(base.build(None), known)
    if patch is None:
        return base
    size = filled(base.preprocess.size, patch, finest)
    return replace(base, preprocess=base.preprocess.at(size))


def _card_of(card: BaseCard, whole: Pyramid, one: Tensor) -> BaseCard:
    return replace(
        card,
        flops=costs.costs(whole, one, whole.maps).flops,
        width=sum(c * h * w for c, h, w in whole.shapes),
        input_size=whole.size,
        stages=whole.ends[:-1],  # nothing is trained above the highest
        stage_numbers=(),
        stage_flops=(),
    )


def _build(args: dict[str, Any], size: int | None) -> Pyramid:
    return Pyramid(**{**args, "size": size or args["size"]})
