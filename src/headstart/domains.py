"""A run across domains: a labelled source, a target without labels, and a guard that decides what ships.

    check both → one frozen pass over both → every way across → the guard → two bundles and a report

All ways read the same features, so that they cost next to nothing beside the pass. Labels of the target
are read only where they are given to check by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import ranking, shipping, verification
from .adaptation import Final, Shipped, reinitialised
from .adaptation import domains as across
from .adaptation.domains.base import Domains, Labelled
from .bases.base import FEATURES
from .bases.passes.frozen import FrozenPass
from .bench import Bench
from .cache import Cache
from .data.cutting.folds import require_one_split
from .data.domains import PROPORTIONS, Crossed, both, crossed, holds_both, without_near_copies
from .data.label_names import ONE_NAME
from .errors import SettingsError
from .options import NOTHING
from .partial import Opened, opened
from .plain import plain
from .runs import DOMAINS, RunFolder, open_run
from .runtime import Clock, Reporter, Runtime, detect
from .settings import Settings
from .shipping.report import domains as report
from .shipping.report import domains_page as page
from .tasks.solvers import linear
from .tasks.solvers.base import LinearHead
from .types import Data, FloatArray, IntArray, Interval, Splits
from .verification.across import Judged, at_home, judged, on_labels

ANSWERS = ("class", "classes")
"""That heads are solved for: one of the categories, or some of them."""


@dataclass(frozen=True)
class Work:
    """Both domains on the base that fits the source best."""

    bench: Bench
    splits: Splits
    domains: Domains
    heads: dict[str, LinearHead]
    """By way."""
    checked: IntArray
    """Rows of the target with labels."""


def run(
    data: Data, target: Data | None, labelled: Data | None, settings: Settings, reporter: Reporter
) -> tuple[Path, dict[str, Any]]:
    """The run; returns its folder and what its `result.json` holds.

    Args:
        data: the source; or both, where `target` is None.
        target: examples without labels; labels that they have are not read.
        labelled: target examples with labels, to check by and to learn from; or None.
        settings: everything else.
        reporter: where it speaks.

    Raises:
        HeadstartError: the data, the base or the folder cannot be used; nothing is written then.
    """
    clock, declared = Clock(settings.minutes), PROPORTIONS.of(settings.options)
    found, ground = _opened(data, target, labelled, settings, reporter)
    identity = settings.identity(ground.splits.fingerprint, found.bases) | {DOMAINS: True}
    folder = open_run(settings.out, settings.name, identity)
    clock.add(folder.worked())
    work = _worked(found, ground, folder, detect(clock, reporter, folder.log, settings.place))
    judgement = judged(work.domains, work.heads, declared)
    reporter.note(f"{judgement.chosen} ships: {judgement.why}")
    _pack(found.name, work, judgement, folder, settings.max_error / 100)
    reinit = _reinit(work, settings.seed)
    home = at_home(work.heads[across.PLAIN], work.domains, work.splits, partial(_known, work.bench))
    story = report.Story(found.name, work.bench, work.splits, work.domains, judgement, declared, home, reinit)
    outcome = report.told(story, {"total": clock.elapsed()})
    sides = report.evidence(story)
    folder.write_json("evidence.json", plain(sides))
    (folder.path / "report.html").write_text(page.render(outcome, sides), encoding="utf-8")
    (folder.path / "bundle" / "README.md").write_text(page.card(outcome), encoding="utf-8")
    folder.finish(plain(outcome))
    return folder.path, plain(outcome)


def _opened(
    data: Data, target: Data | None, labelled: Data | None, settings: Settings, reporter: Reporter
) -> tuple[Opened, Crossed]:
    """The task and bases of the source, and both domains as one set."""
    require_one_split(settings.options, "a run across domains")
    if settings.strategy or settings.head:
        raise SettingsError(
            "a run across domains solves heads on frozen features: it takes no --strategy and no --head",
            "leave them out",
        )
    reading = settings.reading
    if target is None:
        sides = both(data, reading)
        if sides is None:
            raise SettingsError(
                "there is no target: the data have neither folders source/ and target/ nor a column domain",
                "name the target's examples: --unlabelled TARGET",
            )
        data, target = sides
    elif holds_both(data, reading):
        raise SettingsError(
            "the data hold a source and a target, and another target was named",
            "leave out --unlabelled, or give the source alone",
        )
    options = {name: value for name, value in settings.options.items() if name != PROPORTIONS.name}
    found = opened(replace(settings, data=data, options=options or NOTHING), reporter)
    if found.task.answer.correction not in ANSWERS:
        raise SettingsError(
            f"a run across domains needs classes or sets of labels, {found.name} has other answers",
            "give a source with classes or labels",
        )
    verification.require_unseen(found.splits, found.bases, found.task.answer)
    reading = replace(reading, options=options)
    return found, crossed(found.splits, target, labelled, found.task, reading)


def _worked(found: Opened, ground: Crossed, folder: RunFolder, runtime: Runtime) -> Work:
    """The base, one pass over both domains, and the head of every way."""
    passes = FrozenPass(Cache(), runtime)
    benches = ranking.benches(found.task, ground.splits, found.bases, passes)
    record = folder.once(
        "ranking",
        lambda: ranking.choice_record(ranking.choose(benches, {one.base.name: () for one in benches}, {})),
    )
    bench, splits = ranking.without_near_copies(ranking.chosen(benches, record), ground.splits)
    ground = replace(ground, splits=splits)
    ground = without_near_copies(ground, ranking.copies_across(bench, int(splits.unlabelled[0])))
    splits = ground.splits
    names = (bench.task.answer.spoken or ONE_NAME).names
    number = {name: place for place, name in enumerate(bench.examples.categories)}
    members = [[number[name] for name in names(label)] for label in ground.labels]
    labelled = Labelled(_features(bench, ground.checked), _right(bench, members))
    source, target = _known(bench, bench.pool), _features(bench, splits.unlabelled)
    domains = Domains(source.features, source.right, target, len(number), linear, labelled)
    runtime.reporter.note(
        f"{len(source.right)} examples of the source, {len(target)} of the target, on {bench.base.name}"
    )
    return Work(bench, splits, domains, across.heads(domains), ground.checked)


def _features(bench: Bench, rows: IntArray) -> FloatArray:
    """(len(rows), d) features as the task's head reads them; of no rows none."""
    if not len(rows):
        return np.zeros((0, bench.base.card.width))
    return bench.task.answer.as_read(np.asarray(bench.features(rows=rows), dtype=np.float64))


