"""Which modules of a network give its feature maps.

Notation: n images, c channels, h x w places of a map, s input side in pixels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .map_layouts import CHANNELS_FIRST, COARSEST, LAYOUTS, TOKENS, stride
from .trace import Call, meeting_points

PARTS = 4
"""In which a network of a single map is trained."""


def readings(
    calls: Sequence[Call], output: Tensor, stages: Sequence[str], size: int, finest: int
) -> Iterator[dict[str, object]]:
    """What a `Pyramid` may be built with: its arguments for each layout that there are maps in.

    Args:
        calls: what ran, and
        output: what came out of it, both of `trace`.
        stages: where the network can be cut.
        size: s.
        finest: stride of the finest map to read.
    """
    names = [call.name for call in calls]
    once = [call for call in calls if isinstance(call.output, Tensor) and names.count(call.name) == 1]
    meeting = meeting_points(output)
    for layout, read in LAYOUTS.items():
        given = [_Found(call, one) for call in once if (one := read(call.output)) is not None]
        found = [one for one in given if one.map.shape[-1] > 1]
        if layout == CHANNELS_FIRST:
            maps = _by_stage(found, size, stages, finest)
        else:
            maps = _by_stream([one for one in found if one.call.node in meeting], size, finest)
        if not maps:
            continue
        args: dict[str, Any] = {"maps": list(maps)}
        if layout != CHANNELS_FIRST:
            args["layout"] = layout
        if layout == TOKENS or stride(size, _height(found, maps[0])) > finest:
            args["finest"] = finest
        if len(maps) == 1:
            below = [name for name in names[: names.index(maps[0])] if name in stages]
            args["ends"] = [*_spread(below, PARTS - 1), *maps]
        yield args


@dataclass(frozen=True)
class _Found:
    """A module that ran, and the map that it gave, without the numbers."""

    call: Call
    map: Tensor


def _height(found: Sequence[_Found], name: str) -> int:
    return next(one.map.shape[-1] for one in found if one.call.name == name)


def _by_stride(found: Sequence[_Found], size: int) -> dict[int, list[_Found]]:
    strides: dict[int, list[_Found]] = {}
    for one in found:
        strides.setdefault(stride(size, one.map.shape[-1]), []).append(one)
    return {step: strides[step] for step in sorted(strides) if step <= COARSEST}


def _by_stage(found: Sequence[_Found], size: int, stages: Sequence[str], finest: int) -> tuple[str, ...]:
    """One module for each stride of two to the power of something, finest first.

    The last stage of that stride, which is what the layers above read; but the last module of all where there
    is no such stage, or where it is a bottleneck with fewer channels than the finer map has.
    """
    names, channels = list[str](), 0
    for step, several in _by_stride(found, size).items():
        cuts = [one for one in several if one.call.name in stages]
        best = cuts[-1] if cuts and cuts[-1].map.shape[1] >= channels else _last(several)
        if step >= finest:
            names.append(best.call.name)
        channels = best.map.shape[1]
    return tuple(names)


def _by_stream(found: Sequence[_Found], size: int, finest: int) -> tuple[str, ...]:
    """Of each stride the last module that gives as many channels as most of them: what all layers add to.

    The last of all may be a layer that pools the tokens, or one that joins four places for the next stride.
    """
    names = list[str]()
    for step, several in _by_stride(found, size).items():
        counts = Counter(one.map.shape[1] for one in several)
        usual = max(counts, key=counts.__getitem__)
        if step >= finest:
            names.append(_last([one for one in several if one.map.shape[1] == usual]).call.name)
    return tuple(names)


def _last(several: Sequence[_Found]) -> _Found:
    """The last that ran; of several that gave the same the outermost."""
    same = [one for one in several if one.call.node is several[-1].call.node]
    return min(same, key=lambda one: one.call.name.count("."))


def _spread(names: Sequence[str], most: int) -> list[str]:
    """So many of them, evenly."""
    many = min(most, len(names))
    return [names[(number + 1) * len(names) // (many + 1)] for number in range(many)]
