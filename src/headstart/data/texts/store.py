"""Texts as batches for a base: each is made into token numbers once and read many times.

Notation: n texts, b texts of a batch, L tokens of the longest of them, w tokens that a base takes at once.
"""

from __future__ import annotations

import copy
import functools
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from ...cache import key_of
from ...parallel import each
from ...preprocessing.text import TextPreprocess
from ...types import IntArray, Source
from ..items import digest
from ..strings import text_of

if TYPE_CHECKING:
    from ...cache import Cache

Tokens = NDArray[np.int32]

VERSION = 1
"""Raised whenever the numbers of some text change, so that old cache entries are not read."""
AT_ONCE = 1000
"""Texts that are made into tokens together: bounds the memory."""
LONGEST_TOKEN = 32
"""Characters: what comes after so many for each token is not looked at."""
MOST_CHUNKS = 4
"""Of a long text that a base sees."""
SAMPLE = 5000
"""Texts that decide how long an input is."""
GRAMS, BUCKETS = 3, 256
"""Characters of a gram, and numbers of an impression."""
END = -1


Texts = TypeVar("Texts", bound=TextPreprocess)


class Numbers(nn.Module):
    """Token numbers as they are kept to what a network looks up."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens.long()


class TokenStore:
    """n texts as a base of this preprocessing takes them. Threads may read at once."""

    augments = False

    def __init__(
        self,
        sources: Sequence[Source],
        preprocess: TextPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            sources: The texts' bytes, or files of one text each.
            preprocess: How a base takes texts.
            cache: Where the numbers are kept; without one they stay in memory.
            digests: SHA-256 of each source, where they are known already.
        """
        self.preprocess = preprocess
        self.preparation = Numbers()
        self._sources = tuple(sources)
        self._cache, self._digests = cache, digests
        self._kept: Any = None
        self._halves = False

    def __len__(self) -> int:
        return len(self._sources)

    def encoded(self, indices: IntArray, view: int | None = None) -> Tokens:
        """(b, L) numbers, END after each text's last one; a text has no other view unless it is distorted."""
        rows = self._rows(indices) if view is None or not self._halves else self._halved(indices, view)
        step = self.preprocess.window if self.preprocess.size > self.preprocess.window else 1
        length = -(-int(self._ends(rows).max(initial=1)) // step) * step
        return np.ascontiguousarray(rows[:, :length])

    def batch(self, indices: IntArray, view: int | None = None) -> Tensor:
        """(b, L) int64."""
        prepared: Tensor = self.preparation(torch.from_numpy(self.encoded(indices, view)))
        return prepared

    def ordered(self, indices: IntArray) -> IntArray:
        """The longest first: texts of one length have no padding, and what fits first fits all."""
        if len(indices) == 0:
            return indices
        parts = np.array_split(indices, -(-len(indices) // AT_ONCE))
        lengths = np.concatenate([self._ends(self._rows(part)) for part in parts])
        return np.asarray(indices[np.argsort(-lengths, kind="stable")])

    def distorted(self) -> TokenStore:
        """The same texts, of which a view has a random half of the words.

        That changes what a text says, so models are not trained on it: a base may still be asked whether two
        halves of one text are alike to it.
        """
        other = copy.copy(self)
        other._halves = True
        return other

    def _halved(self, indices: IntArray, view: int) -> Tokens:
        halves = [
            half(text_of(self._sources[index]), np.random.default_rng([view, index]))
            for index in indices.tolist()
        ]
        return tokenised(halves, self.preprocess)

    def impressions(self, indices: IntArray) -> NDArray[np.float64]:
        """(b, BUCKETS) how often grams of characters occur, square roots: what confirms a copy."""

        def impression(index: int) -> NDArray[np.float64]:
            text = " ".join(text_of(self._sources[index]).casefold().split())[
                : LONGEST_TOKEN * self.preprocess.size
            ]
            grams = [text[start : start + GRAMS].encode() for start in range(max(1, len(text) - GRAMS + 1))]
            buckets = np.array([zlib.crc32(gram) % BUCKETS for gram in grams])
            return np.sqrt(np.bincount(buckets, minlength=BUCKETS))

        return np.asarray(each(impression, indices.tolist())).reshape(len(indices), BUCKETS)

    def _rows(self, indices: IntArray) -> Tokens:
        """(b, size) from the store; what is not in it yet is made and put there."""
        kept = self._store()
        missing = kept.missing(np.unique(indices))
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            kept.write(part, tokenised([text_of(self._sources[index]) for index in part], self.preprocess))
        found: Tokens = kept.read(indices)
        return found

    def _store(self) -> Any:
        if self._kept is None:
            shape = (len(self._sources), self.preprocess.size)
            entry = None
            if self._cache is not None:
                known = each(digest, self._sources) if self._digests is None else list(self._digests)
                key = key_of(
                    kind="tokens", version=VERSION, preprocess=self.preprocess.identity, digests=known
                )
                entry = self._cache.here.rows(key, shape, "int32")
            self._kept = _InMemory(shape) if entry is None else entry
        return self._kept

    @staticmethod
    def _ends(rows: Tokens) -> IntArray:
        """(b,) how far each text goes; with chunks, to the end of the last."""
        there = rows != END
        return np.where(there.any(1), rows.shape[1] - np.argmax(there[:, ::-1], axis=1), 0).astype(np.int64)


class _InMemory:
    """What `cache.Rows` does, without a file."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.values = np.full(shape, END, dtype=np.int32)
        self.there = np.zeros(shape[0], dtype=bool)

    def missing(self, rows: IntArray) -> IntArray:
        return rows[~self.there[rows]]

    def write(self, rows: IntArray, values: Tokens) -> None:
        self.values[rows], self.there[rows] = values, True

    def read(self, rows: IntArray) -> Tokens:
        return self.values[rows]


def half(text: str, draws: np.random.Generator) -> str:
    """A random half of the words in their order, or of the characters where there are no spaces."""
    words = text.split()
    between, parts = (" ", words) if len(words) > 1 else ("", list(text))
    kept = np.sort(draws.permutation(len(parts))[: -(-len(parts) // 2)])
    return between.join(parts[place] for place in kept.tolist())


def tokenised(texts: Sequence[str], preprocess: TextPreprocess) -> Tokens:
    """(n, size) token numbers of texts, special tokens included in each chunk, END after the last.

    A text of more than one window is cut into chunks, of which as many as fit are kept.
    """
    size, window = preprocess.size, min(preprocess.window, preprocess.size)
    rows = np.full((len(texts), size), END, dtype=np.int32)
    tokenizer = _tokenizer(preprocess.tokenizer, window)
    encodings = tokenizer.encode_batch([text[: LONGEST_TOKEN * size] for text in texts])
    for row, encoding in zip(rows, encodings, strict=True):
        for number, chunk in enumerate([encoding, *encoding.overflowing][: size // window]):
            row[number * window : number * window + len(chunk.ids)] = chunk.ids
    return rows


def texts(rows: NDArray[np.int64], preprocess: TextPreprocess) -> list[str]:
    """(n, T) token numbers back to texts, without special tokens."""
    tokenizer = _tokenizer(preprocess.tokenizer, None)
    plain = [[number for number in row if number >= 0] for row in rows.tolist()]
    return [text.strip() for text in tokenizer.decode_batch(plain, skip_special_tokens=True)]


def word_numbers(texts: Sequence[str], preprocess: TextPreprocess) -> list[list[int]]:
    """The token numbers of each text, of any length up to the preprocessing's."""
    tokenizer = _tokenizer(preprocess.tokenizer, preprocess.size)
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]


def lengths(texts: Sequence[str], preprocess: TextPreprocess) -> IntArray:
    """(n,) tokens of whole texts, up to what could ever be looked at."""
    longest = preprocess.window * MOST_CHUNKS
    tokenizer = _tokenizer(preprocess.tokenizer, None)
    cut = [text[: 2 * LONGEST_TOKEN * longest] for text in texts]
    return np.array([len(encoding.ids) for encoding in tokenizer.encode_batch_fast(cut)], dtype=np.int64)


def kept(lengths: IntArray, preprocess: TextPreprocess) -> IntArray:
    """(n,) how many tokens of texts of these lengths are looked at; special ones count once for each text."""
    window = min(preprocess.window, preprocess.size)
    special = _tokenizer(preprocess.tokenizer, None).num_special_tokens_to_add(False)
    return np.minimum(lengths, special + (window - special) * (preprocess.size // window))


def fitted(preprocess: Texts, sources: Sequence[Source]) -> Texts:
    """The preprocessing with as many tokens as these texts have, or as many chunks as are worth it.

    Up to one window every text is whole; beyond, one in a hundred may be cut short.
    """
    found = np.zeros(0, dtype=np.int64)
    for start in range(0, min(SAMPLE, len(sources)), AT_ONCE):
        texts = [text_of(source) for source in sources[start : min(SAMPLE, start + AT_ONCE)]]
        found = np.concatenate([found, lengths(texts, preprocess)])
    longest, usual = int(found.max(initial=1)), float(np.quantile(found, 0.99)) if len(found) else 1.0
    if usual <= preprocess.window:
        return preprocess.at(min(preprocess.window, -(-longest // 8) * 8))
    return preprocess.at(preprocess.window * min(MOST_CHUNKS, int(-(-usual // preprocess.window))))


@functools.lru_cache(maxsize=4)
def _tokenizer(content: str, window: int | None) -> Tokenizer:
    tokenizer = Tokenizer.from_str(content)
    tokenizer.no_padding()
    if window is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(window)
    return tokenizer
