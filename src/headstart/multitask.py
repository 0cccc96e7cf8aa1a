"""Several targets on one shared backbone, each judged against training it alone.

    check each → solve each head on the frozen features → fine-tune all together, and each alone, by paired
    seeds → a verdict per target → a bundle per target: the arm that was best on its validation, first seed

Multi-task learning can hurt too: what is shared is worth its verdict. The arms differ in nothing but what
the backbone shares: the same base, heads, rows, epochs and strategy, each arm its own raced learning rate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from . import ranking, registry, shipping, verification
from .adaptation import Final, Shipped
from .adaptation.base import History, Recipe, Strategy
from .adaptation.training import checkpoints
from .adaptation.training.feed import LiveFeed
from .adaptation.training.loop import MIN_STEPS, Loop, Training
from .adaptation.training.speed import best_threads
from .bases.base import INPUT, Base
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .data.cutting.folds import require_one_split
from .data.cutting.stratified import redraw
from .errors import SettingsError
from .exposure import shared
from .partial import opened
from .pretraining.supervised import Balanced, Heads
from .runs import RunFolder, open_run
from .runtime import Clock, Reporter, Runtime, derive, detect, seeded, using_threads
from .settings import Settings
from .shipping.report import several
from .sources import Sources, names_of, without_held_out
from .tasks.base import Task
from .tasks.solvers import linear
from .tasks.solvers.base import as_state
from .types import FloatArray, Splits
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


@dataclass(frozen=True)
class Target:
    """One data set on the shared base."""

    name: str
    bench: Bench
    splits: Splits


@dataclass(frozen=True)
class Shared:
    """One training of one target or several: the whole network and what it gives for each target's rows."""

    network: nn.Module
    heads: Heads
    history: History


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
    prints = [f"sha256:{one.fingerprint}" for one in splits]
    identity = settings.identity(splits[0].fingerprint, [base]) | {"targets": prints}
    folder = open_run(settings.out, "-".join(names_of(data)), identity)
    clock.add(folder.worked())
    passes = FrozenPass(Cache(), detect(clock, reporter, folder.log))
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
    strategy: Strategy = registry.get("adaptation", name)
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
        verification.require_unseen(one, bases)
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
        self.strategy: Strategy = registry.get("adaptation", strategy)
        self.recipes: dict[str, list[Recipe]] = {}
        """By arm, that of each of its groups, at the rate that won its race."""

    def planned(self, seconds: float) -> Recipe:
        """As many epochs as fit all seeds and the race of both arms, from measured steps."""
        bench = self.targets[0].bench
        size = bench.base.preprocess.size
        inputs, rows = bench.subject(size).inputs, bench.pool[:PROBE]
        network = bench.base.network()
        times = []
        for view in range(3):
            started = time.perf_counter()
            network(inputs.batch(rows, view)).square().mean().backward()
            times.append((time.perf_counter() - started) / len(rows))
        seen = sum(max(len(one.splits.train), MIN_STEPS * PROBE) for one in self.targets)
        affordable = SHARE * seconds / (len(ARMS) * seen * min(times))  # epochs of one arm, seeds and race
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
        self.recipes = {arm: [self._raced(arm, group, recipe) for group in self._groups(arm)] for arm in ARMS}
        for number in range(SEEDS):
            if number and clock.left() < 0 and not self._file("multi", self.targets, number, "").exists():
                break
            for arm in ARMS:
                self.runtime.reporter.note(f"{arm}: seed {number + 1} of {SEEDS}")
                looks = [
                    look
                    for group, own in zip(self._groups(arm), self.recipes[arm], strict=True)
                    for look in self.looks(arm, group, number, own)
                ]
                found[arm].append(looks)
        return found

    def looks(
        self, arm: str, group: Sequence[Target], number: int, recipe: Recipe
    ) -> list[verification.Looked]:
        """One training of a group, looked at on each target's validation and test."""
        shared = self.fit(arm, group, number, recipe)
        draws = [redraw(target.splits, number, self.seed) for target in group]
        return [
            verification.looked(self.outputs_of(shared, group, place), target.bench, draw)
            for place, (target, draw) in enumerate(zip(group, draws, strict=True))
        ]

    def outputs_of(self, shared: Shared, group: Sequence[Target], place: int) -> Any:
        """(rows) -> (n, k) outputs of one target's own head."""
        bench, head = group[place].bench, shared.heads.each[place]
        inputs = bench.subject(bench.base.preprocess.size).inputs
        model = nn.Sequential(shared.network, head).eval()

        @torch.inference_mode()
        def outputs(rows: Any) -> FloatArray:
            parts = [
                model(inputs.batch(rows[start : start + 64]).to(self.runtime.device)).double().cpu()
                for start in range(0, len(rows), 64)
            ]
            return np.asarray(torch.cat(parts).numpy())

        return outputs

    def fit(self, arm: str, group: Sequence[Target], number: int, recipe: Recipe, part: str = "") -> Shared:
        """Fine-tune the base on the group's training rows of one seed, or take what was done before."""
        bench, path = group[0].bench, self._file(arm, group, number, part)
        seed = derive(self.seed, "arm", number)
        draws = tuple(redraw(target.splits, number, self.seed) for target in group)
        sources = Sources(bench.task, tuple(one.name for one in group), draws)
        network, heads = bench.base.network(), self._heads(sources, group, draws)
        network = network.to(self.runtime.device)
        heads = heads.to(self.runtime.device)
        if not path.exists():
            training = Training(
                objective=Balanced(sources, heads.log_variance),
                strategy=self.strategy,
                recipe=recipe,
                seed=seed,
                train=sources.train,
                validation=sources.validation,
                stages=bench.base.card.stages,
                checkpoint=path.with_suffix(".checkpoint"),
            )
            examples = sources.examples
            preprocess = bench.base.preprocess
            inputs = bench.task.inputs(examples, preprocess, bench.passes.cache)
            live = LiveFeed(inputs, seed, self.runtime.device)
            kept, history = Loop(network, heads, training, lambda _: live, self.runtime).run()
            checkpoints.write(path, {"kept": kept}, {"history": asdict(history)})
            path.with_suffix(".checkpoint").unlink(missing_ok=True)
        groups, facts = checkpoints.read(path)
        nn.ModuleDict({"backbone": network, "head": heads}).load_state_dict(groups["kept"], strict=False)
        return Shared(network.eval(), heads.eval(), History.from_json(facts["history"]))

    def _heads(self, sources: Sources, group: Sequence[Target], draws: Sequence[Splits]) -> Heads:
        """Each target's head, solved on frozen features of its training rows where the strategy says so."""
        heads = []
        for target, draw in zip(group, draws, strict=True):
            examples, rows = target.bench.examples, draw.train
            head = sources.task.answer.head(target.bench.base.card.width, examples.categories)
            if self.strategy.solved_head:
                features = np.asarray(target.bench.features(rows=rows), dtype=np.float64)
                solved = linear.solve(features, examples.answers[rows], len(examples.categories))
                head.load_state_dict(as_state(solved))
            heads.append(head)
        with seeded(derive(self.seed, "heads")):
            return Heads(heads)

    def _raced(self, arm: str, group: Sequence[Target], recipe: Recipe) -> Recipe:
        """The recipe at the rate that does best on validation in a third of the epochs."""
        losses = {}
        for rate in self.strategy.rates:
            short = replace(recipe, rate=rate, epochs=max(2, recipe.epochs // 3))
            history = self.fit(arm, group, 0, short, f"rate{rate:g}").history
            losses[rate] = min(history.validation, default=math.inf)
        return replace(recipe, rate=min(losses, key=losses.__getitem__))

    def _groups(self, arm: str) -> list[list[Target]]:
        return [list(self.targets)] if arm == "multi" else [[target] for target in self.targets]

    def _file(self, arm: str, group: Sequence[Target], number: int, part: str) -> Path:
        places = "+".join(str(self.targets.index(target)) for target in group)
        name = "-".join(filter(None, [arm, places, part, str(number)]))
        return self.folder.work / f"{name}.safetensors"


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
    group = work.targets if arm == "multi" else [target]
    inside = place if arm == "multi" else 0
    shared = work.fit(arm, group, 0, work.recipes[arm][0 if arm == "multi" else place])
    bench = target.bench
    base, head = bench.base, shared.heads.each[inside]
    why = Shipped("seed", "what is shared is not fitted again", 1, len(looks[arm]))
    final = Final(base.architecture, base.preprocess, shared.network, head, base.card.width, why)
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
