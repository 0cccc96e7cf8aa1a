"""The commands that use a bundle: predict, evaluate, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from . import early, output
from .columns import Columns, Set, columns_of, options_of, users_of
from .options import EXAMPLES, Bundle, Data, Json

bundles = typer.Typer()


@bundles.command(epilog=EXAMPLES["predict"])
def predict(
    bundle: Bundle,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders or films; texts too, where the bundle takes them, or `-` for stdin."
        ),
    ] = None,
    columns: Columns = None,
    options: Set = None,
    out: Annotated[Path | None, typer.Option(help="Write a CSV file instead.")] = None,
    draw: Annotated[
        Path | None, typer.Option(help="New folder for pictures with the boxes or masks that were found.")
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Of a recommender: whom to recommend to, and why; may be repeated."),
    ] = None,
    json: Json = False,
) -> int:
    """Predict with a bundle; an input that cannot be used is an `error` in its place, and exit code 1."""
    given = options_of(options) | users_of(user)
    alone = {"user", "source_data"} & given.keys()  # say whom to answer for
    if not inputs and not alone and sys.stdin.isatty():
        raise typer.BadParameter("name files or folders; or texts, or give lines on standard input")
    early.require_bundle(bundle)
    early.require_inputs(bundle, inputs or ())
    early.require_users_of(bundle, user or ())
    early.require_file(out)
    from .. import api
    from ..data.asked import typed
    from .tables import answer_line, write_csv

    failed = 0

    def counted() -> Iterator[dict[str, object]]:
        nonlocal failed
        named = [typed(one) for one in inputs or ([] if alone else ["-"])]
        said = output.Terminal()
        answers = api.predict(bundle, named, columns=columns_of(columns), draw=draw, reporter=said, **given)
        if answers.skipped:
            kinds = ", ".join(f"{kind} ({count})" for kind, count in answers.skipped.items())
            said.note(f"left out in folders: {kinds}")
        for record in answers:
            failed += "error" in record
            yield record

    if out:
        write_csv(out, counted())
        print(out)
        return 1 if failed else 0
    for record in counted():
        if json:
            output.line(record)
        elif "error" in record:
            output.Terminal().note(f"{output.flat(str(record['input']))}: {record['error']}")
        else:
            print(answer_line(record), flush=True)
    return 1 if failed else 0


@bundles.command(epilog=EXAMPLES["evaluate"])
def evaluate(
    bundle: Bundle,
    data: Data,
    columns: Columns = None,
    options: Set = None,
    json: Json = False,
) -> None:
    """Measure a bundle on labelled data: its test split, else validation, else all of it."""
    early.require_bundle(bundle)
    early.require_data(data)
    from .. import api
    from ..plain import plain

    called = columns_of(columns)
    found = api.evaluate(bundle, data, columns=called, **options_of(options))
    if found.doubt:
        output.Terminal().note(f"note: {found.doubt}")
    if json:
        output.document(plain(found))
        return
    metric, (low, high) = found.metric, found.metric.interval
    output.table([{"metric": name, "value": value} for name, value in found.metrics.items()])
    print(f"{metric.name} 95 % interval {low:.3f} to {high:.3f}, n = {metric.n}")


@bundles.command(epilog=EXAMPLES["export"])
def export(
    bundle: Bundle,
    to: Annotated[str, typer.Option(help="Format to export to.")] = "onnx",
    data: Annotated[
        Path | None, typer.Option(help="Examples to compare on: what it was trained on, or others.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new file to copy the export to.")] = None,
    columns: Columns = None,
    options: Set = None,
    json: Json = False,
) -> None:
    """Write a bundle as ONNX too, if that answers your examples as the bundle does; predict then uses it."""
    early.require_bundle(bundle)
    early.require_data(data)
    from .. import api
    from ..models import bundle_of
    from .tables import show_export

    called = columns_of(columns)
    record = api.export(bundle, to, data=data, out=out, columns=called, **options_of(options))
    if json:
        output.document(record)
        return
    show_export(record)
    print(f"\nexport   {out or bundle_of(bundle) / 'model.onnx'}\nnext     headstart predict {bundle} INPUT")
