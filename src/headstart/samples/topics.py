"""Short texts by topic: what functions of SciPy say of themselves, and which branch of mathematics it is."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import numpy as np

from ._files import table
from .base import Sample

TOPICS = {
    "linalg": "linear algebra",
    "ndimage": "images",
    "signal": "signals",
    "special": "special functions",
    "stats": "statistics",
}
"""SciPy's packages, and what they are about."""
LABELS, TESTS = 8, 20
"""Of each topic: texts to learn from, and to test by."""
SHORTEST, LONGEST = 25, 160
"""Characters of a text."""


def write(folder: Path, seed: int) -> None:
    """Write `train.csv` and `test.csv` with the columns `text` and `label`."""
    draws = np.random.default_rng(seed)
    train, test = [], []
    for package, topic in TOPICS.items():
        texts = sentences(package)
        rows = [(texts[row], topic) for row in draws.permutation(len(texts))[: LABELS + TESTS]]
        train += rows[:LABELS]
        test += rows[LABELS:]
    table(folder / "train.csv", ("text", "label"), train)
    table(folder / "test.csv", ("text", "label"), test)


def sentences(package: str) -> list[str]:
    """What each function of one of SciPy's packages says of itself in a sentence, sorted; no two alike."""
    module = import_module(f"scipy.{package}")
    named = (getattr(module, name) for name in dir(module) if not name.startswith("_"))
    first = ((inspect.getdoc(one) or "").partition("\n\n")[0] for one in named if callable(one))
    texts = {" ".join(text.split()) for text in first}
    return sorted(one for one in texts if SHORTEST <= len(one) <= LONGEST and one.endswith("."))


plugin = Sample(
    summary="one-sentence descriptions of functions, by branch of mathematics; real",
    task="text_classification",
    source="the documentation of the SciPy that is installed",
    licence="BSD-3-Clause",
    write=write,
    next="run {data} --base builtin/minilm --minutes 1",
)
