"""Several targets on one shared backbone, each judged against training it alone.

    check each → solve each head on the frozen features → fine-tune all together, and each alone, by paired
    seeds → a verdict per target → a bundle per target: the arm that was best on its validation, first seed

Multi-task learning can hurt too: what is shared is worth its verdict. The arms differ in nothing but what
the backbone shares: the same base, heads, rows, epochs and strategy, each arm its own raced learning rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import adaptation, ranking, shipping, verification
from .adaptation import Final, Fitted, Recipe, Shipped
from .adaptation.training.loop import MIN_STEPS
from .adaptation.training.speed import best_threads, measure
from .bases.base import INPUT, Base
from .bases.passes.frozen import FrozenPass
from .cache import Cache
from .data.cutting.folds import require_one_split
from .errors import SettingsError
from .exposure import shared
from .joint import Group, Target
from .partial import opened
from .pretraining.supervised import Heads
from .runs import RunFolder, open_run
from .runtime import Clock, Reporter, Runtime, detect, using_threads
from .settings import Settings
from .shipping.report import several
from .sources import names_of, without_held_out
from .tasks.base import Task
from .types import Splits
from .version import VERSION

SCHEMA = "headstart/multitask/1"
STRATEGY = "finetune"
"""Where none is named: it starts from solved heads and opens the whole network."""
SEEDS = 6
EPOCHS = (3, 20)
"""Fewest and most of an arm."""
MINUTES = 15.0
SHARE = 0.7
"""Of the minutes that training is planned for."""
ARMS = ("single", "multi")
PROBE = 16


def run(data: Sequence[Any], settings: Settings, reporter: Reporter) -> tuple[Path, dict[str, Any]]:
    """All targets; returns the run folder and what its `result.json` holds.

    Args:
        data: the data sets; each is read as a run of its own would read it.
        settings: everything else: one base, minutes, seed, where to write.
        reporter: where it speaks.

    Raises:
        HeadstartError: a data set, the base or the folder cannot be used; nothing is written then.
    """
    clock, strategy = Clock(settings.minutes or MINUTES), _strategy(settings)
    settings = replace(settings, strategy=(strategy,))
    task, base, plugins, splits = _opened(data, settings, reporter)
    adaptation.strategy_named(strategy).require(base)
    prints = [f"sha256:{one.fingerprint}" for one in splits]
    identity = settings.identity(splits[0].fingerprint, [base]) | {"targets": prints}
    folder = open_run(settings.out, "-".join(names_of(data)), identity)
    clock.add(folder.worked())
    passes = FrozenPass(Cache(), detect(clock, reporter, folder.log, settings.place))
    targets = [
        Target(name, *ranking.without_near_copies(ranking.benches(plugin, one, [base], passes)[0], one))
        for name, plugin, one in zip(names_of(data), plugins, splits, strict=True)
    ]
    work = _Work(targets, folder, settings.seed, strategy)
    threads = folder.once("threads", lambda: best_threads(targets[0].bench, base.preprocess.size))
    with using_threads(threads):
        plan = folder.once("plan", lambda: asdict(work.planned(clock.left())))
    recipe = Recipe(**{**plan, "cuts": tuple(plan["cuts"])})
    reporter.note(
        f"{len(targets)} targets, {SEEDS} paired seeds of {recipe.epochs} epochs, alone and together"
    )
    with using_threads(threads):
        found = work.compared(recipe)
        rows = [_shipped(target, work, found, settings, task) for target in targets]
    result = {
        "schema": SCHEMA,
        "headstart": VERSION,
        "task": task,
        "base": base.name,
        "strategy": strategy,
        "seed": settings.seed,
        "epochs": recipe.epochs,
        "seeds": len(found["multi"]),
        "rates": {arm: [one.rate for one in own] for arm, own in work.recipes.items()},
        "targets": rows,
        "mean_delta": float(np.mean([row["verdict"]["delta"] for row in rows])),
        "seconds": {"total": clock.elapsed()},
    }
    (folder.path / "report.html").write_text(several.render(result), encoding="utf-8")
    folder.finish(result)
    return folder.path, result


def _strategy(settings: Settings) -> str:
    """The one strategy that was asked for, or the usual one."""
    if not settings.strategy:
        return STRATEGY
    name = settings.strategy[0]
    strategy = adaptation.strategy_named(name)
    opens = [stage.boundary for stage in strategy.stages((INPUT,), 3)]
    own = strategy.shown(1) is not None or not strategy.inherits
    if len(settings.strategy) > 1 or opens != [INPUT] or own:
        raise SettingsError(
            f"several targets share one strategy that trains the base, not {', '.join(settings.strategy)}",
            f"name one, for instance --strategy {STRATEGY}",
        )
    return name


def _opened(
    data: Sequence[Any], settings: Settings, reporter: Reporter
) -> tuple[str, Base, Sequence[Task], Sequence[Splits]]:
    """The task's name, the base, and of each target the task as it is measured there and the splits.

    What one holds out, no other trains on.
    """
    require_one_split(settings.options, "a run of several targets")
    parts = [opened(replace(settings, data=one), reporter) for one in data]
    tasks, task, bases = {one.name for one in parts}, parts[0].name, parts[0].bases
    if len(bases) != 1:
        raise SettingsError(
            f"several targets share one base, {len(bases)} were given", "name one with --base"
        )
    if len(tasks) > 1:
        raise SettingsError(
            f"the targets are of different tasks: {', '.join(sorted(tasks))}", "run each alone"
        )
    if not parts[0].task.answer.classes:
        raise SettingsError(f"several targets need classes, {task} has none", "run each alone")
    splits = _alike(without_held_out([one.splits for one in parts]))
    if len({one.fingerprint for one in splits}) < len(splits):
        raise SettingsError("two of the targets are the same data", "name each once")
    for one in splits:
        verification.require_unseen(one, bases, parts[0].task.answer)
    return task, bases[0], [one.task for one in parts], splits


def _alike(splits: Sequence[Splits]) -> list[Splits]:
    """The same with one exposure for the pictures of all: they go through one backbone."""
    exposure = shared([one.examples.exposure for one in splits])
    return [one.but(examples=replace(one.examples, exposure=exposure)) for one in splits]


class _Work:
    """The trainings of all arms; each that is finished is kept in the work folder."""

    def __init__(self, targets: Sequence[Target], folder: RunFolder, seed: int, strategy: str) -> None:
        self.targets, self.folder, self.seed = targets, folder, seed
        self.runtime: Runtime = targets[0].bench.runtime
        self.strategy = adaptation.strategy_named(strategy)
        every = range(len(targets))
        self.groups = {
            "single": [Group("single", [targets[place]], [place], self.strategy) for place in every],
            "multi": [Group("multi", targets, every, self.strategy)],
        }
        self.recipes: dict[str, list[Recipe]] = {}
        """By arm, that of each of its groups, at the rate that won its race."""

    def planned(self, seconds: float) -> Recipe:
        """As many epochs as fit all seeds and the race of both arms, from measured steps."""
        bench = self.targets[0].bench
        size = bench.base.preprocess.size
        step = measure(bench, (), (size,)).whole[size]
        seen = sum(max(len(one.splits.train), MIN_STEPS * PROBE) for one in self.targets)
        affordable = SHARE * seconds / (len(ARMS) * seen * step)  # epochs of one arm, seeds and race
        fewest, most = EPOCHS
        fitting = [epochs for epochs in range(fewest, most + 1) if self._epochs(epochs) <= affordable]
        epochs = max(fitting, default=fewest)
        return Recipe(epochs=epochs, batch=PROBE, cuts=(INPUT,), size=size, live=True)

    def _epochs(self, epochs: int) -> int:
        """Of all seeds of an arm, and of its race."""
        return SEEDS * epochs + len(self.strategy.rates) * max(2, epochs // 3)

    def compared(self, recipe: Recipe) -> dict[str, list[list[verification.Looked]]]:
        """By arm and seed, what it gives for each target; seeds that do not fit the time are left out."""
        clock, found = self.runtime.clock, {arm: list[list[verification.Looked]]() for arm in ARMS}
        self.recipes = {arm: [self._raced(group, recipe) for group in self.groups[arm]] for arm in ARMS}
        for number in range(SEEDS):
            if number and clock.left() < 0 and not self._done("multi", number):
                break
            for arm in ARMS:
                self.runtime.reporter.note(f"{arm}: seed {number + 1} of {SEEDS}")
                fitted = [self.fit(arm, place, number) for place in range(len(self.groups[arm]))]
                looks = [one.looks(own) for one, own in zip(self.groups[arm], fitted, strict=True)]
                found[arm].append([look for own in looks for look in own])
        return found

    def fit(self, arm: str, place: int, number: int) -> Fitted:
        """One training of an arm's group, or what was done before."""
        group = self.groups[arm][place]
        job = group.job(self.seed, self.recipes[arm][place], number)
        return adaptation.fit(job, group.bench, self.folder.work)

    def _raced(self, group: Group, recipe: Recipe) -> Recipe:
        """The recipe at the rate that does best on validation in a third of the epochs."""
        return adaptation.race(group.job(self.seed, recipe, 0), group.bench, self.folder.work, math.inf)

    def _done(self, arm: str, number: int) -> bool:
        """Were all trainings of a seed finished before?"""
        jobs = [group.job(self.seed, Recipe(), number) for group in self.groups[arm]]
        return all(adaptation.fitted_file(job, self.folder.work).exists() for job in jobs)


