"""Texts: how they are asked about, examined, compared and shown.

Notation: n texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data.asked import Asked, texts_asked
from ...data.reading import Reading
from ...data.sent import Sending
from ...data.strings import examine_text, folded_text, is_windows, text_of
from ...data.texts import store
from ...data.texts.evidence import telling_words, text_lengths
from ...data.texts.pair_store import PairStore
from ...data.texts.store import TokenStore
from ...preprocessing.text import TextPreprocess
from ...types import Examples, Finding, FloatArray, IntArray, Source
from .base import Inputs, Modality

if TYPE_CHECKING:
    from ...cache import Cache


@dataclass(frozen=True)
class Texts(Modality):
    """The modality of `tasks/modalities/base.py` for texts."""

    name: str = "text"
    unseen = "{} new text", "{} new texts"
    paired: bool = False
    """Are they sentences as a translator takes them, with their translations where those are known?"""
    together = 32
    sent = Sending("text", texts=True, rows=True)

    @property
    def folded(self) -> Callable[[Source], str]:
        """Equal for texts that differ in case, spaces or punctuation only."""
        return folded_text

    def asked(self, inputs: Sequence[object], reading: Reading, columns: tuple[str, ...]) -> Asked:
        """Texts, files and tables of texts, and lines of standard input."""
        reading.require_known(columns)
        return texts_asked(inputs, reading, columns[0])

    def examine(self, source: Source) -> str | None:
        """None when the text can be used, else the reason why not."""
        return examine_text(source)

    def remarks(self, sources: Sequence[Source]) -> list[Finding]:
        """That files are not written in UTF-8, where they are not."""
        odd = [one for one in sources if isinstance(one, Path) and is_windows(one.read_bytes())]
        if not odd:
            return []
        message = f"{len(odd)} files are not UTF-8 and were read as Windows-1252"
        return [Finding("letters", message, tuple(path.name for path in odd))]

    def store(
        self,
        sources: Sequence[Source],
        preprocess: Any,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> Inputs:
        """The texts as a base of this preprocessing takes them."""
        if self.paired:
            return PairStore(sources, preprocess, cache, digests, answers)
        return TokenStore(sources, preprocess, cache, digests)

    def suited(self, preprocess: TextPreprocess, examples: Examples, rows: Sequence[int]) -> TextPreprocess:
        """As many tokens as texts like these have, with some room where translations may be longer."""
        found = store.fitted(preprocess, [examples.sources[row] for row in rows])
        return preprocess.at(min(preprocess.window, 2 * found.size)) if self.paired else found

    def impressions(self, inputs: TokenStore, indices: IntArray) -> FloatArray | None:
        """(n, t) how often grams of characters occur, which tells copies from texts about the same.

        None of sentences: short ones that differ in one word mean something else.
        """
        if self.paired:
            return None
        found: FloatArray = inputs.impressions(indices)
        return found

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its beginning: a few characters for each pixel that a picture would have on a side."""
        text, limit = " ".join(text_of(source).split()), 3 * side
        if len(text) <= limit:
            return {"text": text}
        words = text[: limit - 1].rpartition(" ")[0]
        # not every language has spaces
        return {"text": f"{words} …" if 2 * len(words) > limit else f"{text[: limit - 1]}…"}

    def evidence(
        self, examples: Examples, train: IntArray, pool: IntArray, preprocess: TextPreprocess
    ) -> dict[str, object]:
        """Telling words of each category, where there are some, and how long the texts are."""
        words = {"words": telling_words(examples, train)} if examples.targets.members else {}
        return {**words, "lengths": text_lengths(examples, pool, preprocess)}
