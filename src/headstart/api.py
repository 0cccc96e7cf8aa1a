"""The verbs in Python: each does what the command of its name does.

Heavy imports happen inside the verbs, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .settings import Settings

if TYPE_CHECKING:
    from .runtime import Reporter
    from .shipping.bundles.predict import Answers
    from .types import BaseCard, Splits


@dataclass(frozen=True)
class Result:
    """A finished run: its folder, and `result.json` as attributes (`result.verdict.call`)."""

    folder: Path
    record: dict[str, Any]

    @property
    def bundle(self) -> Path:
        """The folder to predict with."""
        return self.folder / "bundle"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / "report.html"

    @property
    def verdict(self) -> SimpleNamespace:
        """`call`, `delta`, `interval`, `seeds`, `baseline`, `p`, `margin`, `equivalent`, `sentence`, …."""
        return SimpleNamespace(**self.record["verdict"])

    @property
    def metric(self) -> SimpleNamespace:
        """`name`, `value`, `interval`, `n` of the bundle on the test split."""
        return SimpleNamespace(**self.record["metric"])

    @property
    def chosen(self) -> SimpleNamespace:
        """`base`, `strategy` and `arm` that ship."""
        return SimpleNamespace(**self.record["chosen"])

    @property
    def arms(self) -> list[SimpleNamespace]:
        """Every arm that was compared: `name`, `value`, `interval`, `seconds` and more."""
        return [SimpleNamespace(**arm) for arm in self.record["arms"]]


@dataclass(frozen=True)
class Several:
    """A finished run of several targets: its folder, and what its `result.json` holds."""

    folder: Path
    record: dict[str, Any]


@dataclass(frozen=True)
class Pretrained:
    """A base that was made: its folder, and what its `result.json` holds."""

    folder: Path
    record: dict[str, Any]


def run(
    data: Any,
    *,
    task: str | None = None,
    base: str | Sequence[str] = (),
    strategy: str | Sequence[str] = (),
    minutes: float | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    **more: Any,
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
        **more: `group` (column whose equal values are never on both sides of a split), `margin` (points of
            difference below which there is none in practice), `max_error` (percent of the bundle's answers
            that may be wrong; where it would be more it abstains), `head` (for boxes or masks: what stands on
            the base, where it is not the usual one), `columns` (what the data call the columns,
            `{"text": "body", "label": "topic"}`), short for two of them `source` and `target` (columns or
            languages of pairs), and the options of parts that `headstart list` names, as `--set` has them.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    more = _sorted(more, "group", "margin", "max_error", "head")
    folder = None if out is None else Path(out)
    settings = Settings(data, task, _names(base), _names(strategy), minutes, seed, out=folder, **more)
    return run_settings(settings)


def run_several(data: Sequence[Any], settings: Settings, reporter: Reporter | None = None) -> Several:
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


def run_settings(settings: Settings, reporter: Reporter | None = None) -> Result:
    """`run` for settings that were read from a file, or with a voice."""
    from . import pipeline
    from .runtime import Silent

    return Result(*pipeline.run(settings, reporter or Silent()))


def pretrain(
    data: Any,
    out: str | Path,
    *,
    base: str | Path | None = None,
    architecture: str | None = None,
    method: str | None = None,
    reporter: Reporter | None = None,
    **more: Any,
) -> Pretrained:
    """Make a base: pre-train a backbone on large data and write it as a folder.

    Args:
        data: a folder (or file, or DataFrame) of pictures, texts or pairs of texts, or a list of them:
            several labelled ones are learned together.
        out: folder to write; an interrupted pre-training there goes on.
        base: a base to continue from; the best built-in one where neither it nor an architecture is given.
        architecture: a network to start from scratch, e.g. `timm/resnet10t` or `translator/small`.
        method: as `headstart list` names them; `supervised` where the data have labels or translations.
        reporter: where it speaks; nowhere if not given.
        **more: `task`, `size` (of pictures, pixels), `epochs` or `minutes`, `seed`, `probe` (labelled data
            that is only looked at), `licence` (of the weights), `devices` (processes that train together),
            `columns`, `source`, `target` and options of parts as for `run`.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import pretraining as stage
    from . import tasks
    from .bases import best
    from .data.reading import Reading
    from .data.tables.frames import is_rows
    from .registry import get
    from .runtime import Silent, progress

    more = _sorted(more, "task", "size", "epochs", "minutes", "seed", "probe", "licence", "devices")
    reading = Reading(columns=more["columns"], options=more["options"])
    several = isinstance(data, list | tuple) and not is_rows(data)
    sources = tuple(data) if several else (data,)
    stage.require_some(sources)
    task = more.pop("task", None) or tasks.infer(sources[0], reading, unlabelled=True)
    if base is None and architecture is None:
        base = best(get("tasks", task).modality)
    if method is None:
        labelled = tasks.is_labelled(sources[0], task, reading)
        method = stage.usual(task, labelled, str(base or architecture))
    continued = None if base is None else str(base)
    asked = stage.Asked(sources, Path(out), task, method, continued, architecture, **more)
    spoken = reporter or Silent()
    return Pretrained(*stage.pretrain(asked, spoken, progress(spoken)))


