"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Argument(help="A folder (class folders, a metadata file, …), or a table.")]
Bundle = Annotated[Path, typer.Argument(help="The `bundle` folder of a run, or the run's.")]
Task = Annotated[str | None, typer.Option(help="Name of the task; inferred where only one fits.")]
Bases = Annotated[
    list[str] | None,
    typer.Option("--base", help="Name or folder of a base, a folder of such folders, or `auto`."),
]
Strategies = Annotated[
    list[str] | None,
    typer.Option("--strategy", help="A transfer strategy; may be repeated. Default: all usual ones."),
]
Head = Annotated[
    str | None,
    typer.Option(help="For boxes or masks: what stands on the base; `headstart list` names them."),
]
Minutes = Annotated[float | None, typer.Option(help="Time for the whole run.")]
Seed = Annotated[int, typer.Option(help="The same seed repeats the run.")]
Group = Annotated[str | None, typer.Option(help="Metadata column that is never split, e.g. the patient.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write; default: a new one under runs/.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Unlabelled = Annotated[
    Path | None, typer.Option(help="A target without labels: the source's model is adapted to it.")
]
LabelledTarget = Annotated[
    Path | None, typer.Option(help="20 to 100 examples of that target with labels, for a verdict.")
]
