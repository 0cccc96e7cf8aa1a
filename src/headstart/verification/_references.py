"""The arms without pre-trained weights, as many as there is time for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ..adaptation import Arm, Once, Plan, pace_of, train_arm
from ..bench import Bench
from ..types import Splits

HALF = 0.5
"""Of the planned epochs: with less, an arm has shown nothing."""


def in_time(bench: Bench, plan: Plan, transfer: Sequence[Arm], once: Once) -> Plan:
    """The plan without references that would end too late beside the first one, at the pace of transfer.

    Without any, where not even the seeds before the first look would end in time; but rivals are none: where
    there are some, a verdict over these alone would say more of the pre-trained weights than was asked.
    """
    first, *others = bench.task.references
    clock, note, pace = bench.runtime.clock, bench.runtime.reporter.note, pace_of(transfer)
    alone = first in plan.seconds and not bench.task.rivals
    if alone and once(f"hopeless-for-{first}", partial(plan.hopeless, first, clock.left(), pace)):
        enough = math.ceil((clock.elapsed() + plan.decided(first, pace)) / 60)
        note(
            "what decides, two trainings without the pre-trained weights, does not fit into the time: "
            f"there will be no verdict; {enough} minutes should be enough"
        )
        for name in bench.task.references:
            plan = plan.without(name)
        return plan
    for name in others:
        if once(f"late-for-{name}", partial(plan.late_for, (first, name), clock.left(), pace)):
            note(f"{name} is given up: the time does not suffice for it any more")
            plan = plan.without(name)
    return plan


def trained_references(bench: Bench, splits: Splits, plan: Plan, folder: Path, once: Once) -> list[Arm]:
    """The arms without pre-trained weights."""
    strategies = {"reinit": plan.reinit, "scratch": "scratch"}
    names = [name for name in bench.task.references if name in plan.seconds]
    return [train_arm(name, strategies[name], bench, splits, plan, folder, once) for name in names]


def starved(arm: Arm | None, seeds: int) -> bool:
    """Did the time end before one of an arm's first seeds had half of its epochs? It loses to anything."""
    histories = [(one.history, one.job.recipe) for one in arm.fitted[:seeds]] if arm else []
    return any(
        history.cut_short and len(history.train) < HALF * (recipe.head_epochs + recipe.epochs)
        for history, recipe in histories
    )
