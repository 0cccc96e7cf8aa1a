"""Fit the weights of one network into another of its family: of other width, depth, colours or grid.

Notation: a source tensor of shape s goes into a target of shape t of the same name.

Equal shapes are taken as they are. Otherwise

* where t < s, an axis takes evenly spaced elements: the uniform selection of Xu et al., "Initializing Models
  with Larger Ones" (ICLR 2024). As there, what a layer sums over is not scaled for the inputs that it lost:
  the scale that keeps sums where channels are doubled (s/t) gave worse features where they are not;
* where t > s, the source is the leading part and the rest stays random;
* the first convolution takes other colours so that grey pictures give the same (3 to N: as timm does);
* position embeddings are interpolated from grid to grid.

What has no counterpart, or differs in something that is no width (a kernel's side), stays random.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...errors import BaseError
from ...types import Receipt
from .trace import in_eval

State = dict[str, Tensor]
ENOUGH = 0.2
"""Share of the target's numbers that have to come from the source: one twice as wide takes a quarter."""
COLOURS = 3
MAX_PREFIX = 8
"""Tokens before a grid: the class, distillation and registers are at most a few."""


@dataclass(frozen=True)
class Piece:
    """What becomes of one weight of the target."""

    value: Tensor
    taken: int
    """How many of its numbers come from the source."""
    way: str = ""
    """In words how it was adapted; empty where it was taken as it is."""


def transplant(source: State, network: nn.Module, example: Tensor) -> tuple[State, Receipt]:
    """What `network.load_state_dict` takes, and what became of every weight.

    Args:
        source: weights of another network by name, finite float32.
        network: the target; it keeps its own values where nothing is taken.
        example: (1, c, s, s), as the target takes it: its first convolution is found by running.

    Raises:
        BaseError: less than a fifth of the target's numbers come from the source.
    """
    own = {name: value.detach().clone() for name, value in network.state_dict().items()}
    first = first_convolution(network, example)
    weights = [name for name, value in own.items() if value.is_floating_point()]
    pieces = {
        name: piece
        for name in weights
        if name in source and (piece := _piece(source[name], own[name], _Place(network, name, first)))
    }
    shapes = {name: tuple(own[name].shape) for name in weights}
    numbers = sum(own[name].numel() for name in weights)
    receipt = Receipt(
        loaded=tuple((name, shapes[name]) for name, piece in pieces.items() if not piece.way),
        fresh=tuple((name, shapes[name]) for name in weights if name not in pieces),
        unused=tuple(
            (name, tuple(value.shape))
            for name, value in source.items()
            if value.is_floating_point() and name not in pieces
        ),
        fraction=sum(piece.taken for piece in pieces.values()) / max(numbers, 1),
        adapted=tuple((name, shapes[name], piece.way) for name, piece in pieces.items() if piece.way),
    )
    if receipt.fraction < ENOUGH:
        raise _too_little(receipt, len(weights))
    return {**own, **{name: piece.value for name, piece in pieces.items()}}, receipt


def at_grid(state: State, network: nn.Module) -> State:
    """The weights of a network for the same one that is built for another input side.

    Tables of positions, and of distances between them, are interpolated to its grid.

    Args:
        state: what `load_state_dict` takes at the side that the network was made for.
        network: the same architecture.
    """
    own = network.state_dict()
    return {name: _at_shape(value, own.get(name, value)) for name, value in state.items()}


def _at_shape(value: Tensor, own: Tensor) -> Tensor:
    shape = own.shape
    if value.shape == shape:
        return value
    if not value.is_floating_point():
        return own  # where in a table to look
    if (prefix := _prefix(value.shape, shape)) is not None:
        return regridded(value, shape[1], prefix)
    if value.ndim == 2 and all(_is_of_distances(one) for one in (value.shape, shape)):
        return _of_distances(value, shape)
    return value  # `load_state_dict` says what does not fit


def _is_of_distances(shape: torch.Size) -> bool:
    """Rows for each distance across and down, and a few for tokens without a place?"""
    side = isqrt(shape[0])
    return side % 2 == 1 and shape[0] - side**2 < MAX_PREFIX


def _of_distances(table: Tensor, shape: torch.Size) -> Tensor:
    """((2w - 1)² + m, heads) to another w; the m rows are of tokens that have no place."""
    old, new = isqrt(len(table)), isqrt(shape[0])
    grid = table[: old**2].T.reshape(1, -1, old, old)
    grid = functional.interpolate(grid, size=(new, new), mode="bicubic", align_corners=False)
    return torch.cat([grid.flatten(2)[0].T, table[old**2 :]])


def first_convolution(network: nn.Module, example: Tensor) -> str | None:
    """Name of the convolution that runs first on an example, or None where none runs."""
    names: dict[nn.Module, str] = {
        module: name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)
    }
    ran: list[str] = []

    def note(module: nn.Module, _inputs: object) -> None:
        ran.append(names[module])
        raise _FoundError

    hooks = [module.register_forward_pre_hook(note) for module in names]
    refused = (RuntimeError, ValueError, AssertionError)  # an example that does not fit is said elsewhere
    try:
        with torch.no_grad(), in_eval(network), suppress(_FoundError, *refused):
            network(example)
    finally:
        for hook in hooks:
            hook.remove()
    return ran[0] if ran else None


