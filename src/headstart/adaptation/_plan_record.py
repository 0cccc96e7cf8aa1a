"""The plan of a run as a record: what is done, and how long it should take; announced before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..looks import FIRST
from ..runtime import Reporter
from ._uses import strategy_named
from .base import Recipe

SLACK = 4.0
"""Seconds that every arm may take beyond its share: a small one is soon over by more than a tenth."""
CURVE = "learning curve"
REFERENCES = ("reinit", "scratch")
"""Arms that are compared with; the second may ship."""
OVER, LATE = 0.15, 20.0
"""Share of a run's minutes, and seconds, by which it may end late."""
RESERVE = 8.0
"""Seconds that are kept back from the budget for the report and the bundle, on a machine of one's own."""


@dataclass(frozen=True)
class Plan:
    """Recipes by arm, and what they are expected to take."""

    minutes: float
    threads: int
    seed: int
    """Of the run: those of its paired trainings are derived from it."""
    seeds: int
    recipes: dict[str, Recipe]
    reinit: str
    """The strategy that the `reinit` arm runs."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Expected seconds by arm, all seeds together."""
    notes: tuple[str, ...] = ()
    curve_seeds: int = 0
    """So many seeds train from scratch on subsets too."""
    half: bool = False
    """Networks are trained in bfloat16 where that is exact enough (autocast)."""
    unit: str = "px"
    """What the size of a recipe counts."""
    processes: int = 1
    """That train the seeds of an arm side by side."""
    engines: dict[str, str] = field(default_factory=dict)
    """By network, what runs its frozen pass: another one differs in the last bits."""
    first: int = FIRST
    """Seeds of every arm before the first look."""
    shipping: float = RESERVE
    """Seconds that the report and the bundle should take."""

    def announce(self, reporter: Reporter) -> None:
        """Say what will be done and how long it should take, before it starts."""
        total = sum(self.seconds.values())
        seeds = self.seeds if self.seeds <= self.first else f"{self.first} to {self.seeds}"
        reporter.note(
            f"plan: {seeds} paired seeds, at most about {total / 60:.1f} of {self.minutes:.1f} minutes"
        )
        for arm, seconds in self.seconds.items():
            if arm == CURVE:
                reporter.note(f"  {CURVE} of scratch: {self.curve_seeds} seeds, about {seconds:.0f} s")
                continue
            recipe = self.recipes[arm if arm in self.recipes else self.reinit]
            epochs = recipe.head_epochs + recipe.epochs
            how = f"{epochs} epoch{'s' * (epochs != 1)} at {recipe.size} {self.unit}"
            what = how if epochs else "solved, no epochs"
            opened = f", opens {' then '.join(recipe.cuts)}, {recipe.views} views" if recipe.cuts else ""
            reporter.note(f"  {arm}: {what}{opened}, about {seconds:.0f} s")
        for text in self.notes:
            reporter.note(f"  {text}")

    @property
    def reserve(self) -> float:
        """Seconds to keep back for what ships: one more training of the dearest arm, and the bundle."""
        ships = [name for name in self.seconds if name not in ("reinit", CURVE)]
        return self.shipping + max((self.seconds[name] / (self.seeds + 2) for name in ships), default=0.0)

    def needed(self, arm: str) -> float:
        """Seconds that an arm is expected to take until the first look: the race, and its first seeds."""
        return self.seconds[arm] * (self.first + 1) / (self.seeds + 2)

    def allowance(self, arm: str, left: float) -> float:
        """Seconds of those left that an arm may take: in proportion to what it and the arms after it need.

        More seeds and a learning curve take what all first seeds have left.
        """
        order = [name for name in self.seconds if name != CURVE]
        after = order[order.index(arm) :]
        return left * (self.seconds[arm] + SLACK) / sum(self.seconds[name] + SLACK for name in after)

    def late_for(self, arms: Sequence[str], left: float, pace: float = 1.0) -> bool:
        """Would these arms, one after another and as slow as it goes, end after the time that is left?"""
        return pace * sum(map(self.needed, arms)) > left - self.shipping

    def decided(self, arm: str, pace: float = 1.0) -> float:
        """Seconds that the first trainings of an arm take, and what ships after; fewer decide nothing."""
        # `reinit` has no rates to race and never ships
        one = self.seconds[arm] / (self.seeds if arm == "reinit" else self.seeds + 2)
        return pace * (one * min(self.first, self.seeds) + self.reserve)

    def hopeless(self, arm: str, left: float, pace: float = 1.0) -> bool:
        """Would a run with these trainings end later than it may?"""
        return self.decided(arm, pace) > left + OVER * 60 * self.minutes + LATE

    def without(self, arm: str) -> Plan:
        """The same where nothing is kept back for an arm."""
        return replace(self, seconds={name: took for name, took in self.seconds.items() if name != arm})

    def given_up(self, pending: Sequence[str], left: float, pace: float) -> list[str]:
        """Those of the pending arms that no longer fit beside the references, the least wanted first.

        Args:
            pending: strategies that are still to be trained.
            left: seconds of the budget.
            pace: how many times slower than planned it has gone so far.
        """
        staying, gone = list(pending), list[str]()
        after = [name for name in REFERENCES if name in self.seconds]
        wanted = sorted(pending, key=lambda name: (not strategy_named(name).proves, self.seconds[name]))
        for name in wanted[::-1]:
            if pace * sum(self.needed(one) for one in (*staying, *after)) <= left - pace * self.reserve:
                break
            if self.seconds[name] > SLACK:
                staying.remove(name)
                gone.append(name)
        return gone

    def as_json(self) -> dict[str, Any]:
        """For `settings.json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Plan:
        """The plan of `as_json`."""
        recipes = {
            arm: Recipe(**{**recipe, "cuts": tuple(recipe["cuts"])})
            for arm, recipe in plain["recipes"].items()
        }
        return cls(**{**plain, "recipes": recipes, "notes": tuple(plain["notes"])})
