"""A reporter that speaks on stderr: for the command line, and for Python where progress is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class Terminal:
    """Notes and, on a terminal, progress bars; all on stderr."""

    def note(self, text: str) -> None:
        """One line."""
        print(text, file=sys.stderr, flush=True)

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """A bar that vanishes when it is done; nothing where stderr is not a terminal."""
        if not sys.stderr.isatty():
            yield from items
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            yield from progress.track(items, total=total, description=label)
