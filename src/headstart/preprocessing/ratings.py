"""How what is known of a user becomes a recommender's input: numbers of items, and whether of the source."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

FILE = "items.json"


@dataclass(frozen=True)
class RatingsPreprocess:
    """How what is known of a user becomes a recommender's input: (2, L) for L items."""

    modality: ClassVar[str] = "ratings"
    unit: ClassVar[str] = "items"

    items: tuple[str, ...] = ()
    """All that have a number: first those that can be recommended."""
    size: int = 1
    """How many can."""
    marked: bool = True
    """Are ids of the source other items than those of the target that are called so?"""

    @property
    def identity(self) -> dict[str, object]:
        """The items as a hash."""
        told = sha256("\n".join(self.items).encode()).hexdigest()
        return {"items": told, "size": self.size, "marked": self.marked}

    @property
    def graph(self) -> tuple[object, ...]:
        """Nothing."""
        return ()

    @property
    def framing(self) -> str:
        """How much of a history."""
        return "every item that a user took"

    def framings(self) -> tuple[RatingsPreprocess, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> RatingsPreprocess:
        """The same: what can be recommended is what there is."""
        return replace(self)

    def smaller(self) -> tuple[int, ...]:
        """None."""
        return ()

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, 2, 1)."""
        return (1, 2, 1), None

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """The items in a file of their own."""
        return {"size": self.size, "marked": self.marked}, {
            FILE: json.dumps(self.items, ensure_ascii=False).encode()
        }

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> RatingsPreprocess:
        """What was written."""
        items = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(tuple(str(item) for item in items), int(plain["size"]), bool(plain["marked"]))


plugin = RatingsPreprocess
