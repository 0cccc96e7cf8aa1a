"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = {
    "run": "Examples: headstart run photos; headstart run mails.csv --minutes 10 --out runs/mails",
    "check": "Examples: headstart check photos; headstart check table.csv --columns text=body,label=topic",
    "rank": "Example: headstart rank photos --base builtin/vision-s --base builtin/efficientnet-lite0",
    "explore": "Example: headstart explore heap --folders sorted",
    "adapt": "Example: headstart adapt photos --base builtin/vision-s --strategy frozen --out runs/one",
    "pretrain": "Example: headstart pretrain photos --base builtin/vision-s --minutes 30 --out my-base",
    "predict": "Examples: headstart predict runs/a one.jpg; headstart predict runs/a folder --out a.csv",
    "evaluate": "Example: headstart evaluate runs/first new-photos",
    "export": "Example: headstart export runs/first --data photos",
    "runs": "Examples: headstart runs; headstart runs elsewhere --json",
    "compare": "Example: headstart compare runs/old runs/new",
    "suggest": "Examples: headstart suggest runs/first heap -n 50 --out next; headstart suggest runs/first",
}
"""By command: what `--help` ends with."""

Data = Annotated[Path, typer.Argument(help="A folder (class folders, a metadata file, …), or a table.")]
Bundle = Annotated[Path, typer.Argument(help="The `bundle` folder of a run, or the run's.")]
Task = Annotated[str | None, typer.Option(help="Name of the task. Default: inferred, where only one fits.")]
Bases = Annotated[
    list[str] | None,
    typer.Option(
        "--base",
        help="Name or folder of a base, a folder of such folders, or `auto`. Default: those at hand.",
    ),
]
Strategies = Annotated[
    list[str] | None,
    typer.Option("--strategy", help="A transfer strategy; may be repeated. Default: all usual ones."),
]
Head = Annotated[
    str | None,
    typer.Option(help="For boxes or masks: what stands on the base; `headstart list` names them."),
]
Minutes = Annotated[float | None, typer.Option(help="Time for the whole run. Default: as long as it takes.")]
Seed = Annotated[int, typer.Option(help="The same seed repeats the run.")]
Margin = Annotated[float, typer.Option(help="Points of difference below which there is none in practice.")]
MaxError = Annotated[
    float, typer.Option(help="Percent of the bundle's answers that may be wrong; else it abstains.")
]
Group = Annotated[
    str | None, typer.Option(help="Metadata column that is never split, e.g. the patient. Default: none.")
]
Out = Annotated[Path | None, typer.Option(help="Folder to write. Default: a new one under runs/.")]
On = Annotated[
    str | None,
    typer.Option(
        envvar="HEADSTART_ON",
        help="Where jobs run: `local`, `ray` (started on this machine), `ray://HOST:PORT`. Default: local.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Unlabelled = Annotated[
    Path | None, typer.Option(help="A target without labels: the source's model is adapted to it.")
]
LabelledTarget = Annotated[
    Path | None, typer.Option(help="20 to 100 examples of that target with labels, for a verdict.")
]
