"""The command that serves a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import output

serving = typer.Typer()


@serving.command()
def serve(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a bundle.")],
    host: Annotated[str, typer.Option(help="0.0.0.0: other machines can ask too.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.")] = 8000,
    corrections: Annotated[
        bool | None,
        typer.Option(
            "--corrections/--no-corrections",
            help="Save what people say is right. Default: only where nobody but this machine can ask.",
        ),
    ] = None,
    nearest: Annotated[
        bool,
        typer.Option("--nearest", help="Show the nearest training examples: reads the run's data first."),
    ] = False,
    max_mb: Annotated[float, typer.Option(help="Megabytes of a request.")] = 10.0,
    max_examples: Annotated[int, typer.Option(help="Examples in a request.")] = 64,
) -> None:
    """Answer over HTTP, with a page to try the model on; Ctrl-C stops it. Needs the extra `serve`."""
    from ..serving.limits import Limits
    from ..serving.server import Address, Wanted
    from ..serving.server import serve as start

    def say(url: str, saved: Path | None) -> None:
        print(url, flush=True)
        if saved is not None:
            output.Terminal().note(f"corrections are saved in {saved.as_posix()}")

    limits = Limits(megabytes=max_mb, examples=max_examples)
    start(Wanted(run, Address(host, port), limits, corrections, nearest), say)
