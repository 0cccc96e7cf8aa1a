"""The commands for learning: sample and learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import output
from .options import Json, Seed

teaching = typer.Typer()


@teaching.command()
def sample(
    name: Annotated[str | None, typer.Argument(help="Which one; all are listed where none is given.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="New or empty folder; default: one of the sample's name.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Write a small data set to try things on; no network."""
    from .. import course, registry

    if name is None:
        found = {name: registry.get("samples", name) for name in registry.names("samples")}
        rows = [
            {
                "name": name,
                "task": one.task,
                "summary": one.summary,
                "source": one.source,
                "licence": one.licence,
            }
            for name, one in found.items()
        ]
        output.document({"samples": rows}) if json else output.table(rows)
        return
    folder = course.sample(name, out, seed=seed)
    one = registry.get("samples", name)
    following = f"headstart {one.next.format(data=folder)}"
    if json:
        output.document({"folder": str(folder), "task": one.task, "source": one.source, "next": following})
        return
    print(folder)
    output.Terminal().note(f"{one.summary}; source: {one.source}; licence: {one.licence}\nnext: {following}")


@teaching.command()
def learn(
    lesson: Annotated[
        str | None, typer.Argument(help="Name or number; all are listed where none is given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The lesson's folder; default: learn/NAME.")] = None,
    run: Annotated[bool, typer.Option(help="Run its code here, for the page with its picture.")] = True,
    show: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
    json: Json = False,
) -> None:
    """A course on transfer learning whose lessons run: each becomes a notebook and a page."""
    from .. import course, lessons

    if lesson is None:
        rows = [{"lesson": one.number, "name": one.name, "title": one.title} for one in lessons.course()]
        output.document({"lessons": rows}) if json else output.table(rows)
        return
    taught = course.learn(lesson, out, run=run, reporter=output.Terminal())
    files = {"page": taught.page and str(taught.page), "notebook": str(taught.notebook)}
    if json:
        output.document(files)
        return
    for path in filter(None, files.values()):
        print(path)
    if show and taught.page:
        typer.launch(taught.page.resolve().as_uri())
