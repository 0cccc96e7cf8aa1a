"""Bases: pre-trained networks from wherever they are, all with one face.

    a name → locate → build → weights with a receipt → exact cuts → card

Each file without a leading underscore is a family (a library or a format); `base.py` is the contract.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from .. import registry
from ..errors import BaseError, ContractError
from ..types import Architecture, BaseCard, Offered, Receipt
from . import _classes, packaged
from ._at_hand import AUTO, advice, best, expand
from ._card import card_of
from .base import Base, Located
from .formats import fingerprints, renamings, weights
from .formats.locate import locate
from .networks.example import example
from .networks.transplant import transplant


def load_base(name: str, modality: str | None = None) -> Base:
    """The base called `name`, with its weights, their receipt, its cuts and its card.

    Args:
        name: `builtin/NAME`, `timm/NAME`, `torchvision/NAME`, `hf/ORG/NAME`, a bare NAME of timm's or
            torchvision's, a folder, or `ARCHITECTURE@WEIGHTS`: a checkpoint file that fits, or a
            base whose weights are made to fit.
        modality: what the task needs, if it matters.

    Raises:
        UnknownName: no family knows the name; the hint names the nearest.
        BaseError: it cannot be loaded, or is of another modality.
        ContractError: its preprocessing is no plug-in.
    """
    located = locate(name, modality)
    family, found = registry.get("bases", located.architecture.family), located.preprocess.modality
    if modality not in (None, found):
        raise BaseError(
            f"`{name}` is a base for {found}, the task needs one for {modality}",
            f"choose a base for {modality}: `headstart bases` lists them",
        )
    if found not in registry.names("preprocessing"):
        raise ContractError(
            f"`{name}` is prepared by a modality called `{found}`, which is not installed: what ships of it "
            "could not be read again",
            "give its preprocessing an entry point of that name in headstart.preprocessing",
        )
    build = partial(family.build, located.architecture)
    # weights that the checkpoint lacks are random: the same ones every time
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = _build(name, build)
        if not any(True for _ in network.parameters()):
            raise BaseError(
                f"`{name}` has no weights to go on from", "where a run shipped a baseline, take another base"
            )
        state, receipt, checkpoint = _weights_of(name, located, network)
    network.load_state_dict(state)
    card = card_of(name, located, network.eval(), state)
    classes = _classes.find(located, checkpoint, state, card.width)
    seen = fingerprints.NOTHING if located.folder is None else fingerprints.read(located.folder)
    head = None if located.head is None else located.head()
    about = located.architecture, located.preprocess, receipt, build, state
    return Base(name, card, *about, classes, head, located.decoder, seen)


def catalog() -> list[BaseCard | Offered]:
    """The facts of every base that ships or is installed; then of those that an extra would bring."""
    return [*(facts(name) for name in registry.get("bases", "builtin").names()), *packaged.offered()]


def facts(name: str) -> BaseCard:
    """The facts of any base.

    Raises:
        UnknownName, BaseError: as `load_base`.
    """
    return load_base(name).card


def build(architecture: Architecture, size: int | None = None) -> nn.Module:
    """The backbone of an architecture with random weights: inputs -> (n, d)."""
    network: nn.Module = registry.get("bases", architecture.family).build(architecture, size)
    return network


def _build(name: str, build: partial[nn.Module]) -> nn.Module:
    try:
        return build(None)
    except BaseError:
        raise
    except Exception as error:  # whatever a library says to settings that it does not take
        raise BaseError(
            f"`{name}` cannot be built from its settings: {error}", "correct its config.json, or get it anew"
        ) from error


def _weights_of(
    name: str, located: Located, network: nn.Module
) -> tuple[dict[str, Tensor], Receipt, dict[str, Tensor]]:
    """The network's weights, their receipt, and the checkpoint that they come from."""
    try:
        if located.adapts:
            checkpoint = located.weights()
            return *transplant(checkpoint, network, example(located.preprocess)), checkpoint
        checkpoint, names = renamings.renamed(located.weights(), network)
        checkpoint = located.convert(checkpoint, network)
        state, receipt = weights.load(network, checkpoint, located.enough)
        return state, replace(receipt, renamed=names), checkpoint
    except BaseError as error:
        raise BaseError(f"`{name}`: {error.message}", error.hint) from error


__all__ = ["AUTO", "advice", "best", "build", "catalog", "expand", "facts", "load_base"]
