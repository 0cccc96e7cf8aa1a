"""Numbers in English words and in German ones; made by the rules of both languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import _files
from .base import Sample

ENGLISH = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
GERMAN = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
GERMAN_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
SPLITS = {"train": 400, "test": 60}


def write(folder: Path, seed: int) -> None:
    """Write `train.en` and `train.de` line by line, and the same for `test`."""
    drawn = iter(np.random.default_rng(seed).permutation(1000).tolist())
    for split, many in SPLITS.items():
        numbers = [next(drawn) for _ in range(many)]
        for language, said in (("en", english), ("de", german)):
            lines = "\n".join(said(number) for number in numbers) + "\n"
            _files.write(folder / f"{split}.{language}", lines.encode("utf-8"))


def english(number: int) -> str:
    """A number below 1000 in English words."""
    if number >= 100:
        rest = f" and {english(number % 100)}" if number % 100 else ""
        return f"{ENGLISH[number // 100]} hundred{rest}"
    if number < 20:
        return ENGLISH[number]
    return ENGLISH_TENS[number // 10 - 2] + (f" {ENGLISH[number % 10]}" if number % 10 else "")


def german(number: int) -> str:
    """A number below 1000 in German words: ones come before tens."""
    if number >= 100:
        rest = german(number % 100) if number % 100 else ""
        return f"{_joined(number // 100)}hundert{rest}"
    if number < 20:
        return GERMAN[number]
    ones = f"{_joined(number % 10)}und" if number % 10 else ""
    return ones + GERMAN_TENS[number // 10 - 2]


def _joined(digit: int) -> str:
    """A digit as it stands before another word."""
    return "ein" if digit == 1 else GERMAN[digit]


plugin = Sample(
    summary="numbers in English and in German words, 400 pairs; made",
    task="translation",
    source="made by this project by the rules of both languages",
    licence="Apache-2.0",
    write=write,
    next="pretrain {data} --columns source=en,target=de --architecture translator/small --out numbers-base",
)
