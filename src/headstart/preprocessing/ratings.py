"""How what is known of a user becomes a recommender's input: numbers of items, and whether of the source.

Beside the items it keeps what users took, so that a bundle can be asked for a user by name.

Notation: u users, t pairs of a user and an item that was taken, s items with a text, e numbers of a text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from .items.contents import FILE as CONTENTS
from .items.contents import Float32, Reader, Said

FILE = "items.json"
HISTORIES = "histories.safetensors"
"""Who took what. Without this file a bundle answers for tables only."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Known:
    """What users took, user by user: items by their numbers in `RatingsPreprocess.items`, from 0 on."""

    users: tuple[str, ...]
    ends: Numbers
    """(u,) where each user's pairs end."""
    items: Numbers
    """(t,) the oldest first, where that is known."""
    when: Numbers
    """(t,) seconds since 1970; (0,) where nobody knows."""

    @classmethod
    def of(
        cls, users: Sequence[str], user: NDArray[np.integer], item: NDArray[np.integer], when: Numbers
    ) -> Known:
        """Each pair once, as it was first.

        Args:
            users: their ids.
            user: (p,) number of the user of each pair, in any order.
            item: (p,) number of its item.
            when: (p,) seconds since 1970; (0,) where nobody knows.
        """
        many = int(item.max(initial=0)) + 1
        _, first = np.unique(user.astype(np.int64) * many + item, return_index=True)
        kept = first[np.lexsort((first, user[first]))]
        ends = np.cumsum(np.bincount(user[kept], minlength=len(users)))
        return cls(tuple(users), ends, item[kept].astype(np.int64), when[kept] if len(when) else when)

    @classmethod
    def read(cls, content: bytes) -> Known:
        """What `written` gave.

        Raises:
            ValueError: it is damaged.
        """
        try:
            found = load(content)
        except SafetensorError as error:
            raise ValueError(f"{HISTORIES}: {error}") from error
        users = tuple(json.loads(found["users"].tobytes()))
        return cls(users, found["ends"], found["items"], found["when"])

    def written(self) -> bytes:
        """As safetensors; ids of users are JSON in bytes."""
        users = np.frombuffer(json.dumps(self.users, ensure_ascii=False).encode(), dtype=np.uint8)
        return save({"users": users, "ends": self.ends, "items": self.items, "when": self.when})

    def taken_by(self, user: str) -> Numbers:
        """(t',) items that a user took; none of one who is unknown."""
        place = self._places.get(user)
        if place is None:
            return np.zeros(0, dtype=np.int64)
        return self.items[self.ends[place - 1] if place else 0 : self.ends[place]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {user: place for place, user in enumerate(self.users)}


@dataclass(frozen=True, eq=False)
class Texts:
    """What a base says of the texts of items."""

    reader: Reader
    items: tuple[str, ...]
    rows: Float32
    """(s, e) whitened, each of length 1."""

    def of(self, items: Sequence[str]) -> Float32:
        """(m, e) of these items, 0 of those that have none."""
        place = {item: number for number, item in enumerate(self.items)}
        found = np.zeros((len(items), self.rows.shape[1]), np.float32)
        there = [number for number, item in enumerate(items) if item in place]
        found[there] = self.rows[[place[items[number]] for number in there]]
        return found


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
    known: Known | None = field(default=None, compare=False, repr=False)
    """Who took what, in a bundle."""
    texts: Texts | None = field(default=None, compare=False, repr=False)
    """What items are called and described as, where a base read that."""
    said: Said | None = field(default=None, compare=False, repr=False)
    """What is said of items, in a bundle."""

    def taken_by(self, user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The items of the target that a user took, and those of the source, as far as that was kept."""
        numbers = [] if self.known is None else self.known.taken_by(user).tolist()
        own = tuple(self.items[number] for number in numbers if number < self.size)
        return own, tuple(self.items[number] for number in numbers if number >= self.size)

    def with_items(self, new: Sequence[str]) -> tuple[RatingsPreprocess, Numbers]:
        """With k more that can be recommended, and the (M,) number that each item of before has now.

        What was of the source only and is among the new ones has the number of the new one.
        """
        first = (*self.items[: self.size], *new)
        names = dict.fromkeys((*first, *self.items[self.size :]))
        place = {name: number for number, name in enumerate(names)}
        moved = np.array([place[name] for name in self.items], dtype=np.int64)
        known = self.known and replace(self.known, items=moved[self.known.items])
        return replace(self, items=tuple(names), size=len(first), known=known), moved

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
        """The items in a file of their own, and who took what in another."""
        beside = {FILE: json.dumps(self.items, ensure_ascii=False).encode()}
        if self.known is not None:
            beside[HISTORIES] = self.known.written()
        if self.said is not None:
            beside[CONTENTS] = self.said.written()
        read_by = {"read_by": self.said.reader.base} if self.said and self.said.reader else {}
        return {"size": self.size, "marked": self.marked, **read_by}, beside

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> RatingsPreprocess:
        """What was written."""
        items = json.loads((folder / FILE).read_text(encoding="utf-8"))
        histories, contents = folder / HISTORIES, folder / CONTENTS
        known = Known.read(histories.read_bytes()) if histories.is_file() else None
        said = Said.read(contents.read_bytes()) if contents.is_file() else None
        names = tuple(str(item) for item in items)
        return cls(names, int(plain["size"]), bool(plain["marked"]), known, said=said)


plugin = RatingsPreprocess
