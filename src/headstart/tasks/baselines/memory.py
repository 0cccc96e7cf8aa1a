"""The translation of the most similar source in training, by TF-IDF over grams of characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from ...bench import Bench
from ...data.strings import text_of
from ...types import IntArray
from .base import Baseline, Dull

AT_ONCE = 500
"""Sentences compared with all of training at a time: bounds the memory."""


class Memory(Dull):
    """A translation memory."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.sources, self.translations = bench.examples.sources, bench.examples.answers[train]
        self.grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), dtype=np.float32)
        self.known = self.grams.fit_transform([text_of(self.sources[row]) for row in train.tolist()])

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        parts = [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
        return np.concatenate([self.translations[self._nearest(part)] for part in parts])

    def _nearest(self, rows: IntArray) -> IntArray:
        asked = self.grams.transform([text_of(self.sources[row]) for row in rows.tolist()])
        similar = (asked @ self.known.T).toarray()
        return np.asarray(similar.argmax(1))


plugin = Baseline("the translation of the most similar sentence in training", Memory)
