"""What is said of items in numbers: which words, and what a base made of their texts.

Notation: m items, f words, e numbers of a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...preprocessing.items.contents import Said
from ...preprocessing.ratings import RatingsPreprocess
from .histories import Catalogue

MOST = 1_000
"""Words of items, at most: the most frequent ones."""


def said_of(known: Catalogue, how: RatingsPreprocess) -> Said:
    """What is said of the items that can be recommended."""
    items, words = how.items[: how.size], vocabulary(known)
    texts = np.zeros((len(items), 0), np.float32) if how.texts is None else how.texts.of(items)
    reader = None if how.texts is None else how.texts.reader
    return Said(words, *numbered(known.words, items, words), texts, reader)


def vocabulary(known: Catalogue) -> tuple[str, ...]:
    """(f,) the words that have a number, the most frequent first."""
    counts = Counter(word for own in known.words.values() for word in own)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word))[:MOST])


def numbered(
    words: Mapping[str, Sequence[str]], items: Sequence[str], known: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(m + 1,) where the words of each item begin and end, and the numbers of those that are known."""
    place = {word: number for number, word in enumerate(known)}
    each = [sorted({place[word] for word in words.get(item, ()) if word in place}) for item in items]
    ends = np.cumsum([0, *map(len, each)], dtype=np.int64)
    return ends, np.array([number for own in each for number in own], dtype=np.int64)
