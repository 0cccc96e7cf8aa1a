"""Recommenders as networks: factors, neighbours, what is popular; those of a bundle, or to be fitted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from torch import nn

from ..cache import key_of
from ..errors import BaseError
from ..preprocessing.ratings import RatingsPreprocess
from ..types import Architecture, BaseCard, Receipt
from .base import Base, Classes, Located, Saved
from .formats.locate import locate
from .networks.costs import fingerprint
from .networks.recommenders import Blend, Factors, Mapped, Mixed, Neighbours, Popular, Profile, Recommender

FAMILY = "factors"
SOURCE_DATA = "source data"
NETWORKS: dict[str, type[Recommender]] = {
    "factors": Factors,
    "mapped": Mapped,
    "neighbours": Neighbours,
    "profile": Profile,
    "popular": Popular,
}
WARM = "warm"
"""Of a recommender that has one for each kind of users, the part whose factors are taken."""
MIXED, BLEND = "mixed", "blend"
"""Those that are made of others: one for each kind of users, or the mean of all."""


class FactorsFamily:
    """The family."""

    def names(self) -> list[str]:
        """None: what is known of users and items is not known of others."""
        return []

    def locate(self, name: str) -> Located | None:
        """None."""
        return None

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The network without weights: (n, 2, L) -> (n, K + 1, 2)."""
        try:
            return _built(architecture.name, architecture.args)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BaseError(
                f"a recommender cannot be built with {architecture.args}: {error}", "get its folder anew"
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: RatingsPreprocess,
        state: dict[str, Any],
        classes: Classes | None,
    ) -> Saved:
        """Not as a base of its own.

        Raises:
            BaseError: always.
        """
        raise BaseError(
            "a recommender is no base for other data", "give the source with --source-data instead"
        )


def _built(name: str, args: dict[str, Any]) -> Recommender:
    if name not in (MIXED, BLEND):
        return NETWORKS[name](**args)
    parts = {key: _built(part["name"], part["args"]) for key, part in args["parts"].items()}
    return Blend(parts) if name == BLEND else Mixed(parts, tuple(args["kinds"]), args["few"])


def begun() -> Base:
    """What stands in the place of a base: nothing is known before the source is read."""
    return _base(SOURCE_DATA, "the table that --source-data names", key_of(family=FAMILY))


def learned(name: str) -> Base:
    """A recommender as a base: its items are the classes, and their factors the rows that tell them apart.

    `name` is the folder of a run, a bundle, or what `pretrain` made. One that ships no factors (what is
    popular was better) has no classes. Its preprocessing knows who took what.

    Raises:
        BaseError: it is damaged, or no recommender.
    """
    located = locate(name, RatingsPreprocess.modality)
    how, state = located.preprocess, located.weights()
    if not isinstance(how, RatingsPreprocess):
        raise BaseError(f"`{name}` does not recommend", "name the run of a recommender")
    kept = sorted((one for one in state if one.endswith("write")), key=lambda one: (WARM not in one, one))
    classes = None
    if kept:
        factors = state[kept[0]]
        classes = Classes(how.items[: how.size], factors, factors.new_zeros(len(factors)))
    found = _base(name, located.source_data or name, fingerprint(state), 0 if not kept else factors.numel())
    return replace(found, preprocess=how, classes=classes)


def _base(name: str, source_data: str, sha256: str, parameters: int = 0) -> Base:
    architecture, preprocess = Architecture(FAMILY, "popular", {"items": 1}), RatingsPreprocess()
    card = BaseCard(
        name=name,
        modality=preprocess.modality,
        source_data=source_data,
        licence=None,
        sha256=sha256,
        parameters=parameters,
        flops=0,
        width=1,
        input_size=1,
        stages=(),
    )
    receipt = Receipt((), (), (), 0.0)
    build, state = (
        partial(plugin.build, architecture),
        _built(architecture.name, architecture.args).state_dict(),
    )
    return Base(name, card, architecture, preprocess, receipt, build, state)


plugin = FactorsFamily()