class _FoundError(Exception):
    """Ends a run whose answer is known."""


class _Place:
    """Where a weight sits in the target, and what that says about its axes."""

    def __init__(self, network: nn.Module, name: str, first: str | None) -> None:
        owner = name.rpartition(".")[0]
        self.layer = network.get_submodule(owner)
        self.is_conv = isinstance(self.layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
        self.sees_image = owner == first

    def widths(self, shape: torch.Size) -> tuple[int, ...]:
        """The axes that are widths; the others have to agree."""
        if self.is_conv:
            return (0, 1) if getattr(self.layer, "groups", 1) == 1 else (0,)
        if isinstance(self.layer, nn.Linear | nn.MultiheadAttention):
            return tuple(range(len(shape)))
        return (len(shape) - 1,)  # a parameter of no layer: its tokens, windows and the like are no widths

    def refuses(self, source: torch.Size, target: torch.Size) -> bool:
        """Would the same numbers mean something else? Grouped convolutions and dense ones, for instance."""
        if not self.is_conv or len(target) < 2:
            return False
        groups = int(getattr(self.layer, "groups", 1))
        if groups == 1:
            return source[1] == 1 < target[1]  # the source is a depthwise one
        return target[1] > 1  # each output has inputs of its own, which slicing would mix


def _piece(source: Tensor, own: Tensor, place: _Place) -> Piece | None:
    """The source's tensor in the shape of the target's, or None where it cannot be."""
    if source.shape == own.shape:
        return Piece(source.clone(), own.numel())
    if source.ndim != own.ndim:
        return None
    value, ways = source, []
    if place.sees_image and own.ndim == 4 and source.shape[1] != own.shape[1]:
        value = recoloured(value, own.shape[1])
        ways.append(f"{source.shape[1]} to {own.shape[1]} channels")
    elif not place.is_conv and (prefix := _prefix(source.shape, own.shape)) is not None:
        value = regridded(value, own.shape[1], prefix)
        ways.append(
            "grid {0}x{0} to {1}x{1}".format(*(isqrt(one.shape[1] - prefix) for one in (source, own)))
        )
    elif place.refuses(source.shape, own.shape):
        return None
    differ = [axis for axis in range(own.ndim) if value.shape[axis] != own.shape[axis]]
    if not set(differ) <= set(place.widths(own.shape)):
        return None
    if any(value.shape[axis] > own.shape[axis] for axis in differ):
        value = sliced(value, own.shape)
        ways.append(f"sliced from {tuple(source.shape)}")
    taken = value.numel()
    if value.shape != own.shape:
        ways.append("only the leading part" + ("" if ways else f", from {tuple(source.shape)}"))
        value = _leading(value, own)
    return Piece(value.contiguous(), taken, ", ".join(ways))


def sliced(source: Tensor, shape: torch.Size) -> Tensor:
    """Evenly spaced elements along every axis that is longer than in `shape`.

    Element i of t is floor(i · s / t) of s: producers and consumers of the same channels choose alike, and
    so do the equal parts of a fused weight (query, key and value) or of groups.
    """
    for axis, (long, short) in enumerate(zip(source.shape, shape, strict=True)):
        if long > short:
            source = source.index_select(axis, torch.arange(short) * long // short)
    return source


def recoloured(source: Tensor, channels: int) -> Tensor:
    """(out, m, k, k) -> (out, channels, k, k): the sum over the colours stays, so grey gives the same.

    Three colours to more are repeated, as timm does it; where they do not divide, the sum is not quite kept.
    """
    given = source.shape[1]
    if given == COLOURS and channels > COLOURS:
        return source[:, torch.arange(channels) % COLOURS] * (COLOURS / channels)
    return source.sum(1, keepdim=True).repeat(1, channels, 1, 1) / channels


def regridded(source: Tensor, tokens: int, prefix: int) -> Tensor:
    """(1, prefix + g², d) -> (1, tokens, d): the grid is interpolated, the prefix stays."""
    from timm import layers  # late: not every base needs the large library

    side = isqrt(tokens - prefix)
    resample: Any = layers.resample_abs_pos_embed  # type: ignore[attr-defined]
    value: Tensor = resample(source, [side, side], num_prefix_tokens=prefix)
    return value


def _prefix(source: torch.Size, target: torch.Size) -> int | None:
    """How many tokens stand before the grid of position embeddings (1, n, d); None if these are none."""
    if len(target) != 3 or source[0] != 1 or target[0] != 1 or source[1] == target[1]:
        return None
    for prefix in range(min(MAX_PREFIX, source[1], target[1])):
        if all(isqrt(one[1] - prefix) ** 2 == one[1] - prefix for one in (source, target)):
            return prefix
    return None


def _leading(value: Tensor, own: Tensor) -> Tensor:
    whole = own.clone()
    whole[tuple(slice(side) for side in value.shape)] = value
    return whole


def _too_little(receipt: Receipt, weights: int) -> BaseError:
    return BaseError(
        f"only {receipt.fraction:.0%} of the network's numbers can be taken from these weights: "
        f"{len(receipt.fresh)} of its {weights} weights have no counterpart of that name and kind",
        f"take a network of the same family, of nearer width and depth; {ENOUGH:.0%} are needed",
    )
