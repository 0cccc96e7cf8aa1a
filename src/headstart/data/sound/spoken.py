"""How transcripts are written: as they are, or as they are said, without case and punctuation.

Whether a comma was written changes no sound, and "Yes." against "yes" would be an error of every word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ...options import choice
from ...types import Dropped, Finding, Row
from ..listing import Listing

SPOKEN, WRITTEN = "spoken", "written"
WORDS = choice(
    "words",
    "transcripts in lower case and without punctuation (spoken), or as they are (written)",
    SPOKEN,
    (SPOKEN, WRITTEN),
)
_INSIDE = "'’-"
"""What stands inside of words, where it does."""
_SHOWN = 3


def spoken(text: str) -> str:
    """Lower case, composed Unicode, one space between words; letters, digits and what joins them."""
    lowered = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    kept = "".join(
        letter if _is_said(letter) or letter in _INSIDE else " "
        for letter in unicodedata.normalize("NFC", lowered)
    )
    return " ".join(word for one in kept.split() if (word := one.strip(_INSIDE)))


def written(text: str) -> str:
    """Composed Unicode, and one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def with_words(listing: Listing, how: str) -> Listing:
    """The rows with their transcripts so; what changed is a finding, what has no word is left out."""
    rule = spoken if how == SPOKEN else written
    rows, dropped, changed = list[Row](), list(listing.dropped), list[str]()
    for row in listing.rows:
        text = rule(row.label)
        if not text:
            dropped.append(Dropped(row.name, f"no words in its transcript {row.label.strip()!r}"))
            continue
        if text != row.label.strip():
            changed.append(f"{row.label.strip()} → {text}")
        rows.append(replace(row, label=text))
    findings = (*listing.findings, *_told(changed, how), *_digits([row.label for row in rows]))
    return replace(listing, rows=tuple(rows), dropped=tuple(dropped), findings=findings)


def _told(changed: Sequence[str], how: str) -> list[Finding]:
    if not changed or how == WRITTEN:
        return []
    some = "; ".join(changed[:_SHOWN])
    message = (
        f"{len(changed)} transcripts are compared in lower case and without punctuation: {some} "
        f"(--set words={WRITTEN} keeps them)"
    )
    return [Finding("spoken", message, tuple(changed))]


def _digits(texts: Sequence[str]) -> list[Finding]:
    """Numbers are read in several ways, and one model has to guess which was meant."""
    found = tuple(sorted({text for text in texts if re.search(r"\d", text)}))
    with_words = any(re.search(r"\d", text) is None for text in texts)
    if not found or not with_words:
        return []
    message = f"{len(found)} transcripts have digits, as {found[0]!r}: write numbers as they are said"
    return [Finding("digits", message, found)]


def _is_said(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNM"
