"""The commands for what is there: bases, list, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from . import output
from .options import Bases, Json

installed = typer.Typer()


@installed.command()
def bases(base: Bases = None, json: Json = False) -> None:
    """The built-in bases and those that an extra brings, or the named ones, with their facts."""
    from .. import api
    from . import tables

    rows = tables.bases(api.list_bases(*(base or ())))
    output.document({"bases": rows}) if json else tables.show_bases(rows)


@installed.command("list")
def list_(json: Json = False) -> None:
    """What is installed: tasks, strategies, heads, scores, base families; and what `--set` may set."""
    from .. import registry, tasks
    from ..explored import OPTIONS

    found = {folder: registry.names(folder) for folder in registry.KINDS}
    if json:
        names = [option.name for option in (*tasks.options(), *OPTIONS)]
        output.document({**found, "options": names})
        return
    rows = [
        {
            "kind": folder.rpartition(".")[2],
            "name": name,
            "summary": registry.summary(registry.get(folder, name)),
        }
        for folder, names in found.items()
        for name in names
    ]
    settable = [
        {"kind": "--set", "name": one.name, "summary": one.summary} for one in (*tasks.options(), *OPTIONS)
    ]
    output.table([*rows, *settable])


@installed.command()
def doctor(
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything from the cache; asks.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """This machine, the installed versions, and the cache."""
    from .machine import facts, require_sure

    if clear and not yes:
        require_sure()
    found = facts(clear)
    output.document(found) if json else output.table([{"what": k, "value": v} for k, v in found.items()])
