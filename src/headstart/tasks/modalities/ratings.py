"""Users and what they took: how they are asked about, examined and shown."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from ...data.asked import Asked
from ...data.ratings.asked import users_asked
from ...data.ratings.histories import MARK, History, catalogue_of, decoded, examined
from ...data.ratings.options import USER
from ...data.ratings.store import RatingsStore
from ...data.ratings.words import said_of
from ...data.reading import Reading
from ...data.sent import Sending
from ...options import Option
from ...preprocessing.base import Preprocess
from ...preprocessing.ratings import Known, RatingsPreprocess
from ...types import Examples, Source
from .base import Inputs, Modality

if TYPE_CHECKING:
    from ...cache import Cache

SHOWN = 12
"""Items of a history in a report."""


@dataclass(frozen=True)
class Ratings(Modality):
    """The modality of `tasks/modalities/base.py` for histories of users."""

    name: str = "ratings"
    unseen = "what {} user took next", "what {} users took next"
    together = 32
    sent = Sending("table", files=False, rows=True)
    marked: bool = True
    """Of a bundle: are ids of the source other items than those of the target that are called so?"""
    learned: RatingsPreprocess | None = None
    """Of a bundle: who took what, of all that its run read."""
    options: tuple[Option[object], ...] = (USER,)

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Tables of what users took, or users by name."""
        reading.require_known(columns)
        return users_asked(inputs, reading, self.marked, self.learned)

    def examine(self, source: Source) -> str | None:
        """None when something can be recommended, else the reason why not."""
        return examined(source)

    def store(
        self,
        sources: Sequence[Source],
        preprocess: Any,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> Inputs:
        """Numbers of items; nothing is kept, for looking them up again is as quick."""
        return RatingsStore(sources, preprocess)

    def suited(
        self, preprocess: RatingsPreprocess, examples: Examples, rows: Sequence[int]
    ) -> RatingsPreprocess:
        """With a number for every item that can be recommended, then for those of the source."""
        size, own = len(examples.categories), set(examples.categories)
        told = (decoded(examples.sources[row]) for row in rows)
        more = {item for one in told if isinstance(one, History) for item in one.source} - own
        marked = bool(more) and all(item.startswith(MARK) for item in more)
        return RatingsPreprocess((*examples.categories, *sorted(more)), size, marked, texts=preprocess.texts)

    def kept(self, preprocess: RatingsPreprocess, examples: Examples) -> RatingsPreprocess:
        """With all that users took, that of validation and test too: nobody is recommended what they have.

        And with what is said of items.
        """
        catalogue = catalogue_of(examples)
        said = said_of(catalogue, preprocess) if catalogue.words else None
        return replace(preprocess, known=_known(examples, preprocess.items), said=said)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """The last items of a history."""
        history = decoded(source)
        if not isinstance(history, History):
            return {"text": f"{len(history.words)} items"}
        own, before = (
            ", ".join(item.removeprefix(MARK) for item in items[-SHOWN:]) or "nothing"
            for items in (history.items, history.source)
        )
        return {"text": f"took {own}; in the source {before}"}

    def shown_as(self, preprocess: Preprocess) -> Ratings:
        """The same that reads the source as the bundle was taught, and knows whom it was taught of."""
        if not isinstance(preprocess, RatingsPreprocess):
            return self
        return replace(self, marked=preprocess.marked, learned=preprocess)


def _known(examples: Examples, items: Sequence[str]) -> Known:
    """Who took what: what was known of users, and what followed.

    Users of the source are left out where these are other people than users of the target called so.
    """
    number, places = {item: place for place, item in enumerate(items)}, dict[str, int]()
    user, item, when, stamped = array("i"), array("i"), array("q"), False
    for source, followed in zip(examples.sources, examples.answers, strict=True):
        one = decoded(source)
        if not isinstance(one, History) or one.user.startswith(MARK):
            continue
        own = places.setdefault(one.user, len(places))
        for names, stamps in ((one.items, one.when), (followed.items, followed.when), (one.source, ())):
            stamped |= bool(stamps)
            for name, stamp in zip_longest(names, stamps, fillvalue=0):
                if name in number:
                    user.append(own)
                    item.append(number[name])
                    when.append(stamp)
    stamps = np.asarray(when if stamped else [], dtype=np.int64)
    return Known.of(tuple(places), np.asarray(user), np.asarray(item), stamps)
