"""What a report shows of texts: telling words of each class, and how long the texts are.

How telling a word is: the log-odds of its document frequency in a class against all others, smoothed by half
a text, over its standard error (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 2008, who
count words where we count texts). Both are read from training and validation texts only.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...preprocessing.text import TextPreprocess
from ...types import Examples, IntArray
from ..strings import text_of
from . import store

CLASSES, WORDS = 12, 8
"""Classes whose words are shown, those of the most texts, and words of each."""
READ = 20_000
"""Texts that are looked at, spread over all."""
BEGINNING = 20_000
"""Characters of a text whose words are counted."""
BINS = 24
_SMOOTH = 0.5
_SURE = 1.96
"""Standard errors that a word's log-odds must be above 0."""
_LONGEST_WORD = 30
_WITHOUT_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_WORD = re.compile(rf"[{_WITHOUT_SPACES}]+|[^\W{_WITHOUT_SPACES}]+(?:['’][^\W{_WITHOUT_SPACES}]+)*")
_SPACELESS = re.compile(rf"[{_WITHOUT_SPACES}]")


def telling_words(examples: Examples, train: IntArray) -> list[dict[str, object]]:
    """Of the largest categories, in their order, the words that tell their texts from the others.

    Of each word the share of the category's texts that hold it, and the share of all other texts.
    """
    labels, members, rows = examples.categories, examples.targets.members, _spread(train)
    texts = np.zeros(len(labels), dtype=np.int64)
    holding, everywhere = [Counter[str]() for _ in labels], Counter[str]()
    for row in rows.tolist():
        words = words_of(text_of(examples.sources[row]))
        everywhere.update(words)
        for number in members[row]:
            holding[number].update(words)
            texts[number] += 1
    shown = sorted(np.argsort(-texts, kind="stable")[:CLASSES].tolist())
    return [
        {
            "label": labels[number],
            "words": _telling(holding[number], everywhere, int(texts[number]), len(rows)),
        }
        for number in shown
        if texts[number]
    ]


def words_of(text: str) -> set[str]:
    """The different words of a text in lower case; pairs of characters where a script has no spaces."""
    return {word for word in _words(text[:BEGINNING].casefold()) if len(word) <= _LONGEST_WORD}


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if _SPACELESS.match(word) and len(word) > 2:
            yield from (word[start : start + 2] for start in range(len(word) - 1))
        else:
            yield word


def _telling(inside: Counter[str], everywhere: Counter[str], texts: int, total: int) -> list[dict[str, Any]]:
    found = []
    for word, count in inside.items():
        others = everywhere[word] - count
        score = _score(count, texts, others, total - texts)
        if count > 1 and score > _SURE:
            found.append((-score, word, count / texts, others / max(1, total - texts)))
    return [
        {"word": word, "share": round(share, 4), "elsewhere": round(elsewhere, 4)}
        for _, word, share, elsewhere in sorted(found)[:WORDS]
    ]


def _score(count: int, texts: int, others: int, rest: int) -> float:
    """Smoothed log-odds of a word's texts here against elsewhere, in standard errors."""
    cells = [part + _SMOOTH for part in (count, texts - count, others, rest - others)]
    odds = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    return odds / math.sqrt(sum(1 / cell for cell in cells))


def text_lengths(examples: Examples, pool: IntArray, preprocess: TextPreprocess) -> dict[str, object]:
    """A histogram of the lengths in tokens, and how much of the texts a base looks at.

    `texts_cut` and `tokens_cut` are shares; bins are equal, or equal in logarithm where few texts are
    by far the longest.
    """
    some = _spread(pool)
    found = np.concatenate(
        [
            store.lengths(
                [text_of(examples.sources[row]) for row in some[start : start + store.AT_ONCE].tolist()],
                preprocess,
            )
            for start in range(0, len(some), store.AT_ONCE)
        ]
    )
    kept = store.kept(found, preprocess)
    counts, edges = np.histogram(found, _edges(found))
    return {
        "texts": len(found),
        "takes": preprocess.size,
        "median": float(np.median(found)),
        "longest": int(found.max()),
        "texts_cut": round(float((kept < found).mean()), 6),
        "tokens_cut": round(1 - float(kept.sum() / max(1, found.sum())), 6),
        "counts": counts.tolist(),
        "edges": edges.tolist(),
    }


def _edges(lengths: IntArray) -> Sequence[int]:
    """Of at most BINS bins of whole tokens; the last end is above the longest."""
    low, high = int(lengths.min()), int(lengths.max()) + 1
    if high > 8 * np.quantile(lengths, 0.5):
        steps = np.geomspace(max(1, low), high, BINS + 1)
        return sorted({low, *(math.ceil(step - 1e-9) for step in steps)})
    width = max(1, math.ceil((high - low) / BINS))
    return list(range(low, high + width, width))


def _spread(rows: IntArray) -> IntArray:
    """At most READ of the rows, evenly spread."""
    if len(rows) <= READ:
        return rows
    return np.asarray(rows[np.linspace(0, len(rows) - 1, READ).astype(np.int64)])
