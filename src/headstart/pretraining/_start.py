"""Where pre-training starts: an architecture with random weights, or a base to continue from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
from torch import nn

from .. import registry
from ..bases import load_base
from ..bases.base import Base
from ..bases.formats.fingerprints import NOTHING
from ..bases.formats.locate import locate
from ..errors import BaseError
from ..preprocessing.base import Lengthy, Preprocess
from ..preprocessing.text import TextPreprocess
from ..runtime import derive, seeded
from ..types import Architecture, IntArray

SIDE = 96
"""Pixels, of an architecture that starts from scratch, where no size is named."""
SIDES = ("img_size", "image_size")
"""What families call the side that a network's shape depends on."""


@dataclass(frozen=True)
class Start:
    """A backbone to train and what is known of it."""

    architecture: Architecture
    preprocess: Preprocess
    build: Callable[[], nn.Module]
    """The backbone as it starts."""
    base: Base | None
    """What it continues from."""

    @property
    def seen(self) -> IntArray:
        """What its weights know already."""
        return NOTHING if self.base is None else self.base.seen

    @property
    def continued(self) -> bool:
        """Is every layer trained already? Else some are random, as from scratch."""
        return self.base is not None and not self.base.receipt.fresh


def start(
    base: str | None,
    architecture: str | None,
    size: int | None,
    modality: str,
    seed: int,
    texts: Callable[[], Iterable[str]] = tuple,
) -> Start:
    """The start that was asked for; a vocabulary that is not there yet is made of `texts`.

    Raises:
        BaseError: there is no such base or architecture, or it does not take the size.
    """
    if architecture is None:
        return _proven(base or "", _continuing(load_base(base or "", modality), size))
    located = locate(architecture, modality)
    family = registry.get("bases", located.architecture.family)
    if (found := located.preprocess.modality) != modality:
        raise BaseError(
            f"`{architecture}` is a network for {found}, the task needs one for {modality}",
            "`headstart list` names the families",
        )
    preprocess = located.preprocess
    if located.vocabulary is not None and isinstance(preprocess, TextPreprocess):
        preprocess = replace(preprocess, tokenizer=located.vocabulary(texts()))
    side = preprocess.size if isinstance(preprocess, Lengthy) else size or SIDE
    shape = _sized(located.architecture, side)

    def fresh() -> nn.Module:
        with seeded(derive(seed, "init")):
            network: nn.Module = family.build(shape, side)
        return network

    return _proven(architecture, Start(shape, preprocess.at(side), fresh, None))


def _continuing(base: Base, size: int | None) -> Start:
    side = size or base.preprocess.size
    if side != base.preprocess.size and any(name in base.architecture.args for name in SIDES):
        raise BaseError(
            f"`{base.name}` takes pictures of {base.preprocess.size} pixels only", "leave --size out"
        )
    return Start(base.architecture, base.preprocess.at(side), base.network, base)


def _proven(name: str, begun: Start) -> Start:
    """The same after one picture went through it: not every network takes every side."""
    if isinstance(begun.preprocess, Lengthy):
        return begun
    side = begun.preprocess.size
    try:
        with torch.no_grad():
            begun.build().eval()(torch.zeros(1, 3, side, side))
    except BaseError:
        raise
    except Exception as error:  # whatever a library says to a side that it does not take
        raise BaseError(
            f"`{name}` does not take pictures of {side} pixels: {' '.join(str(error).split())}",
            "choose another --size: larger, or a multiple of the side of the network's patches",
        ) from error
    return begun


def _sized(architecture: Architecture, side: int) -> Architecture:
    args = {name: side if name in SIDES else value for name, value in architecture.args.items()}
    return replace(architecture, args=args)