def check(
    data: Any, *, task: str | None = None, seed: int = 0, group: str | None = None, **more: Any
) -> Splits:
    """Read, check and split a data set; nothing is trained, nothing is written.

    `group`, `columns`, `source`, `target` and options of parts are those of `run`.
    """
    from . import data as stage
    from . import tasks

    # refuses what cannot be
    settings = Settings(data, task, seed=seed, group=group, **_sorted(more))
    reading = settings.reading
    name = task or tasks.infer(data, reading)
    plugin = tasks.task_named(name, settings.options)
    _, splits = tasks.scored(plugin, settings.options, stage.load(data, plugin, seed, reading))
    _, splits = stage.folded(splits, plugin, seed, reading)
    return splits.but(layout=", ".join(filter(None, (name, splits.layout))))


def rank(
    data: Any,
    *,
    base: str | Sequence[str] = (),
    task: str | None = None,
    seed: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """Rank bases on a data set by one frozen pass of each; nothing is trained.

    Args:
        data: as for `run`.
        base: as for `run`.
        task: as for `run`.
        seed: as for `run`.
        **more: `max_params` (largest base, e.g. `20M`), `max_latency` (slowest prediction of one input on
            this machine, e.g. `30ms`), `max_memory` (most memory of a process that predicts, e.g. `500MB`)
            and `licence` (`permissive`, or one by its SPDX name); `columns`, `source`, `target` and options
            of parts as for `run`.

    Returns:
        `ranking` (best first), `biggest`, `static_list`, and `left_out` with a reason each.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import partial
    from .ranking import Limits
    from .runtime import Silent

    of_limits = ("max_params", "max_latency", "max_memory", "licence")
    more = _sorted(more, *of_limits)
    limits = {name: more.pop(name) for name in of_limits if name in more}
    settings = Settings(data, task, _names(base), seed=seed, **more)
    return partial.rank_alone(settings, Limits.typed(**limits), Silent())


def catalog(*names: str) -> list[BaseCard]:
    """The facts of the built-in bases, or of those that are named."""
    from . import bases

    return [bases.facts(name) for name in names] if names else bases.catalog()


def predict(
    bundle: str | Path,
    inputs: Any,
    columns: Mapping[str, str] | None = None,
    draw: str | Path | None = None,
    **options: Any,
) -> Answers:
    """One record per input: `input`, `label`, `probability`, …; or `input` and `error`.

    Args:
        bundle: the `bundle` folder of a run.
        inputs: one or several. Where the bundle takes pictures: paths of files and folders, films, `-` for a
            film on standard input, bytes, PIL images, arrays (h, w, 3), a table with `file_name`. Where
            it takes texts: strings, which are texts and never paths; `pathlib.Path`s of files, folders and
            tables; a table with a column of them; `-` for the lines of standard input. A table
            is a DataFrame, a `datasets.Dataset`, a dict of columns, a list of rows as dicts, or Arrow's.
        columns: what a table calls its columns, `{"text": "body"}`.
        draw: a new or empty folder for pictures with the boxes or the mask that were found; each record then
            has their paths, `picture` and `mask`.
        **options: of parts, as for `run`.

    Raises:
        HeadstartError: there is no such bundle, file or column, or nowhere to draw to; before anything is
            predicted.
    """
    from .data.reading import Reading
    from .shipping.bundles.predict import Predictor

    return Predictor(bundle).asked(inputs, Reading(**_sorted({"columns": columns, **options})), draw)


def evaluate(bundle: str | Path, data: Any, **more: Any) -> dict[str, Any]:
    """Metrics of a bundle on labelled data: its test split, else validation, else all of it.

    `columns`, `source`, `target` and options of parts are those of `run`.
    """
    from .data.reading import Reading
    from .shipping.bundles.evaluate import evaluate as measure

    return measure(bundle, data, Reading(**_sorted(more)))


def export(
    bundle: str | Path,
    to: str = "onnx",
    data: Any = None,
    out: str | Path | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Write a bundle as ONNX too, once that has answered examples as the bundle does; `predict` then uses it.

    Args:
        bundle: the `bundle` folder of a run; gets `model.onnx` and `export.json`.
        to: `onnx`.
        data: of the bundle's task, with labels or without; its validation split, else test, else all is
            compared, a thousand examples at most.
        out: a new file to copy the graph to.
        **more: `columns`, `source`, `target` and options of parts are those of `run`.

    Returns:
        What `export.json` holds: hashes, the graph's inputs and outputs, `difference` (of the largest
        output), `metric` by both engines, `n`, and the `seconds` that each takes for one example here.

    Raises:
        HeadstartError: among others ExportError, where the graph does not answer as the bundle does.
    """
    from .data.reading import Reading
    from .shipping.bundles.export import export as write

    return write(bundle, data, Reading(**_sorted(more)), to, out)


def _sorted(more: Mapping[str, Any], *keywords: str) -> dict[str, Any]:
    """A verb's own keywords as they are, what names columns as `columns`, and the rest as `options`.

    Raises:
        UnknownName: something is neither a keyword nor an option of any task.
    """
    from . import tasks
    from .data.reading import named
    from .errors import UnknownName
    from .registry import nearest

    naming = {name: more[name] for name in ("columns", "source", "target") if name in more}
    own = {name: more[name] for name in keywords if name in more}
    options = {name: str(value) for name, value in more.items() if name not in {*naming, *keywords}}
    known = {one.name for one in tasks.options()} if options else set()
    for name in options:
        if name not in known:
            hint = nearest(name, sorted({*known, *keywords, "columns", "source", "target"}))
            raise UnknownName(f"there is no option `{name}`", hint)
    return {**own, "columns": named(**naming), "options": options}


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given)
