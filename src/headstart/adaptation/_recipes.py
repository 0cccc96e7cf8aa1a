"""Recipes of a strategy that fit into some seconds, the most wanted first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ._costs import Costs
from ._uses import cuts_of_all, strategy_named, trains, uses_cuts
from .base import Recipe

WHOLE_EPOCHS = (12, 120)
"""Fewest and most epochs of whole-network training."""
PART_EPOCHS = (4, 30)
"""Fewest and most epochs above a cached boundary."""
HEAD_EPOCHS = (8, 60)
"""Fewest and most epochs of a head that is trained on frozen features."""
MOST_STEPS = 2_500


def options(costs: Costs, name: str, share: float, runs: int) -> Iterator[Recipe]:
    """Of a strategy that is trained by steps, for so many runs in `share` seconds."""
    own = costs.own(name)
    if not trains(name, costs.cuts):
        yield from _heads(costs, name, share, runs)
    elif own is not None:
        yield from [own] if share > 0 else []
    elif uses_cuts(name, costs.cuts):
        yield from _part(costs, name, share, runs)
    else:
        # inherited weights keep the input side that they were trained for
        inherits = strategy_named(name).inherits
        sizes = [costs.size] if inherits else sorted(costs.speeds.whole, reverse=True)
        yield from _whole(costs, name, share / runs, sizes)


def _heads(costs: Costs, name: str, share: float, runs: int) -> Iterator[Recipe]:
    """The head alone, on features from the cache: more views before more epochs."""
    for views in costs.way.views:
        one = replace(costs.usual(), head_epochs=1, views=views)
        per_run = (share - costs.views(one)) / runs - costs.ready
        epochs = min(HEAD_EPOCHS[1], int(per_run / costs.steps(name, one)))
        if epochs >= HEAD_EPOCHS[0]:
            yield replace(one, head_epochs=epochs)


def _part(costs: Costs, name: str, share: float, runs: int) -> Iterator[Recipe]:
    """From the cache: lower boundaries before more views before more epochs."""
    for depth in range(len(costs.cuts), 0, -1):
        for views in costs.way.views:
            one = replace(costs.usual(), epochs=3, cuts=costs.cuts[:depth], views=views, live=costs.way.live)
            per_run = (share - costs.views(one)) / runs
            if costs.has_head(name):
                most = per_run / 3 / costs.steps(name, replace(one, epochs=0, cuts=(), head_epochs=1))
                one = replace(one, head_epochs=max(1, min(HEAD_EPOCHS[1], int(most))))
            epochs = _epochs(costs, name, one, per_run, PART_EPOCHS)
            if epochs >= PART_EPOCHS[0] * (2 if views else 1):
                yield _quicker(costs, name, replace(one, epochs=epochs), runs)


def _quicker(costs: Costs, name: str, cached: Recipe, runs: int) -> Recipe:
    """The recipe, or the same without a cache where its views would cost more than they save."""
    if cached.live:
        return cached
    live = replace(cached, live=True, views=0)
    saved = costs.steps(name, live) - costs.steps(name, cached)
    return live if runs * saved < costs.views(cached) else cached


def _whole(costs: Costs, name: str, per_run: float, sizes: Sequence[int]) -> Iterator[Recipe]:
    """The largest input side at which the epochs are many; the smallest where they are few.

    An epoch of very few examples repeats them: where no size is smaller, fewer such epochs will do.
    """
    repeated = costs.epoch(costs.counts.train) / costs.counts.train if len(costs.speeds.whole) == 1 else 1.0
    usual = costs.way.fewest or WHOLE_EPOCHS[0]
    fewest = min(WHOLE_EPOCHS[0], max(3, round(usual / repeated)))
    for size in sizes:
        one = replace(costs.usual(), epochs=1, size=size, cuts=cuts_of_all(name))
        epochs = _epochs(costs, name, one, per_run, WHOLE_EPOCHS)
        if epochs >= fewest * (1 if size == min(sizes) else 3):
            yield replace(one, epochs=epochs)


def _epochs(costs: Costs, name: str, one: Recipe, per_run: float, bounds: tuple[int, int]) -> int:
    """Epochs that fit, at most the upper bound and `MOST_STEPS`; may be below the lower bound."""
    steps = costs.epoch(costs.counts.train) / costs.batch
    most = min(bounds[1], max(bounds[0], int(MOST_STEPS / steps)))
    own = replace(one, head_epochs=0)
    left = per_run - costs.ready - costs.steps(name, one) + costs.steps(name, own)
    return min(most, int(one.epochs * left / max(costs.steps(name, own), 1e-6)))


def hasty(costs: Costs, name: str, per_run: float) -> Recipe:
    """Everything at the smallest input side, for the few epochs that fit; at least one."""
    one = replace(costs.usual(), epochs=1, size=min(costs.speeds.whole))
    return replace(one, epochs=max(1, _epochs(costs, name, one, per_run, WHOLE_EPOCHS)))


def head_only(costs: Costs) -> Recipe:
    """A trained head for as few epochs as there ever are."""
    return replace(costs.usual(), head_epochs=HEAD_EPOCHS[0])
