"""The verbs in Python: each does what the command of its name does.

Heavy imports happen inside the verbs, so that importing the package costs next to nothing. Where a verb takes
`**options`, these are the options of parts that `headstart list` names, as `--set` has them; a name that is
neither an option nor a keyword of the verb is an UnknownName with the nearest as its hint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .after import compare, doubts, list_runs, open_run, suggest
from .keywords import Called, read_as
from .models import Model, evaluate, export, load, predict
from .results import Result
from .settings import Settings
from .spoken import Terminal
from .unlabelled import Exploration, explore

if TYPE_CHECKING:
    from .measured import Ranking
    from .pretraining import Asked
    from .records import Shared
    from .runtime import Reporter
    from .types import BaseCard, Data, Offered, Splits

__all__ = [
    "Exploration",
    "Model",
    "Pretrained",
    "Result",
    "Several",
    "adapt",
    "check",
    "compare",
    "doubts",
    "evaluate",
    "explore",
    "export",
    "list_bases",
    "list_runs",
    "list_tasks",
    "load",
    "open_run",
    "predict",
    "pretrain",
    "rank",
    "run",
    "run_settings",
    "run_several",
    "suggest",
]


@dataclass(frozen=True)
class Several:
    """A finished run of several targets: its folder, and what its `result.json` holds."""

    folder: Path
    record: Mapping[str, object] = field(repr=False)

    @property
    def shared(self) -> Shared:
        """The same as records."""
        from .plain import read
        from .records import Shared

        return read(Shared, self.record)


@dataclass(frozen=True)
class Pretrained:
    """A base that was made: its folder, and what its `result.json` holds."""

    folder: Path
    record: dict[str, Any] = field(repr=False)


def run(
    data: Data,
    *,
    task: str | None = None,
    base: str | Sequence[str] = (),
    strategy: str | Sequence[str] = (),
    minutes: float | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    group: str | None = None,
    margin: float = Settings.margin,
    max_error: float = Settings.max_error,
    head: str | None = None,
    columns: Mapping[str, str] | None = None,
    on: str | None = None,
    progress: bool = False,
    **options: object,
) -> Result:
    """Check, rank, adapt, verify and ship: a proven model and a report.

    Args:
        data: a folder or file; or a table as a DataFrame (pandas or polars), a `pyarrow.Table`, a
            `datasets.Dataset` or `DatasetDict`, a dict of columns, a list of rows, or a dict of splits.
        task: its name; inferred from the layout where only one fits.
        base: names or folders of pre-trained bases; the best built-in one where none is given.
        strategy: the transfer arms to compare; those that are usual for the task where none is given.
        minutes: budget of the whole run.
        seed: the same seed repeats the run.
        out: folder to write; a new one under `runs/` where none is given.
        group: column whose equal values are never on both sides of a split.
        margin: points of difference below which there is none in practice.
        max_error: percent of the bundle's answers that may be wrong; where it would be more it abstains.
        head: for boxes or masks: what stands on the base, where it is not the usual one.
        columns: what the data call the columns, `{"text": "body", "label": "topic"}`.
        on: where jobs run: `local`, `ray` or `ray://HOST:PORT`; as HEADSTART_ON says where it is not given.
        progress: say on stderr what it does, as the command does.
        **options: of parts.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    settings = Settings(
        data,
        task=task,
        base=_names(base),
        strategy=_names(strategy),
        minutes=minutes,
        seed=seed,
        group=group,
        out=None if out is None else Path(out),
        margin=margin,
        max_error=max_error,
        head=head,
        on=on,
        **read_as(run, options, columns),
    )
    return run_settings(settings, Terminal()) if progress else run_settings(settings)


def run_several(data: Sequence[object], settings: Settings, reporter: Reporter | None = None) -> Several:
    """Several targets on one shared backbone, with a verdict for each against training it alone.

    Args:
        data: folders or DataFrames.
        settings: of the run; its own `data` is not read.
        reporter: where it speaks; nowhere if not given.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import multitask
    from .runtime import Silent

    return Several(*multitask.run(data, settings, reporter or Silent()))


def run_settings(settings: Settings, reporter: Reporter | None = None, begun: float | None = None) -> Result:
    """`run` for settings that were read from a file, or with a voice; its time runs from `begun`."""
    from . import pipeline
    from .runtime import Silent

    return Result(*pipeline.run(settings, reporter or Silent(), begun))


def pretrain(
    data: Data,
    out: str | Path,
    *,
    base: str | Path | None = None,
    architecture: str | None = None,
    method: str | None = None,
    task: str | None = None,
    size: int | None = None,
    epochs: int | None = None,
    minutes: float | None = None,
    seed: int = 0,
    probe: object = None,
    licence: str | None = None,
    devices: int = 1,
    on: str | None = None,
    columns: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Pretrained:
    """Make a base: pre-train a backbone on large data and write it as a folder.

    Args:
        data: a folder, file or DataFrame, or a list of them: several labelled ones are learned together.
        out: folder to write; an interrupted pre-training there goes on.
        base: to continue from; the best built-in one where neither it nor an architecture is given.
        architecture: a network to start from scratch, e.g. `timm/resnet10t` or `translator/small`.
        method: as `headstart list` names them; `supervised` where the data have labels or translations.
        task: as for `run`.
        size: side of pictures, pixels.
        epochs: passes over the data; else planned from the minutes.
        minutes: time for the training.
        seed: as for `run`.
        probe: labelled data that is only looked at.
        licence: of the weights, by its SPDX name.
        devices: processes that train together.
        on: where it is done, as for `run`.
        columns: as for `run`.
        reporter: where it speaks; nowhere if not given.
        **options: of parts.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import pretraining as stage
    from . import workers
    from .runtime import Silent

    called = read_as(pretrain, options, columns)
    first = _asked(data, out, task, base, architecture, method, called)
    numbers: dict[str, Any] = {"size": size, "epochs": epochs, "minutes": minutes, "seed": seed}
    asked = replace(first, probe=probe, licence=licence, devices=devices, on=on or workers.usual(), **numbers)
    return Pretrained(*stage.pretrain(asked, reporter or Silent()))


