"""How a text becomes a base's input."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

TOKENIZER = "tokenizer.json"
LENGTH = 13
"""Tokens of a text that costs are measured on; no layer is of such a width."""
WORDS = 10
"""Different ones in it."""


@dataclass(frozen=True)
class TextPreprocess:
    """How a text becomes a base's input: token numbers, in chunks where it is longer than the base takes."""

    modality: ClassVar[str] = "text"
    unit: ClassVar[str] = "tokens"

    tokenizer: str = field(repr=False)
    """The content of a `tokenizer.json`, as Hugging Face's tokenizers library writes it."""
    window: int
    """Tokens that the base takes at once, special ones included."""
    size: int
    """Tokens of one example at most; above `window` a whole number of chunks."""

    @cached_property
    def identity(self) -> dict[str, object]:
        """The tokenizer by its hash."""
        digest = hashlib.sha256(self.tokenizer.encode()).hexdigest()
        return {"tokenizer": digest, "window": self.window, "size": self.size}

    @property
    def graph(self) -> tuple[object, ...]:
        """Nothing."""
        return ()

    @property
    def framing(self) -> str:
        """How much of a long text."""
        return f"the first {self.size} tokens"

    def framings(self) -> tuple[Self, ...]:
        """There is one only."""
        return (self,)

    def at(self, size: int) -> Self:
        """The same for texts of another length."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """None: texts have the length that they have."""
        return ()

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, L) of the first words of a vocabulary."""
        return (1, LENGTH), WORDS

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """The numbers, and the tokenizer as a file of its own."""
        return {"window": self.window, "size": self.size}, {TOKENIZER: self.tokenizer.encode()}

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> Self:
        """What was written, with the tokenizer beside it."""
        return cls((folder / TOKENIZER).read_text(encoding="utf-8"), **plain)


plugin = TextPreprocess
