"""What is known of items: a table of their genres, makers, years, as words that items share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...errors import DataError
from ...types import Finding
from ..tables.cells import is_missing
from ..tables.records import header, records, shown_names, title
from .histories import Catalogue
from .tables import id_of

if TYPE_CHECKING:
    from ..tables.records import Table

_IDS = ("item_id", "itemid", "item", "movieid", "movie_id", "product_id", "productid", "asin", "iid", "id")
_APART = "|;"
"""What stands between the values of a cell."""
LONGEST = 60
"""Characters of a value; longer ones are texts, which no two items share."""
FEWEST, SHARE = 3, 0.5
"""A word says something where so many items have it, and no more than this share of them."""


def catalogue(table: Table) -> tuple[Catalogue, list[Finding]]:
    """The words of each item, and what is odd about them.

    Raises:
        DataError: there is no column of items.
    """
    names = header(table)
    plain = {name.partition(":")[0].strip().lower(): name for name in reversed(names)}
    ids = next((plain[name] for name in _IDS if name in plain), None)
    if ids is None:
        raise DataError(
            f"{title(table)} has no column `item_id`: its columns are {shown_names(names)}",
            "give a table with a row for each item and its id in `item_id`",
        )
    about = [name for name in names if name != ids and name.strip()]
    words: dict[str, list[str]] = {}
    repeated = nameless = 0
    for record in records(table, [ids, *about]):
        item = None if record.reason else id_of(record.cells[0])
        repeated += item in words
        nameless += item is None
        if item is not None:
            words.setdefault(item, []).extend(
                word
                for name, cell in zip(about, record.cells[1:], strict=True)
                for word in _words(name, cell)
            )
    counts = Counter(word for own in words.values() for word in set(own))
    most = SHARE * len(words)
    known = {
        item: tuple(word for word in dict.fromkeys(own) if FEWEST <= counts[word] <= most)
        for item, own in words.items()
    }
    bare = tuple(item for item, own in known.items() if not own)
    found = [Finding("items", f"{len(known)} items are described in {title(table)}")]
    if repeated:
        found.append(Finding("items", f"{repeated} rows repeat an item: what they say of it is joined"))
    if nameless:
        found.append(Finding("items", f"{nameless} rows name no item: they are left out"))
    if bare:
        found.append(Finding("items", f"{len(bare)} of them share no word with others", bare[:100]))
    return Catalogue(known), found


def _words(name: str, cell: object) -> list[str]:
    if cell is None or is_missing(cell):
        return []
    if isinstance(cell, list | tuple):
        parts = [str(part) for part in cell]
    else:
        text = str(cell)
        apart = next((mark for mark in _APART if mark in text), None)
        parts = text.split(apart) if apart else [text]
        parts += _year(text)
    told = (part.strip().lower() for part in parts)
    return [f"{name.strip().lower()}={part}" for part in told if part and len(part) <= LONGEST]


def _year(text: str) -> list[str]:
    """The year and the decade of a title as `Alien (1979)`."""
    end = text.rstrip()[-6:]
    year = end[1:5]
    return [year, f"{year[:3]}0s"] if end[:1] == "(" and end[5:] == ")" and year.isdecimal() else []
