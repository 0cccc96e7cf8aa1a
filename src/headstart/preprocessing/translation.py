"""How a sentence and its translation become a base's input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .text import LENGTH, WORDS, TextPreprocess


@dataclass(frozen=True)
class PairPreprocess(TextPreprocess):
    """How a sentence and its translation become a translator's input: token numbers of both."""

    modality: ClassVar[str] = "translation"

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, 2, L): of both sides."""
        return (1, 2, LENGTH), WORDS


plugin = PairPreprocess
