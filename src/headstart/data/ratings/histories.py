"""What is known of one user at one time, as the bytes of an example; and what is right for it.

    {"user": "ann", "at": 1377993600, "items": ["b", "a"], "when": [1, 2], "source": ["x"]}

`items` are those of the target in their order, `source` those of the source; `why` is there where reasons are
wanted. One example more may hold what is known of items: `{"catalogue": {"a": ["genre=drama"]}}`, and beside
that their texts, the columns that these are of and the base that reads them: `"texts": {"a": "Alien (1979)"},
"columns": ["title"], "base": "auto"`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import DataError
from ...types import Examples, Source

KINDS = ("warm", "few", "cold")
"""Users by how much is known of them in the target: at least `FEW` items, fewer, nothing."""
FEW = 3
MARK = "\x00"
"""Begins the name of what is of the source, where the same id means another thing in the target."""
LEARNED = "learned"
"""In the place of a time: what is learned from."""


@dataclass(frozen=True)
class History:
    """What is known of a user."""

    user: str
    items: tuple[str, ...] = ()
    """Of the target, the oldest first where that is known."""
    source: tuple[str, ...] = ()
    """Of the source."""
    when: tuple[int, ...] = ()
    """Of `items`; none where there are no stamps."""
    at: int | str = LEARNED
    """The time until which all is known."""
    why: bool = False
    """Are reasons wanted?"""

    @property
    def all(self) -> tuple[str, ...]:
        """Of target and source."""
        return (*self.items, *self.source)

    def encoded(self) -> bytes:
        """The bytes of an example."""
        about: dict[str, Any] = {"user": self.user, "at": self.at, "items": self.items}
        if self.when:
            about["when"] = self.when
        if self.source:
            about["source"] = self.source
        if self.why:
            about["why"] = True
        return json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Catalogue:
    """What is known of items."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each item, as `genre=drama`."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What items are called and described as, of those of which that is known."""
    base: str = ""
    """The text base that is to read the texts, as it was named."""
    columns: tuple[str, ...] = ()
    """Of the table, that hold texts."""

    def encoded(self) -> bytes:
        """The bytes of an example."""
        about: dict[str, Any] = {"catalogue": self.words}
        if self.texts:
            about |= {"texts": self.texts, "base": self.base, "columns": self.columns}
        return json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()


def kind_of(known: int) -> int:
    """The number of the kind in `KINDS` of a user of whom so many items are known."""
    return 2 if known == 0 else 1 if known < FEW else 0


def decoded(source: Source) -> History | Catalogue:
    """What the bytes of an example say.

    Raises:
        DataError: they are none of a history.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    try:
        about = json.loads(content)
        if "catalogue" in about:
            words = {item: tuple(own) for item, own in about["catalogue"].items()}
            columns = tuple(about.get("columns", ()))
            return Catalogue(words, about.get("texts", {}), about.get("base", ""), columns)
        items, known, when = (tuple(about.get(name, ())) for name in ("items", "source", "when"))
        return History(about["user"], items, known, when, about["at"], bool(about.get("why")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError("these bytes are no history of a user", "give a table of users and items") from error


def catalogue_of(examples: Examples) -> Catalogue:
    """What is known of items."""
    return next((one for one in map(_catalogue, examples.sources) if one), Catalogue())


def _catalogue(source: object) -> Catalogue | None:
    if not isinstance(source, bytes) or not source.startswith(b'{"catalogue"'):
        return None
    found = decoded(source)
    return found if isinstance(found, Catalogue) else None


def examined(source: Source) -> str | None:
    """Why nothing can be recommended to a user; None where it can."""
    try:
        decoded(source)
    except DataError as error:
        return error.message
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    return None


def described(items: tuple[str, ...]) -> str:
    """The label of what is known of items: these can be recommended, too."""
    told = {"items": items, "known": 0, "described": True}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def label(items: tuple[str, ...], known: int, when: tuple[int, ...] = ()) -> str:
    """What is right for an example: the items that followed, how many were known, and when they followed."""
    told = {"items": items, "known": known} | ({"when": when} if when else {})
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
