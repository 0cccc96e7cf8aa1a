"""What is known of items: a table of their genres, makers, years, as words that items share; and their texts.

Texts are what columns hold whose cells have several words and differ: titles, descriptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import DataError
from ...types import Finding
from ..reading import Reading
from ..tables.cells import is_missing
from ..tables.column_names import unused_texts
from ..tables.records import header, records, shown_names, title
from .histories import Catalogue
from .options import DESCRIBE, ITEMS, NO_BASE
from .tables import id_of, table_beside

if TYPE_CHECKING:
    from ..tables.records import Table

_IDS = ("item_id", "itemid", "item", "movieid", "movie_id", "product_id", "productid", "asin", "iid", "id")
_APART = "|;"
"""What stands between the values of a cell."""
LONGEST = 60
"""Characters of a value; longer ones no two items share."""
LINE = "\n"
"""Between the texts of an item."""
FEWEST, SHARE = 3, 0.5
"""A word says something where so many items have it, and no more than this share of them."""


def known_of(reading: Reading, items: Sequence[str]) -> tuple[Catalogue, list[Finding]]:
    """What is known of items, and how many of those that users took are not among them.

    Raises:
        DataError: none of them is.
    """
    named = ITEMS.of(reading.options)
    if not named:
        return Catalogue(), []
    known, told = catalogue(table_beside(named), DESCRIBE.of(reading.options))
    bare = tuple(item for item in items if item not in known.words)
    if len(bare) == len(items):
        raise DataError(
            f"`{named}` describes none of the {len(items)} items that users took; the first is `{items[0]}`",
            "check how both tables write their ids",
        )
    message = f"{len(bare)} of {len(items)} items that users took are not described in {named}"
    return known, [*told, *[Finding("items", message, bare[:100])] * bool(bare)]


def catalogue(table: Table, base: str = NO_BASE) -> tuple[Catalogue, list[Finding]]:
    """The words of each item and its text, if a base is to read texts; and what is odd about them.

    Raises:
        DataError: there is no column of items.
    """
    ids, about = _columns(table)
    wordy = [] if base == NO_BASE else [name for name in unused_texts(table, [ids]) if name in about]
    raw = _read(table, ids, about, wordy)
    counts = Counter(word for own in raw.words.values() for word in set(own))
    most = SHARE * len(raw.words)
    words = {
        item: tuple(word for word in dict.fromkeys(own) if FEWEST <= counts[word] <= most)
        for item, own in raw.words.items()
    }
    known = Catalogue(words, raw.whole, base if raw.texts else "", tuple(wordy))
    return known, _told(title(table), raw, words, wordy)


def everything_said(named: str, columns: Sequence[str]) -> Catalogue:
    """All that a table says of items, however few share it; texts are what these columns hold.

    Raises:
        DataError: there is no such table, or no column of items.
    """
    table = table_beside(named)
    raw = _read(table, *_columns(table), columns)
    return Catalogue({item: tuple(dict.fromkeys(own)) for item, own in raw.words.items()}, raw.whole)


def _columns(table: Table) -> tuple[str, list[str]]:
    """The column of items, and those that say something of them."""
    names = header(table)
    plain = {name.partition(":")[0].strip().lower(): name for name in reversed(names)}
    ids = next((plain[name] for name in _IDS if name in plain), None)
    if ids is None:
        raise DataError(
            f"{title(table)} has no column `item_id`: its columns are {shown_names(names)}",
            "give a table with a row for each item and its id in `item_id`",
        )
    return ids, [name for name in names if name != ids and name.strip()]


@dataclass
class _Raw:
    """What the rows say of each item."""

    words: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    repeated: int = 0
    nameless: int = 0

    @property
    def whole(self) -> dict[str, str]:
        """The text of each item."""
        return {item: LINE.join(dict.fromkeys(own)) for item, own in self.texts.items()}


def _read(table: Table, ids: str, about: Sequence[str], wordy: Sequence[str]) -> _Raw:
    raw = _Raw()
    for record in records(table, [ids, *about]):
        item = None if record.reason else id_of(record.cells[0])
        if item is None:
            raw.nameless += 1
            continue
        raw.repeated += item in raw.words
        own = raw.words.setdefault(item, [])
        for name, cell in zip(about, record.cells[1:], strict=True):
            own += _words(name, cell)
            if name in wordy and isinstance(cell, str) and cell.strip() and not is_missing(cell):
                raw.texts.setdefault(item, []).append(_written(cell))
    return raw


def _told(
    called: str, raw: _Raw, words: Mapping[str, tuple[str, ...]], wordy: Sequence[str]
) -> list[Finding]:
    """How many items are described, and how many are not."""
    bare = tuple(item for item, own in words.items() if not own)
    found = [Finding("items", f"{len(words)} items are described in {called}")]
    if raw.repeated:
        found.append(Finding("items", f"{raw.repeated} rows repeat an item: what they say of it is joined"))
    if raw.nameless:
        found.append(Finding("items", f"{raw.nameless} rows name no item: they are left out"))
    if bare:
        found.append(Finding("items", f"{len(bare)} of them share no word with others", bare[:100]))
    if wordy:
        silent = tuple(item for item in words if item not in raw.texts)
        read = f"texts of items are in {shown_names(list(wordy))}, a text base reads them"
        told = f"{read}; {len(silent)} of {len(words)} items have none (--set describe=none leaves all out)"
        found.append(Finding("texts", told, silent[:100]))
    return found


def _words(name: str, cell: object) -> list[str]:
    if cell is None or is_missing(cell):
        return []
    if isinstance(cell, list | tuple):
        parts = [_written(str(part)) for part in cell]
    else:
        text = _written(str(cell))
        apart = next((mark for mark in _APART if mark in text), None)
        parts = text.split(apart) if apart else [text]
        parts += _year(text)
    told = (part.strip().lower() for part in parts)
    return [f"{name.strip().lower()}={part}" for part in told if part and len(part) <= LONGEST]


def _written(text: str) -> str:
    """A text that UTF-8 can write: JSON can spell half a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _year(text: str) -> list[str]:
    """The year and the decade of a title as `Alien (1979)`."""
    end = text.rstrip()[-6:]
    year = end[1:5]
    return [year, f"{year[:3]}0s"] if end[:1] == "(" and end[5:] == ")" and year.isdecimal() else []
