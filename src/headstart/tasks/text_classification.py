"""Text classification, sentiment included: one label for each text.

Notation: n texts, k classes, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..data.folders.roles import FOLDERS, SPLIT_FOLDERS
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.reading import PLAIN, Reading
from ..data.texts import store
from ..data.texts.evidence import telling_words, text_lengths
from ..data.texts.layouts import looks_like_a_heap, looks_like_texts, read_text_heap, read_texts
from ..data.texts.store import TokenStore
from ..options import Option
from ..types import FloatArray, IntArray, Source, Splits, TextPreprocess
from .answers.one_label import OneLabel
from .baselines.tfidf import TfIdf
from .modalities.texts import OfTexts

if TYPE_CHECKING:
    from ..bench import Bench
    from ..cache import Cache
    from ..data.listing import Listing


class TextClassification(OfTexts, OneLabel):
    """The task of `tasks/base.py` for texts with one label each."""

    modality = "text"
    raw = "tfidf"
    together = 32
    columns = ("text", "label")
    options: tuple[Option[Any], ...] = (FOLDERS, SPLIT_FOLDERS, FOLLOW_LINKS, MERGE_LABELS, NAMES)
    strategies = ("contrastive", "frozen", "finetune")

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A table of texts with labels, or a folder of such tables or of text files."""
        return looks_like_texts(data, reading)

    def fits_heap(self, data: Any, reading: Reading = PLAIN) -> bool:
        """Lines of `.txt` files, or tables with a column of texts."""
        return looks_like_a_heap(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of any layout in `data/texts/layouts.py`."""
        return read_texts(data, reading)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Every text, without its label."""
        return read_text_heap(data, reading)

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
        return store.fitted(preprocess, sources)

    def fitted_raw(self, bench: Bench, train: IntArray) -> TfIdf:
        """Logistic regression on TF-IDF."""
        return TfIdf(bench, train)

    def thumbnails(self, inputs: TokenStore, indices: IntArray) -> FloatArray:
        """(n, t) how often grams of characters occur, which tells copies from texts about the same."""
        return inputs.impressions(indices)

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Telling words of each class, and how long the texts are."""
        return {
            "words": telling_words(splits.examples, splits.train),
            "lengths": text_lengths(splits.examples, bench.pool, bench.base.preprocess),
        }


plugin = TextClassification()
