"""The contract of a place where jobs run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from ..bench import Bench
    from ..runtime import Reporter

Item = TypeVar("Item")
Result = TypeVar("Result")
Alone: TypeAlias = "Callable[[Item, Reporter], Result]"
"""What is one job, and speaks while it works."""


class Place(Protocol):
    """One file of `workers/`: what takes jobs and gives back their results."""

    summary: str
    apart: bool
    """Are there more machines or cores than the run itself uses, so that jobs are worth doing in advance?"""

    def require(self, on: str) -> None:
        """Check the place as it was named, before anything is read.

        Raises:
            SettingsError: it is named in a way that it cannot be.
            MissingExtra: what it needs is not installed.
        """
        ...

    def each(
        self, function: Callable[[Bench, Item], Result], jobs: Sequence[tuple[Bench, Item]], processes: int
    ) -> Iterator[Result]:
        """As `workers.each` says it."""
        ...

    def together(
        self, on: str, function: Alone[Item, Result], item: Item, processes: int, reporter: Reporter
    ) -> Result:
        """As `workers.together` says it."""
        ...
