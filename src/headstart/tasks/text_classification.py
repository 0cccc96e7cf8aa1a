"""Text classification, sentiment included: one label for each text.

Notation: n texts, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..data import tokens
from ..data.asked import texts_asked
from ..data.reading import PLAIN, Reading
from ..data.strings import examine_text, folded_text, text_of
from ..data.texts import looks_like_a_heap, looks_like_texts, read_text_heap, read_texts
from ..data.tokens import TokenStore
from ..types import FloatArray, IntArray, Source, Splits, TextPreprocess
from ._classes import OneLabel
from ._text_evidence import telling_words, text_lengths
from ._tfidf import TfIdf

if TYPE_CHECKING:
    from pathlib import Path

    from ..cache import Cache
    from ..data.asked import Asked
    from ..data.listing import Listing
    from ._bench import Bench


class TextClassification(OneLabel):
    """The task of `tasks/base.py` for texts with one label each."""

    modality = "text"
    raw = "tfidf"
    together = 32
    columns = ("text", "label")
    strategies = ("contrastive", "frozen", "finetune")

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A table of texts with labels, or a folder of such tables or of text files."""
        return looks_like_texts(data, reading)

    def fits_heap(self, data: Any, reading: Reading = PLAIN) -> bool:
        """Lines of `.txt` files, or tables with a column of texts."""
        return looks_like_a_heap(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of any layout in `data/texts.py`."""
        return read_texts(data, reading)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Every text, without its label."""
        return read_text_heap(data, reading)

    def asked(self, inputs: Sequence[str | Path], reading: Reading = PLAIN) -> Asked:
        """Texts, files and tables of texts, and lines of standard input."""
        reading.require_known(self.columns)
        return texts_asked(inputs, reading, self.columns[0])

    def examine(self, source: Source) -> str | None:
        """None when the text can be used, else the reason why not."""
        return examine_text(source)

    def folded(self, source: Source) -> str | None:
        """Equal for texts that differ in case, spaces or punctuation only."""
        return folded_text(source)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: TextPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
    ) -> TokenStore:
        """The texts as a base of this preprocessing takes them."""
        return TokenStore(sources, preprocess, cache, digests)

    def fitted(self, preprocess: TextPreprocess, sources: Sequence[Source]) -> TextPreprocess:
        """As many tokens as texts like these have."""
        return tokens.fitted(preprocess, sources)

    def fitted_raw(self, bench: Bench, train: IntArray) -> TfIdf:
        """Logistic regression on TF-IDF."""
        return TfIdf(bench, train)

    def thumbnails(self, inputs: TokenStore, indices: IntArray) -> FloatArray:
        """(n, t) how often grams of characters occur, which tells copies from texts about the same."""
        return inputs.impressions(indices)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its beginning: a few characters for each pixel that a picture would have on a side."""
        text, limit = " ".join(text_of(source).split()), 3 * side
        if len(text) <= limit:
            return {"text": text}
        words = text[: limit - 1].rpartition(" ")[0]
        # not every language has spaces
        return {"text": f"{words} …" if 2 * len(words) > limit else f"{text[: limit - 1]}…"}

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Telling words of each class, and how long the texts are."""
        return {
            "words": telling_words(splits.examples, splits.train),
            "lengths": text_lengths(splits.examples, bench.pool, bench.base.preprocess),
        }


plugin = TextClassification()
