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
    """What a base says of the texts of items; of a bundle it is known which base that was, and no more."""

    base: str
    """As it is called."""
    items: tuple[str, ...] = ()
    rows: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """(s, e) whitened, each of length 1."""


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

    def taken_by(self, user: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The items of the target that a user took, and those of the source, as far as that was kept."""
        numbers = [] if self.known is None else self.known.taken_by(user).tolist()
        own = tuple(self.items[number] for number in numbers if number < self.size)
        return own, tuple(self.items[number] for number in numbers if number >= self.size)

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
        read_by = {} if self.texts is None else {"read_by": self.texts.base}
        return {"size": self.size, "marked": self.marked, **read_by}, beside

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> RatingsPreprocess:
        """What was written."""
        items = json.loads((folder / FILE).read_text(encoding="utf-8"))
        file = folder / HISTORIES
        known = Known.read(file.read_bytes()) if file.is_file() else None
        texts = Texts(str(plain["read_by"])) if "read_by" in plain else None
        names = tuple(str(item) for item in items)
        return cls(names, int(plain["size"]), bool(plain["marked"]), known, texts)


plugin = RatingsPreprocess
