"""What tasks share whose examples are texts: how they are asked about, examined, compared and shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...data.asked import Asked, texts_asked
from ...data.reading import PLAIN, Reading
from ...data.strings import examine_text, folded_text, is_windows, text_of
from ...types import Finding, Source


class OfTexts:
    """A part of `tasks/base.py: Task`."""

    columns: tuple[str, ...]
    """The first holds the text itself."""

    def asked(self, inputs: Sequence[Any], reading: Reading = PLAIN) -> Asked:
        """Texts, files and tables of texts, and lines of standard input."""
        reading.require_known(self.columns)
        return texts_asked(inputs, reading, self.columns[0])

    def examine(self, source: Source) -> str | None:
        """None when the text can be used, else the reason why not."""
        return examine_text(source)

    def folded(self, source: Source) -> str | None:
        """Equal for texts that differ in case, spaces or punctuation only."""
        return folded_text(source)

    def remarks(self, sources: Sequence[Source]) -> list[Finding]:
        """That files are not written in UTF-8, where they are not."""
        odd = [one for one in sources if isinstance(one, Path) and is_windows(one.read_bytes())]
        if not odd:
            return []
        message = f"{len(odd)} files are not UTF-8 and were read as Windows-1252"
        return [Finding("letters", message, tuple(path.name for path in odd))]

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """Its beginning: a few characters for each pixel that a picture would have on a side."""
        text, limit = " ".join(text_of(source).split()), 3 * side
        if len(text) <= limit:
            return {"text": text}
        words = text[: limit - 1].rpartition(" ")[0]
        # not every language has spaces
        return {"text": f"{words} …" if 2 * len(words) > limit else f"{text[: limit - 1]}…"}