def _asked(
    data: Any,
    out: str | Path,
    task: str | None,
    base: str | Path | None,
    architecture: str | None,
    method: str | None,
    called: Called,
) -> Asked:
    """A pre-training with everything that was not named, before its numbers."""
    from . import pretraining as stage
    from . import tasks
    from .bases import best
    from .data.reading import Reading
    from .data.tables.frames import is_rows
    from .registry import get

    reading = Reading(**called)
    several = isinstance(data, list | tuple) and not is_rows(data)
    sources = tuple(data) if several else (data,)
    stage.require_some(sources)
    name = task or tasks.infer(sources[0], reading, unlabelled=True)
    if get("tasks", name).fitter is not None:
        wanted = None if base is None else str(base)
        return stage.Asked(sources, Path(out), name, method or stage.FITTED, wanted, architecture, **called)
    start = best(get("tasks", name).modality.name) if base is None and architecture is None else base
    if method is None:
        labelled = tasks.is_labelled(sources[0], name, reading)
        method = stage.usual(name, labelled, str(start or architecture))
    continued = None if start is None else str(start)
    return stage.Asked(sources, Path(out), name, method, continued, architecture, **called)


def check(
    data: Data,
    *,
    task: str | None = None,
    seed: int = 0,
    group: str | None = None,
    columns: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Splits:
    """Read, check and split a data set; nothing is trained, nothing is written.

    Keywords are those of `run`; `reporter` is where it speaks.

    Raises:
        HeadstartError: the data cannot be used.
    """
    from . import data as stage
    from . import tasks
    from .runtime import Silent, progress

    # refuses what cannot be
    settings = Settings(data, task, seed=seed, group=group, **read_as(check, options, columns))
    reading = settings.reading
    name = task or tasks.infer(data, reading)
    plugin = tasks.task_named(name, settings.options)
    loaded = stage.load(data, plugin, seed, reading, progress(reporter or Silent()))
    _, splits = tasks.scored(plugin, settings.options, loaded)
    _, splits = stage.folded(splits, plugin, seed, reading)
    return splits.but(layout=", ".join(filter(None, (name, splits.layout))))


def rank(
    data: Data,
    *,
    base: str | Sequence[str] = (),
    task: str | None = None,
    seed: int = 0,
    group: str | None = None,
    max_params: str | None = None,
    max_latency: str | None = None,
    max_memory: str | None = None,
    licence: str | None = None,
    columns: Mapping[str, str] | None = None,
    on: str | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Ranking:
    """Rank bases on a data set by one frozen pass of each; nothing is trained.

    Args:
        data: as for `run`.
        base: names or folders of those to rank; the built-in ones where none is given.
        task: as for `run`.
        seed: as for `run`.
        group: as for `run`.
        max_params: largest base, e.g. `20M`.
        max_latency: slowest prediction of one input on this machine, e.g. `30ms`.
        max_memory: most memory of a process that predicts, e.g. `500MB`.
        licence: `permissive`, or one by its SPDX name.
        columns: as for `run`.
        on: as for `run`.
        reporter: where it speaks; nowhere if not given.
        **options: of parts.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import partial
    from .measured import Ranking
    from .plain import read
    from .ranking import Limits
    from .runtime import Silent

    called = read_as(rank, options, columns)
    settings = Settings(data, task, _names(base), seed=seed, group=group, on=on, **called)
    limits = Limits.typed(max_params, max_latency, max_memory, licence)
    return read(Ranking, partial.rank_alone(settings, limits, reporter or Silent()))


def adapt(
    data: Data,
    *,
    base: str | Path,
    strategy: str,
    task: str | None = None,
    minutes: float | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    group: str | None = None,
    head: str | None = None,
    columns: Mapping[str, str] | None = None,
    on: str | None = None,
    **options: object,
) -> Model:
    """One strategy on one base, alone: a model, and no word on whether the base helped.

    Args:
        data: as for `run`.
        base: name or folder of the base.
        strategy: how to adapt it.
        task: as for `run`.
        minutes: budget of the training.
        seed: as for `run`.
        out: folder to write; gets `bundle/`. A new one under `runs/` where none is given.
        group: as for `run`.
        head: as for `run`.
        columns: as for `run`.
        on: as for `run`.
        **options: of parts.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import partial
    from .runtime import Silent

    settings = Settings(
        *(data, task, (str(base),), (strategy,), minutes, seed, group),
        out=None if out is None else Path(out),
        head=head,
        on=on,
        **read_as(adapt, options, columns),
    )
    return Model(partial.adapt_alone(settings, Silent()))


def list_bases(*names: str) -> list[BaseCard | Offered]:
    """The facts of the built-in bases and of those that an extra would bring, or of those that are named.

    Raises:
        HeadstartError: there is no base of that name, or it cannot be read.
    """
    from . import bases

    return [bases.facts(name) for name in names] if names else bases.catalog()


def list_tasks() -> dict[str, str]:
    """What each task that is installed does, in one line, by its name."""
    from . import registry

    return {name: registry.summary(registry.get("tasks", name)) for name in registry.names("tasks")}


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given)
