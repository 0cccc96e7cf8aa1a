"""TF-IDF and logistic regression: the dull baseline for texts.

Notation: n texts, k classes, m words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from ...bases import build
from ...bench import Bench
from ...cache import key_of
from ...data.strings import text_of
from ...data.texts.store import word_numbers
from ...preprocessing.text import TextPreprocess
from ...types import Architecture, FloatArray, IntArray, Source
from ..solvers.base import LinearHead
from .base import Baseline, Dull, Shippable, on_network

WORDS = 50_000
"""Of the vocabulary, the most frequent ones."""
LONGEST = 2048
"""Words of a text."""
OTHER = "[UNK]"
"""Stands for every word that is not in the vocabulary, as number 0."""
ABSENT = -30.0
"""Output of a class that no training example has."""
STRENGTH = 10.0
"""Inverse of the penalty of the logistic regression, as scikit-learn counts it."""


class Words:
    """Texts as their words, each weighted by how rare it is in training."""

    def __init__(self, sources: Sequence[Source], train: IntArray) -> None:
        """Words and how rare they are come from the rows `train` of the sources."""
        self.sources = sources
        texts = self._texts(train)
        tokenizer, self.many = _vocabulary(texts)
        self.preprocess = TextPreprocess(tokenizer, LONGEST, LONGEST)
        documents = np.bincount(self._counts(texts).nonzero()[1], minlength=self.many)
        self.rarity = np.log((1 + len(texts)) / (1 + documents)) + 1
        self.rarity[0] = 0  # words that training does not have

    def features(self, rows: IntArray) -> csr_matrix:
        """(n, m), as `bases/networks/tfidf.py` has it."""
        weighted: csr_matrix = normalize(self._counts(self._texts(rows)) @ diags(self.rarity))
        return weighted

    def _texts(self, rows: IntArray) -> list[str]:
        return [text_of(self.sources[row]) for row in rows.tolist()]

    def _counts(self, texts: Sequence[str]) -> csr_matrix:
        """(n, m) how often each word occurs."""
        found = word_numbers(texts, self.preprocess)
        starts = np.cumsum([0, *(len(numbers) for numbers in found)])
        numbers = np.concatenate(found).astype(np.int64) if found else np.zeros(0, dtype=np.int64)
        counts = csr_matrix((np.ones(len(numbers)), numbers, starts), (len(texts), self.many))
        counts.sum_duplicates()
        return counts


class TfIdf(Dull):
    """Logistic regression on the words of a text."""

    ships = True

    def __init__(self, bench: Bench, train: IntArray) -> None:
        self.words = Words(bench.examples.sources, train)
        self.preprocess, self.rarity = self.words.preprocess, self.words.rarity
        self.architecture = Architecture("builtin", "tfidf", {"words": self.words.many})
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
        model.fit(self.words.features(train), bench.examples.answers[train])
        self.head = _as_head(model, len(bench.examples.categories))

    def outputs(self, rows: IntArray) -> FloatArray:
        return np.asarray(self.words.features(rows) @ self.head.weight.T + self.head.bias)

    def shippable(self) -> Shippable:
        backbone = build(self.architecture)
        backbone.load_state_dict({"rarity": torch.from_numpy(self.rarity).float()})
        return Shippable(self.architecture, self.preprocess, backbone, self.head)


def _vocabulary(texts: Sequence[str]) -> tuple[str, int]:
    """A tokenizer that knows the words of some texts and nothing else, and how many they are.

    Words are what stands between spaces and punctuation, and each character of Chinese.
    """
    tokenizer: Any = Tokenizer(models.WordLevel({OTHER: 0}, unk_token=OTHER))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.BertNormalizer(lowercase=True)]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    counts = Counter[str]()
    for text in texts:
        plain = tokenizer.normalizer.normalize_str(text)
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(plain))
    # the library's own trainer breaks ties by chance
    known = sorted(counts, key=lambda word: (-counts[word], word))[: WORDS - 1]
    vocabulary = {word: number for number, word in enumerate([OTHER, *known])}
    tokenizer.model = models.WordLevel(vocabulary, unk_token=OTHER)
    return tokenizer.to_str(), tokenizer.get_vocab_size()


def _as_head(model: LogisticRegression, k: int) -> LinearHead:
    """One row a class, also for two classes and for those that training lacks."""
    rows, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        rows, biases = np.vstack([-rows, rows]) / 2, np.concatenate([-biases, biases]) / 2
    weight, bias = np.zeros((k, rows.shape[1])), np.full(k, ABSENT)
    weight[model.classes_], bias[model.classes_] = rows, biases
    return LinearHead(weight, bias, 1 / STRENGTH, float("nan"))


def _plain(bench: Bench) -> Bench:
    """The words of all texts, each weighted by how rare it is in them."""
    words = Words(bench.examples.sources, bench.everything)
    architecture = Architecture("builtin", "tfidf", {"words": words.many})
    state = {"rarity": torch.from_numpy(words.rarity).float()}
    identity = key_of(dull=asdict(architecture), rarity=words.rarity.tolist())
    prepared = bench.with_base(replace(bench.base, preprocess=words.preprocess))
    return on_network(prepared, architecture, state, identity)


plugin = Baseline("a logistic regression on TF-IDF of words", TfIdf, plain=_plain)