def _shipped(
    target: Target,
    work: _Work,
    found: dict[str, list[list[verification.Looked]]],
    settings: Settings,
    task: str,
) -> dict[str, Any]:
    """The verdict of one target, and its bundle: the arm that was better on validation, of the first seed."""
    place = work.targets.index(target)
    looks = {arm: [seed[place] for seed in found[arm]] for arm in ARMS}
    verdict = verification.of_arms(
        "multi", looks["multi"], "single", looks["single"], settings.margin / 100, target.bench.task.score
    )
    values = {arm: float(np.mean([look.validation for look in looks[arm]])) for arm in ARMS}
    sign = target.bench.task.score.sign
    arm = "multi" if sign * values["multi"] > sign * values["single"] else "single"
    which, inside = (0, place) if arm == "multi" else (place, 0)
    group, bench = work.groups[arm][which], target.bench
    backbone, heads = adaptation.model_of(work.fit(arm, which, 0), group.bench)
    assert isinstance(heads, Heads)
    architecture, width = work.strategy.shape(bench.base)
    why = Shipped("seed", "what is shared is not fitted again", 1, len(looks[arm]))
    final = Final(architecture, bench.base.preprocess, backbone, heads.each[inside], width, why)
    home = RunFolder(work.folder.path / target.name, {})
    home.path.mkdir(exist_ok=True)
    rows = [(look.validation_outputs, look.rows) for look in looks[arm]]
    shipping.pack_final(bench, target.splits, final, arm, rows, task, home, settings.max_error / 100)
    return {
        "name": target.name,
        "bundle": f"{target.name}/bundle",
        "chosen": arm,
        "metric": bench.task.score.name,
        "train": len(target.splits.train),
        "test": len(looks["multi"][0].scores),
        "fingerprint": f"sha256:{target.splits.fingerprint}",
        "dropped": {
            "count": len(target.splits.dropped),
            "items": [asdict(one) for one in target.splits.dropped],
        },
        "arms": {one: float(np.mean([look.scores.mean() for look in looks[one]])) for one in ARMS},
        "validation": values,
        "verdict": {**asdict(verdict), "interval": [verdict.interval.low, verdict.interval.high]},
    }
