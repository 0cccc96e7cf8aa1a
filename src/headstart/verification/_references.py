"""The arms without pre-trained weights, as many as there is time for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..adaptation import Arm, Once, Plan, train_arm
from ..bench import Bench
from ..types import Splits


def in_time(bench: Bench, plan: Plan, once: Once) -> Plan:
    """The plan without references that would end too late beside the first one."""
    first, *others = bench.task.references
    clock, note = bench.runtime.clock, bench.runtime.reporter.note
    for name in others:
        if once(f"late-for-{name}", partial(plan.late_for, (first, name), clock.left())):
            note(f"{name} is given up: the time does not suffice for it any more")
            plan = plan.without(name)
    return plan


def trained_references(bench: Bench, splits: Splits, plan: Plan, folder: Path) -> list[Arm]:
    """The arms without pre-trained weights."""
    strategies = {"reinit": plan.reinit, "scratch": "scratch"}
    names = [name for name in bench.task.references if name in plan.seconds]
    return [train_arm(name, strategies[name], bench, splits, plan, folder) for name in names]
