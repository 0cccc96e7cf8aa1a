"""What is said: words of this project's own pages, and words that nobody has, in many languages.

A made-up word is a few syllables of random letters, read by a language's own rules. No text of anybody else
is needed, and no number is a word: the recordings that the base is measured on are of spoken digits.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

LANGUAGES = (
    *("en-us", "en-gb", "de", "fr-fr", "es", "it", "pt-br", "nl", "sv", "pl", "cs", "fi", "hu", "tr", "id"),
    *("sw", "ro", "hr", "et", "da", "nb", "lt", "cy", "eu", "vi"),
)
NUMBERS = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "oh"}
_STARTS = (*"bcdfghjklmnprstvwyz", "ch", "sh", "th", "st", "tr", "pl", "br", "kr", "fl", "gr", "sp")
_MIDDLES = (*"aeiouaeiou", "ai", "ea", "ee", "ou", "oa", "oi")
_ENDS = (*"nrstlmkpdgf", "sh", "ch", "nd", "st", "ng", "x")
ENGLISH = 0.35
"""Of the sentences: more phones of it are told apart, since its spelling is the least regular."""


def vocabulary(folder: Path) -> list[str]:
    """The words of the Markdown pages of a folder, without numbers."""
    found = {
        word for page in folder.rglob("*.md") for word in re.findall(r"\b[a-z]{2,12}\b", page.read_text())
    }
    return sorted(found - NUMBERS)


def sentence(words: list[str], random: np.random.Generator) -> tuple[str, str]:
    """A language and a few words in it, with pauses between some of them."""
    count = int(random.integers(2, 7))
    if random.random() < ENGLISH:
        language = str(random.choice(LANGUAGES[:2]))
        said = [str(word) for word in random.choice(words, count)]
    else:
        language = str(random.choice(LANGUAGES))
        said = [_made_up(random) for _ in range(count)]
    pauses = random.random() < 0.4
    return language, "".join(
        word + (", " if pauses and random.random() < 0.5 else " ") for word in said
    ).rstrip(", ")


def _made_up(random: np.random.Generator) -> str:
    syllables = []
    for _ in range(int(random.integers(1, 4))):
        start = str(random.choice(_STARTS)) if random.random() < 0.85 else ""
        end = str(random.choice(_ENDS)) if random.random() < 0.35 else ""
        syllables.append(start + str(random.choice(_MIDDLES)) + end)
    return "".join(syllables)
