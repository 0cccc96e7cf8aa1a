"""The commands, each: parse → verb → print."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import early, output, several
from .after import after
from .bundles import bundles
from .columns import Columns, Set, Source, as_typed, columns_of, options_of
from .installed import installed
from .options import (
    EXAMPLES,
    Bases,
    Data,
    Group,
    Head,
    Json,
    LabelledTarget,
    Margin,
    MaxError,
    Minutes,
    On,
    Out,
    Seed,
    Strategies,
    Task,
    Unlabelled,
)
from .serving import serving
from .teaching import teaching

if TYPE_CHECKING:
    from ..results import Result

app = typer.Typer(
    help="Transfer learning that proves it helped. Add --debug to any command for a traceback.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        from ..version import VERSION

        print(f"headstart {VERSION}")
        raise typer.Exit


@app.callback()
def headstart(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Options of all commands."""


@app.command(epilog=EXAMPLES["run"])
def run(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            help="A folder (class folders, a metadata file, …) or a table; several share a backbone."
        ),
    ] = None,
    task: Task = None,
    base: Bases = None,
    strategy: Strategies = None,
    minutes: Minutes = None,
    seed: Seed = 0,
    group: Group = None,
    head: Head = None,
    columns: Columns = None,
    options: Set = None,
    source_data: Source = None,
    out: Out = None,
    settings: Annotated[
        Path | None, typer.Option("--from", help="Repeat the run of this settings.json.")
    ] = None,
    margin: Margin = 0.5,
    max_error: MaxError = 5.0,
    require_gain: Annotated[
        bool, typer.Option("--require-gain", help="Exit 3 unless the verdict is `helps`.")
    ] = False,
    unlabelled: Unlabelled = None,
    labelled_target: LabelledTarget = None,
    on: On = None,
    json: Json = False,
) -> int:
    """Check, rank, adapt, verify and ship: a proven model and a report."""
    begun = time.monotonic()  # what is imported takes of its minutes, too
    if bool(data) == bool(settings):
        raise typer.BadParameter("give a data folder, or --from settings.json, not both")
    early.require_data(*(data or ()), unlabelled, labelled_target)
    early.require_new(out)
    early.begin(data)
    from ..api import run_settings
    from ..settings import Settings, read

    asked = (
        replace(read(settings, out), on=on)
        if settings
        else Settings(
            *(data[0] if data else None, task, tuple(base or ()), tuple(strategy or ()), minutes, seed),
            *(group, out, margin, max_error),
            columns=columns_of(columns),
            head=head,
            options=options_of(options, source_data),
            on=on,
        )
    )
    if several.is_across(data, unlabelled or labelled_target, asked):
        return several.run_across(unlabelled, labelled_target, asked, require_gain, json)
    if data and len(data) > 1:
        return several.run_several(data, asked, require_gain, json)
    return _told(run_settings(asked, output.Terminal(), begun), require_gain, json)


def _told(result: Result, require_gain: bool, json: bool) -> int:
    """The exit status of a run, once it is shown."""
    from .tables import show_run

    output.document(result.record) if json else show_run(result.outcome, result.folder)
    verdict = result.outcome.verdict
    return 3 if require_gain and (verdict is None or verdict.call != "helps") else 0


@app.command(epilog=EXAMPLES["check"])
def check(
    data: Data,
    task: Task = None,
    seed: Seed = 0,
    group: Group = None,
    columns: Columns = None,
    options: Set = None,
    source_data: Source = None,
    json: Json = False,
) -> None:
    """Read and check a data set; trains nothing, writes nothing."""
    early.require_data(data)
    from .. import api
    from ..plain import plain
    from ..shipping.report.record import data_record
    from .tables import read_as, usable

    called = columns_of(columns)
    splits = api.check(
        data,
        task=task,
        seed=seed,
        group=group,
        columns=called,
        reporter=output.Terminal(),
        **options_of(options, source_data),
    )
    told = data_record(splits)
    if json:
        output.document(plain(told))
        return
    print(read_as(splits.layout, told))
    if told.counted_by:
        output.table([{told.counted_by[0]: label, **vars(one)} for label, one in told.per_class.items()])
    for finding in told.findings:
        print(f"{finding.kind}: {finding.message}")
    for item in told.dropped.items:
        print(f"left out: {item.file}: {item.reason}")
    said = as_typed(
        data, task=task, seed=seed, group=group, columns=columns, set=options, source_data=source_data
    )
    print(f"\n{usable(told)}\nnext     headstart run {said}")


