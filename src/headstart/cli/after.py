"""The commands for what comes after a run: runs, compare, suggest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import early, output
from .columns import Columns, Set, columns_of, options_of
from .options import EXAMPLES, Json

if TYPE_CHECKING:
    from ..suggested import Doubts, Suggested

after = typer.Typer()

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")]


@after.command(epilog=EXAMPLES["runs"])
def runs(
    folder: Annotated[Path, typer.Argument(help="The folder that holds your runs.")] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs in a folder, the newest first: date, data, task, base, score, verdict."""
    from ..overview import lines
    from ..plain import plain

    found = lines(folder)
    if json:
        output.document({"runs": [plain(one) for one in found]})
        return
    if not found:
        output.Terminal().note(f"{folder} holds no runs yet: headstart run DATA")
        return
    output.table(
        [
            {
                "run": output.flat(one.run),
                "date": one.date,
                "data": None if one.data is None else output.flat(Path(one.data).name or one.data),
                "task": one.task,
                "base": one.base,
                "score": one.state if one.value is None else f"{one.metric} {one.value:.3f}",
                "verdict": one.call,
            }
            for one in found
        ]
    )


@after.command(epilog=EXAMPLES["compare"])
def compare(
    first: Run,
    second: Annotated[
        Path, typer.Argument(metavar="RUN2", help="Another one of the same task and test split.")
    ],
    metric: Annotated[
        str | None, typer.Option(help="What is compared. Default: what both runs went by.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Where the data are now, to show examples. Default: where RUN2 found them."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The page to write. Default: compared-with-RUN.html in RUN2.")
    ] = None,
    json: Json = False,
) -> None:
    """Is RUN2 better than RUN? Paired difference on their shared test split, and a page of what flipped."""
    early.require_data(first, second, data)
    from .. import api
    from ..plain import plain

    page = out or second / f"compared-with-{first.resolve().name}.html"
    found = api.compare(first, second, metric=metric, data=data, out=page)
    if json:
        output.document(plain(found))
        return
    output.table(
        [
            {
                "run": side.run,
                "base": side.base,
                "ships": side.arm,
                found.metric: f"{side.value:.3f}",
                "95 % interval": "{:.3f} to {:.3f}".format(*side.interval),
            }
            for side in (found.first, found.second)
        ]
    )
    counts, names = found.counts, found.names
    says = (
        ("is right", "both right", f", both wrong {counts.neither}")
        if found.classes
        else ("is better", "equal", "")
    )
    print(f"\n{found.sentence}")
    print(
        f"of {found.n} shared test examples: only {names[1]} {says[0]} {counts.second_only}, "
        f"only {names[0]} {says[0]} {counts.first_only}, {says[1]} {counts.both}{says[2]}"
    )
    for note in found.notes:
        print(f"note: {note}")
    print(f"\npage     {page}")


@after.command(epilog=EXAMPLES["suggest"])
def suggest(
    run: Run,
    unlabelled: Annotated[
        Path | None, typer.Argument(help="A folder of files, or texts. Without it: labels in doubt only.")
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", help="How many to label.")] = 50,
    data: Annotated[
        Path | None, typer.Option(help="Where the data of RUN are now. Default: where it found them.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for to_label.csv, label_studio.json and doubts.csv.")
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="Before file names in label_studio.json. Default: /data/local-files/?d="),
    ] = None,
    columns: Columns = None,
    options: Set = None,
    json: Json = False,
) -> None:
    """What to label next; and which labels that RUN learned from are likely wrong."""
    early.require_data(run, unlabelled, data)
    from .. import api
    from ..plain import plain

    if unlabelled is None:
        doubts = api.doubts(run, out)
        output.document(plain(doubts)) if json else _show_doubts(doubts, count)
        return
    found = api.suggest(
        run,
        unlabelled,
        count=count,
        data=data,
        out=out,
        prefix=prefix,
        columns=columns_of(columns),
        reporter=output.Terminal(),
        **options_of(options),
    )
    if json:
        output.document(plain(found))
        return
    _show_suggested(found)
    if found.doubts is not None and found.doubts.count:
        print(f"labels in doubt: {found.doubts.count}; headstart suggest {run} lists them")
    if out is not None:
        print(f"\nfiles    {out}")


def _show_doubts(doubts: Doubts, count: int) -> None:
    output.table(
        [
            {
                "file": output.flat(one.file),
                "label": output.flat(one.label),
                "probability": f"{one.probability:.3f}",
                "likely": output.flat(one.likely),
                "its probability": f"{one.likely_probability:.3f}",
            }
            for one in doubts.items[:count]
        ]
    )
    print(f"\n{doubts.count} of {doubts.examples} labels are in doubt: some are wrong, some only hard")


def _show_suggested(found: Suggested) -> None:
    output.table(
        [
            {
                "label next": output.flat(one.file),
                "likely": output.flat(", ".join(one.likely)) or "(no label)",
                "probability": f"{one.probability:.3f}",
            }
            for one in found.to_label
        ]
    )
    print(
        f"\n{len(found.to_label)} of {found.examples} unlabelled examples; left out: "
        f"{found.known} that have a label, {found.twice} near copies, {found.dropped.count} unusable"
    )
    for note in found.notes:
        print(f"note: {note}")
