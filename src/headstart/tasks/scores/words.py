"""How many words and letters of transcripts are wrong, of all recordings together.

The word error rate: the fewest words to put in, leave out or replace that make the answer of what was said
(Levenshtein, 1966), over the words that were said. It has no upper end. The rate of a set is all errors over
all words, so that a recording counts as much as was said in it; the score of a recording is what it does to
that rate, to the first order (the linearised ratio of Cochran, "Sampling Techniques", 1977), and the scores'
mean is the rate. Words are what stands between spaces, letters include the spaces.

Notation: n recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from ...types import FloatArray
from .base import Score, Scores, Titles

Edit = tuple[Literal["equal", "replace", "insert", "delete"], str, str]
"""What happened to a word: how, the right one, and the one that was heard; one of them may be empty."""


def aligned(right: Sequence[str], heard: Sequence[str]) -> list[Edit]:
    """The fewest edits that make the right words of those that were heard, first to last."""
    costs = np.zeros((len(right) + 1, len(heard) + 1), dtype=np.int64)
    costs[:, 0], costs[0] = np.arange(len(right) + 1), np.arange(len(heard) + 1)
    for row, wanted in enumerate(right, 1):
        for column, said in enumerate(heard, 1):
            costs[row, column] = min(
                costs[row - 1, column - 1] + (wanted != said),
                costs[row - 1, column] + 1,
                costs[row, column - 1] + 1,
            )
    return _back(costs, right, heard)


def _back(costs: Any, right: Sequence[str], heard: Sequence[str]) -> list[Edit]:
    found, row, column = list[Edit](), len(right), len(heard)
    while row or column:
        same = row and column and right[row - 1] == heard[column - 1]
        if row and column and costs[row, column] == costs[row - 1, column - 1] + (not same):
            row, column = row - 1, column - 1
            found.append(("equal" if same else "replace", right[row], heard[column]))
        elif row and costs[row, column] == costs[row - 1, column] + 1:
            row -= 1
            found.append(("delete", right[row], ""))
        else:
            column -= 1
            found.append(("insert", "", heard[column]))
    return found[::-1]


def distance(right: Sequence[str], heard: Sequence[str]) -> int:
    """How many edits that is."""
    before = np.arange(len(heard) + 1)
    places, said = np.arange(len(heard) + 1), np.array([*heard], dtype=object)
    for number, wanted in enumerate(right, 1):
        now = np.append(number, np.minimum(before[:-1] + (said != wanted), before[1:] + 1))
        before = np.minimum.accumulate(now - places) + places
    return int(before[-1])


def _rates(
    outputs: Iterable[object], right: Iterable[object], parts: Callable[[str], Sequence[str]]
) -> FloatArray:
    """(n,) scores whose mean is the rate of all."""
    pairs = [(parts(str(one)), parts(str(said))) for one, said in zip(right, outputs, strict=True)]
    errors = np.array([distance(one, said) for one, said in pairs], dtype=np.float64)
    counts = np.array([len(one) for one, _ in pairs], dtype=np.float64)
    whole = max(1.0, float(counts.sum()))
    rate = errors.sum() / whole
    return np.asarray(rate + len(pairs) * (errors - rate * counts) / whole)


def of_words(outputs: Iterable[object], right: Iterable[object]) -> FloatArray:
    """(n,) as this page says it, of words."""
    return _rates(outputs, right, str.split)


def of_letters(outputs: Iterable[object], right: Iterable[object]) -> FloatArray:
    """(n,) the same of letters and spaces."""
    return _rates(outputs, right, list)


def by_kind(outputs: Iterable[object], right: Iterable[object]) -> dict[str, float]:
    """Words put in, left out and replaced, over all that were said; and recordings without an error."""
    edits = [aligned(str(one).split(), str(said).split()) for one, said in zip(right, outputs, strict=True)]
    counts = dict.fromkeys(("insert", "delete", "replace"), 0)
    for one in edits:
        for kind, _, _ in one:
            if kind != "equal":
                counts[kind] += 1
    whole = max(1, sum(kind != "insert" for one in edits for kind, _, _ in one))
    names = {"insert": "words_added", "delete": "words_left_out", "replace": "words_replaced"}
    all_right = sum(all(kind == "equal" for kind, _, _ in one) for one in edits) / max(1, len(edits))
    return {**{names[kind]: count / whole for kind, count in counts.items()}, "all_right": all_right}


WORDS = Scores(
    (
        Score("word_errors", of_words, better="lower", high=float("inf"), title="word error rate"),
        Score("letter_errors", of_letters, better="lower", high=float("inf"), title="character error rate"),
    ),
    more=by_kind,
    further=Titles({"all_right": "recordings without an error"}),
)
