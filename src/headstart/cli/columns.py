"""What several commands take as NAME=VALUE: what the data call their columns, and options of parts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Annotated

import typer

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        help="What the data call the columns: text=body,label=topic; of pairs source=en,target=de.",
    ),
]

Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME=VALUE: an option of a part; `headstart list` names them."),
]

Source = Annotated[
    str | None,
    typer.Option(
        "--source-data", help="Where a task transfers from data: their table (--set source_data=…)."
    ),
]


def options_of(typed: Sequence[str] | None, source: str | None = None) -> dict[str, str]:
    """What was set, by name; of the same name the last. `source` is what `--source-data` names.

    Raises:
        BadParameter: `--set` has no NAME=VALUE.
    """
    pairs = [one.partition("=") for one in typed or ()]
    for (name, sign, value), one in zip(pairs, typed or (), strict=True):
        if not (name.strip() and sign and value.strip()):
            raise typer.BadParameter(f"expected --set NAME=VALUE, got {one!r}")
    named = {} if source is None else {"source_data": source}
    return named | {name.strip().replace("-", "_"): value.strip() for name, _, value in pairs}


def as_typed(data: object, **options: object) -> str:
    """A data set and what was said of it, as a command line takes them; None or empty: nothing was."""
    words = [str(data)]
    for name, value in options.items():
        several = value if isinstance(value, list) else [value] if value else []
        words += [word for one in several for word in (f"--{name.replace('_', '-')}", str(one))]
    return shlex.join(words)


def users_of(named: Sequence[str] | None) -> dict[str, str]:
    """The option that names users, as one line of a CSV file.

    Raises:
        BadParameter: one of them is empty.
    """
    if not named:
        return {}
    if not all(one.strip() for one in named):
        raise typer.BadParameter("expected --user ID, got an empty id")
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(named)
    return {"user": line.getvalue()}


def columns_of(typed: Sequence[str] | None) -> dict[str, str]:
    """Our names of columns to the data's own.

    Raises:
        BadParameter: `--columns` is not a list of OURS=YOURS.
    """
    pairs = [pair.partition("=") for one in typed or () for pair in one.split(",")]
    for ours, sign, theirs in pairs:
        if not (ours.strip() and sign and theirs.strip()):
            raise typer.BadParameter(
                f"expected OURS=YOURS, several with commas between, got {','.join(typed or ())!r}; "
                "for instance --columns text=body,label=topic"
            )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
