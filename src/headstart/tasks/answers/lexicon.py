"""Words that can be heard at all: where every word is one of a few, letters are read with these in mind.

Whether all words are known is told by the training transcripts alone: the share of their words that stand
in them once is about the odds that the next word is a new one (I. J. Good, "The population frequencies of
species and the estimation of population parameters", Biometrika 40, 1953, equation 9).

What is read is the likeliest way (Viterbi) through all ways to say words of the lexicon, one after another
with a space between, as connectionist temporal classification spells them. No word is likelier than another.

Notation: S steps, k letters, N states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...types import IntArray

NEW = 0.05
"""Odds of a new word above which words are spelt as they are heard."""
MOST = 3_000
"""Words of a lexicon."""
NOTHING = 0
"""The output that says no letter."""
BEFORE, SPACE, AFTER_SPACE, AFTER_WORD = range(4)
"""States outside words: nothing yet, a space, nothing after one, nothing after a word."""


def known_words(texts: Sequence[str]) -> tuple[str, ...]:
    """All words of the texts, sorted; none where new ones are to be expected, or there are very many."""
    counts = Counter(word for text in texts for word in text.split())
    once = sum(count == 1 for count in counts.values())
    closed = once <= NEW * counts.total() and len(counts) <= MOST
    return tuple(sorted(counts)) if closed else ()


def spelt(outputs: NDArray[np.floating], labels: Sequence[str], words: Sequence[str]) -> IntArray:
    """(S,) the output of each step on the likeliest way through words of a lexicon.

    Args:
        outputs: (S, k + 1) log odds of nothing and of each letter.
        labels: the k letters, a space among them where there are several words.
        words: the lexicon; words with other letters cannot be heard.
    """
    graph = _graph(tuple(labels), tuple(words))
    count = len(graph.outputs)
    score = np.full(count, -np.inf)
    score[BEFORE] = outputs[0, NOTHING]
    score[graph.firsts] = outputs[0, graph.outputs[graph.firsts]]
    back = np.empty((len(outputs), count), dtype=np.int32)
    for step in range(1, len(outputs)):
        score, back[step] = _next(score, outputs[step], graph)
    ends = np.array([BEFORE, AFTER_WORD, *graph.lasts])
    state = int(ends[score[ends].argmax()])
    way = np.empty(len(outputs), dtype=np.int64)
    for step in range(len(outputs) - 1, -1, -1):
        way[step] = graph.outputs[state]
        state = int(back[step, state]) if step else state
    return way


@dataclass(frozen=True)
class _Graph:
    """States, and from where each is reached beside itself."""

    outputs: IntArray
    """(N,) of each state."""
    firsts: IntArray
    """States of the words' first letters."""
    lasts: IntArray
    """Those of their last ones."""
    near: IntArray
    """(N,) the state before; N: the best from which a word begins; N + 1: the best end; N + 2: none."""
    far: IntArray
    """(N,) another one: two before, where letters may follow without nothing between them."""


@lru_cache(maxsize=8)
def _graph(labels: tuple[str, ...], words: tuple[str, ...]) -> _Graph:
    numbers = {letter: number for number, letter in enumerate(labels, NOTHING + 1)}
    spelling = [[numbers[letter] for letter in word] for word in words if set(word) <= numbers.keys()]
    outputs = [NOTHING, numbers.get(" ", NOTHING), NOTHING, NOTHING]
    firsts, lasts, near, far = list[int](), list[int](), dict[int, int](), dict[int, int]()
    for letters in spelling:
        firsts.append(len(outputs))
        for place, letter in enumerate(letters):
            if place:
                outputs.append(NOTHING)
                near[len(outputs) - 1] = len(outputs) - 2
                near[len(outputs)] = len(outputs) - 1
                if letter != letters[place - 1]:
                    far[len(outputs)] = len(outputs) - 2
            outputs.append(letter)
        lasts.append(len(outputs) - 1)
    count = len(outputs)
    begins, ended, none = count, count + 1, count + 2
    near |= dict.fromkeys(firsts, begins) | {AFTER_WORD: ended, AFTER_SPACE: SPACE}
    if " " in numbers:
        near[SPACE], far[SPACE] = ended, AFTER_WORD
    return _Graph(
        np.array(outputs),
        np.array(firsts, dtype=np.int64),
        np.array(lasts, dtype=np.int64),
        np.array([near.get(state, none) for state in range(count)]),
        np.array([far.get(state, none) for state in range(count)]),
    )


def _next(
    score: NDArray[np.floating], odds: NDArray[np.floating], graph: _Graph
) -> tuple[NDArray[np.floating], IntArray]:
    """Scores after one step more, and from which state each came."""
    begin = int(score[[BEFORE, SPACE, AFTER_SPACE]].argmax())
    end = int(graph.lasts[score[graph.lasts].argmax()]) if len(graph.lasts) else AFTER_WORD
    every = np.concatenate([score, [score[begin], score[end], -np.inf]])
    names = np.concatenate([np.arange(len(score)), [begin, end, 0]])
    ways = np.stack([np.arange(len(score)), graph.near, graph.far])
    reached = every[ways]
    best = reached.argmax(0)
    place = np.arange(len(score))
    return reached[best, place] + odds[graph.outputs], names[ways[best, place]]