def _reinit(work: Work, seed: int) -> tuple[float, Interval] | None:
    """How often the source's model is right on the labelled target where the base has random weights.

    It takes a pass of its own, and so is asked only where labels tell; None without them.
    """
    bench, rows = work.bench, work.checked
    if not len(rows):
        return None
    network, identity = reinitialised(bench, seed)
    kept = bench.activations(network, identity, [FEATURES], np.union1d(bench.pool, rows))[FEATURES]
    source, labelled = (
        bench.task.answer.as_read(np.asarray(kept.read(some), dtype=np.float64))
        for some in (bench.pool, rows)
    )
    known = Labelled(labelled, work.domains.labelled.right)
    return on_labels(replace(work.domains, source=source, target=labelled, labelled=known))


def _known(bench: Bench, rows: IntArray) -> Labelled:
    """Rows of the source, with what is right for them."""
    members = bench.examples.targets.members
    return Labelled(_features(bench, rows), _right(bench, [members[row] for row in rows.tolist()]))


def _right(bench: Bench, members: Sequence[Sequence[int]]) -> IntArray:
    """(n,) the class of each row, or (n, k) 1 for each label that it has, from the numbers of its names."""
    if bench.task.answer.classes:
        return np.array([number for (number,) in members], dtype=np.int64)
    found = np.zeros((len(members), len(bench.examples.categories)), dtype=np.int64)
    for row, numbers in enumerate(members):
        found[row, list(numbers)] = 1
    return found


def _pack(task: str, work: Work, judgement: Judged, folder: RunFolder, max_error: float) -> None:
    """`bundle/` of the arm that ships, and that of the other one in a folder of its name."""
    homes = {judgement.chosen: folder, judgement.beside: RunFolder(folder.path / judgement.beside, {})}
    for name, home in homes.items():
        home.path.mkdir(exist_ok=True)
        # how sure to be of the target no label says: probabilities stay as the head gives them
        shipping.pack_final(work.bench, work.splits, _final(work, name), name, (), task, home, max_error)


def _final(work: Work, name: str) -> Final:
    """The base and the head of a way as one model."""
    base, answer = work.bench.base, work.bench.task.answer
    head = answer.head(base.card.width, work.bench.examples.categories)
    state = answer.as_state(head, work.heads[name])
    head.load_state_dict({one: torch.as_tensor(value) for one, value in state.items()})
    why = Shipped("refit", "nothing is trained by steps")
    return Final(base.architecture, base.preprocess, base.network(), head, base.card.width, why)
