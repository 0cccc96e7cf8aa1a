"""Bases: pre-trained networks from wherever they are, all with one face.

    a name → locate → build → weights with a receipt → exact cuts → card

Each file without a leading underscore is a family (a library or a format); `base.py` is the contract.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from .. import registry
from ..errors import BaseError
from ..types import Architecture, BaseCard, Preprocess, Receipt
from . import _card, _classes, _cuts, _seen, _weights
from ._at_hand import AUTO, BEST, expand
from ._locate import locate
from ._transplant import transplant
from .base import Base, Located


def load_base(name: str, modality: str = "image") -> Base:
    """The base called `name`, with its weights, their receipt, its cuts and its card.

    Args:
        name: `builtin/NAME`, `timm/NAME`, `torchvision/NAME`, `hf/ORG/NAME`, a bare NAME of timm's or
            torchvision's, a folder, or `ARCHITECTURE@WEIGHTS`: a checkpoint file that fits, or a
            base whose weights are made to fit.
        modality: what the task needs.

    Raises:
        UnknownName: no family knows the name; the hint names the nearest.
        BaseError: it cannot be loaded, or is of another modality.
    """
    located = locate(name)
    family = registry.get("bases", located.architecture.family)
    if family.modality != modality:
        raise BaseError(
            f"`{name}` is a base for {family.modality}, the task needs one for {modality}",
            f"choose a base for {modality}: `headstart bases` lists them",
        )
    build = partial(family.build, located.architecture)
    # weights that the checkpoint lacks are random: the same ones every time
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = _build(name, build)
        state, receipt, checkpoint = _weights_of(name, located, network)
    network.load_state_dict(state)
    card = _card_of(name, modality, located, network.eval(), state)
    classes = _classes.find(located, checkpoint, state, card.width)
    seen = _seen.NOTHING if located.folder is None else _seen.read(located.folder)
    return Base(name, card, located.architecture, located.preprocess, receipt, build, state, classes, seen)


def catalog() -> list[BaseCard]:
    """The facts of every base that ships with the package."""
    return [facts(name) for name in registry.get("bases", "builtin").names()]


def facts(name: str, modality: str = "image") -> BaseCard:
    """The facts of any base.

    Raises:
        UnknownName, BaseError: as `load_base`.
    """
    return load_base(name, modality).card


def build(architecture: Architecture, size: int | None = None) -> nn.Module:
    """The backbone of an architecture with random weights: (n, 3, s, s) -> (n, d)."""
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
            return *transplant(checkpoint, network, _example(located.preprocess)), checkpoint
        checkpoint = located.convert(located.weights(), network)
        return *_weights.load(network, checkpoint), checkpoint
    except BaseError as error:
        raise BaseError(f"`{name}`: {error.message}", error.hint) from error


def _card_of(
    name: str, modality: str, located: Located, network: nn.Module, state: dict[str, Tensor]
) -> BaseCard:
    example = _example(located.preprocess)
    width = _width(name, network, example)
    stages = _cuts.stages(network, example)
    costs = _card.costs(network, example, stages)
    return BaseCard(
        name=name,
        modality=modality,
        source_data=located.source_data,
        licence=located.licence,
        sha256=_card.fingerprint(state),
        parameters=_card.parameters(network),
        flops=costs.flops,
        width=width,
        input_size=located.preprocess.size,
        stages=stages,
        stage_numbers=costs.numbers,
        stage_flops=costs.below,
    )


def _example(preprocess: Preprocess) -> Tensor:
    """One picture of noise, (1, 3, s, s): the cuts are proven on it."""
    shape = (1, 3, preprocess.size, preprocess.size)
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def _width(name: str, network: nn.Module, example: Tensor) -> int:
    """The feature width d, from a run."""
    try:
        with torch.no_grad():
            features = network(example)
    except (RuntimeError, ValueError, AssertionError) as error:
        raise BaseError(
            f"`{name}` does not take one image of shape {tuple(example.shape)}: {error}",
            "its settings and its network disagree: correct the input size, or use another base",
        ) from error
    if not isinstance(features, Tensor) or features.ndim != 2:
        raise BaseError(f"`{name}` does not give one row of features per image", "use another base")
    return int(features.shape[1])


__all__ = ["AUTO", "BEST", "build", "catalog", "expand", "facts", "load_base"]
