"""What a strategy uses, as far as its declarations say, and for what it can be used at all."""

from __future__ import annotations

from collections.abc import Sequence

from .. import registry
from ..bases.base import INPUT, Base
from ..errors import BaseError, SettingsError
from ..tasks.base import Task
from .base import Strategy


def trains(strategy: str, cuts: Sequence[str] = (INPUT,)) -> bool:
    """Does it take steps, where these boundaries may be opened?"""
    return bool(strategy_named(strategy).stages(cuts, 2))


def uses_cuts(strategy: str, cuts: Sequence[str]) -> bool:
    """Does it open the base in parts, rather than as a whole from the first step?"""
    if fixed(strategy):
        return False
    stages = strategy_named(strategy).stages(cuts[:1], 1)
    return bool(stages) and stages[0].boundary == cuts[0] != INPUT


def fixed(strategy: str) -> bool:
    """Are its steps its own to say, whatever the time allows?"""
    return strategy_named(strategy).shown(1) is not None


def cuts_of_all(strategy: str) -> tuple[str, ...]:
    """The cuts of a recipe that opens the network as a whole: none where the strategy always does."""
    return () if strategy_named(strategy).stages((), 1) else (INPUT,)


def opens_parts(strategy: str) -> bool:
    """Does it train above boundaries that a cache can hold?"""
    return uses_cuts(strategy, ("some boundary", INPUT))


def require_fitting(strategies: Sequence[str], task: Task, name: str) -> None:
    """Raise SettingsError where a strategy cannot be used for the task called `name`."""
    for one in strategies:
        only = strategy_named(one).modalities
        beyond = task.modality.name in strategy_named(one).beyond_classes
        if strategy_named(one).needs_classes and not task.answer.classes and not beyond:
            reason = "it needs classes"
        elif strategy_named(one).only_listed and one not in task.strategies:
            reason = "no base tells its answers itself"
        elif only and task.modality.name not in only:
            reason = f"it is for {' and '.join(only)} only"
        else:
            continue
        usual = " ".join(task.strategies)
        raise SettingsError(f"`{one}` cannot be used for {name}: {reason}", f"take some of: {usual}")


def able(strategies: Sequence[str], base: Base) -> tuple[list[str], tuple[str, ...]]:
    """Those that can adapt a base, and why others cannot, which are usual for a task whatever the base.

    Raises:
        BaseError: none can, or one cannot that is not left out so.
    """
    found, reasons = list[str](), list[str]()
    for name in strategies:
        strategy = strategy_named(name)
        try:
            strategy.require(base)
            found.append(name)
        except BaseError as error:
            if not strategy.only_listed or len(strategies) == 1:
                raise
            reasons.append(f"{name} is left out: {error.message}")
    return found, tuple(reasons)


def strategy_named(name: str) -> Strategy:
    """The strategy called so.

    Raises:
        UnknownName: there is none.
    """
    strategy: Strategy = registry.get("adaptation", name)
    return strategy