@app.command(epilog=EXAMPLES["rank"])
def rank(
    data: Data,
    base: Bases = None,
    task: Task = None,
    seed: Seed = 0,
    columns: Columns = None,
    options: Set = None,
    max_params: Annotated[str | None, typer.Option(help="Largest base, e.g. 20M.")] = None,
    max_latency: Annotated[
        str | None, typer.Option(help="Slowest prediction of one input on this machine, e.g. 30ms.")
    ] = None,
    max_memory: Annotated[
        str | None, typer.Option(help="Most memory of a process that predicts, e.g. 500MB.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="`permissive`, or one by its SPDX name.")] = None,
    on: On = None,
    json: Json = False,
) -> None:
    """Rank bases on a data set by one frozen pass of each; trains nothing."""
    early.require_data(data)
    from .. import api
    from ..plain import plain
    from .tables import ranking

    limits = {
        "max_params": max_params,
        "max_latency": max_latency,
        "max_memory": max_memory,
        "licence": licence,
    }
    found = api.rank(
        data,
        base=tuple(base or ()),
        task=task,
        seed=seed,
        columns=columns_of(columns),
        on=on,
        reporter=output.Terminal(),
        **limits,
        **options_of(options),
    )
    if json:
        output.document(plain(found))
        return
    output.table(ranking(found.ranking))
    static = ", ".join(found.static_list) or "nothing is known of these bases from other data sets"
    print(f"\nbiggest      {found.biggest}\nstatic list  {static}")
    for one in found.left_out:
        print(f"left out     {one.file}: {one.reason}")


@app.command(epilog=EXAMPLES["explore"])
def explore(
    data: Data,
    base: Bases = None,
    task: Task = None,
    seed: Seed = 0,
    labels: Annotated[
        str | None,
        typer.Option(help="Column (`label` of class folders) to compare with, once all is found."),
    ] = None,
    folders: Annotated[
        Path | None, typer.Option(help="New folder for copies of the examples, a folder for each cluster.")
    ] = None,
    columns: Columns = None,
    options: Set = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Look at examples without labels: clusters, a map, what is odd or there twice, what to label first."""
    early.require_data(data)
    early.require_new(out)
    from .. import api
    from .tables import show_explored

    found = api.explore(
        data,
        base=tuple(base or ()),
        task=task,
        seed=seed,
        out=out,
        labels=labels,
        folders=folders,
        columns=columns_of(columns),
        reporter=output.Terminal(),
        **options_of(options),
    )
    output.document(found.record) if json else show_explored(found.found, found.folder)


@app.command(epilog=EXAMPLES["adapt"])
def adapt(
    data: Data,
    base: Annotated[str, typer.Option(help="Name or folder of the base.")],
    strategy: Annotated[str, typer.Option(help="How to adapt it.")],
    out: Annotated[Path, typer.Option(help="Folder to write; gets `bundle/`.")],
    task: Task = None,
    minutes: Minutes = None,
    seed: Seed = 0,
    head: Head = None,
    columns: Columns = None,
    options: Set = None,
    on: On = None,
) -> None:
    """One strategy alone, without a verdict; writes OUT/bundle."""
    early.require_data(data)
    early.require_new(out)
    from .. import partial
    from ..settings import Settings

    called = columns_of(columns)
    settings = Settings(
        *(data, task, (base,), (strategy,), minutes, seed),
        out=out,
        columns=called,
        head=head,
        options=options_of(options),
        on=on,
    )
    bundle = partial.adapt_alone(settings, output.Terminal())
    print(bundle)
    output.Terminal().note(f"next: headstart predict {bundle} INPUT; headstart evaluate {bundle} DATA")


@app.command(epilog=EXAMPLES["pretrain"])
def pretrain(
    data: Annotated[
        list[Path],
        typer.Argument(help="Labelled data or pairs, one set or several; or pictures or texts alone."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write: the new base.")],
    base: Annotated[str | None, typer.Option(help="Name or folder of a base to continue from.")] = None,
    architecture: Annotated[
        str | None, typer.Option(help="Network to start from scratch, e.g. timm/resnet10t, translator/small.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="How to learn; `supervised` where the data have labels or pairs.")
    ] = None,
    task: Task = None,
    size: Annotated[int | None, typer.Option(help="Input side of pictures, pixels.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data; planned from --minutes.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for the training.")] = None,
    seed: Seed = 0,
    probe: Annotated[
        Path | None, typer.Option(help="Labelled data to watch it by; its labels are not learned.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Of the weights, by its SPDX name.")] = None,
    devices: Annotated[int, typer.Option(help="GPUs (or CPU processes) that train together.")] = 1,
    on: On = None,
    columns: Columns = None,
    options: Set = None,
    json: Json = False,
) -> None:
    """Make a base from large data: labels of one or several sets, pairs, or files alone; writes OUT."""
    early.require_data(*data, probe)
    early.require_folder(out)
    from .. import api
    from .tables import show_pretrained

    more: dict[str, Any] = {"task": task, "size": size, "epochs": epochs, "minutes": minutes, "seed": seed}
    made = api.pretrain(
        data,
        out,
        base=base,
        architecture=architecture,
        method=method,
        reporter=output.Terminal(),
        **more | options_of(options),
        probe=probe,
        licence=licence,
        devices=devices,
        on=on,
        columns=columns_of(columns),
    )
    output.document(made.record) if json else show_pretrained(made.record, made.folder)


app.add_typer(bundles)
app.add_typer(after)
app.add_typer(serving)
app.add_typer(teaching)
app.add_typer(installed)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
) -> None:
    """Write the report of a finished run anew."""
    from ..shipping import rerender

    print(rerender(folder))


@app.command()
def demo(out: Out = None, seed: Seed = 0, minutes: Minutes = 4.0, json: Json = False) -> None:
    """The whole story on data and a base that come with the package; no network."""
    from ..demo import story
    from .tables import show_run

    result, prediction = story(out, seed, minutes, output.Terminal())
    if json:
        output.document({"result": result.record, "prediction": prediction})
        return
    show_run(result.outcome, result.folder)
    print(f"example  {prediction['input']} is a {prediction['label']} ({prediction['probability']:.0%})")
