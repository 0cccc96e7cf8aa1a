"""Text classification, sentiment included: one label for each text.

Notation: n texts, k classes, d feature width.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..data import tokens
from ..data.strings import examine_text, text_of
from ..data.tokens import TokenStore
from ..types import FloatArray, IntArray, Source, TextPreprocess
from ._classes import OneLabel
from ._dull import TfIdf

if TYPE_CHECKING:
    from ..cache import Cache
    from ..data.layouts import Listing
    from ._bench import Bench


class TextClassification(OneLabel):
    """The task of `tasks/base.py` for texts with one label each."""

    modality = "text"
    baseline = "tfidf"
    strategies = ("frozen", "finetune")

    def fits(self, data: Any) -> bool:
        """A table, or a folder of tables or of text files, with texts and labels."""
        return False

    def read(self, data: Any, group: str | None = None) -> Listing:
        """Rows of any layout in `data/texts.py`."""
        import csv
        from pathlib import Path

        from ..data.listing import Listing, split_of
        from ..types import Row

        rows = []
        for file in sorted(Path(data).glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as stream:
                for number, row in enumerate(csv.DictReader(stream), 2):
                    rows.append(
                        Row(
                            f"{file.name} row {number}",
                            row["text"].encode(),
                            row["label"],
                            split_of(file.stem),
                        )
                    )
        return Listing(tuple(rows))

    def read_heap(self, data: Any) -> Listing:
        """Every text, without its label."""
        raise NotImplementedError

    def examine(self, source: Source) -> str | None:
        """None when the text can be used, else the reason why not."""
        return examine_text(source)

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

    def dull(self, bench: Bench, train: IntArray) -> TfIdf:
        """Logistic regression on TF-IDF."""
        return TfIdf(bench, train)

    def thumbnails(self, inputs: TokenStore, indices: IntArray) -> FloatArray:
        """(n, t) how often grams of characters occur, which tells copies from texts about the same."""
        return inputs.impressions(indices)

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its beginning: a few characters for each pixel that a picture would have on a side."""
        text = " ".join(text_of(source).split())
        return {"text": textwrap.shorten(text, 3 * side, placeholder=" …") or text[: 3 * side]}


plugin = TextClassification()
