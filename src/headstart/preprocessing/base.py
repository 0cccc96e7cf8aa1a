"""How an example becomes a base's input: what any modality's record can tell of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable


class Preprocess(Protocol):
    """How an example becomes a base's input; one record for each modality."""

    @property
    def modality(self) -> str:
        """`image`, `text`, …: which tasks it fits; the name of its file here."""
        ...

    @property
    def size(self) -> int:
        """Extent of one input in `unit`s."""
        ...

    @property
    def unit(self) -> str:
        """What `size` counts."""
        ...

    @property
    def identity(self) -> dict[str, object]:
        """Everything that the inputs depend on, as plain JSON."""
        ...

    @property
    def graph(self) -> tuple[object, ...]:
        """What of it is computed by the network that runs: not the framing of a picture, for instance."""
        ...

    @property
    def framing(self) -> str:
        """In words: what of an example the base sees."""
        ...

    def framings(self) -> tuple[Self, ...]:
        """This one first, then others that may suit the examples better."""
        ...

    def at(self, size: int) -> Self:
        """The same for another input size."""
        ...

    def smaller(self) -> tuple[int, ...]:
        """Sizes below this one that a network from scratch may be given instead."""
        ...

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """Shape of one encoded input, the batch included, and below what its whole numbers are.

        None: they are no whole numbers. Cuts and costs are measured on such noise.
        """
        ...

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Its fields as plain JSON, and files beside them by name, as `read` takes them."""
        ...

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> Self:
        """What was written in a folder.

        Raises KeyError, TypeError, ValueError or OSError: it is damaged.
        """
        ...


@runtime_checkable
class Lengthy(Protocol):
    """What such records have besides whose examples are of any length: costs grow with the size."""

    @property
    def window(self) -> int:
        """Of `size`, what a base takes at once; more goes through it in chunks, which share the network."""
        ...
