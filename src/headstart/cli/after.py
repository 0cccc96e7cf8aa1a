"""The commands for what comes after a run: runs, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import output
from .options import Json

after = typer.Typer()

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")]


@after.command()
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


@after.command()
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
    from .. import api
    from ..plain import plain

    page = out or second / f"compared-with-{first.resolve().name}.html"
    found = api.compare(first, second, metric=metric, data=data, page=page)
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
