"""`headstart demo`: the whole story on data and a base that are there without a network.

The data are scikit-learn's handwritten digits (8 × 8 pixels, from the UCI repository), five labelled
examples a class. One base has seen letters of printed fonts; where the extra `vision-offline` is installed,
one that has seen the photographs of ImageNet is there to choose as well. Neither has seen a digit.
"""

from __future__ import annotations

import time
from pathlib import Path

from . import registry
from .api import Result, predict, run_settings
from .errors import RunError
from .runs import RUNS
from .runtime import Reporter
from .settings import Settings

BASES = ("builtin/glyphs", "builtin/efficientnet-lite0")
"""Of letters, and of photographs where its package is installed."""
LABELS = 5
"""A class: with ten, a network trained from scratch is nearly as good already."""


def story(
    out: Path | None, seed: int, minutes: float | None, reporter: Reporter
) -> tuple[Result, dict[str, object]]:
    """Write the digits to `OUT/digits`, run the story in `OUT/run`, and predict one test digit."""
    folder = out or RUNS / f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    bases = tuple(name for name in BASES if name in registry.get("bases", "builtin").names())
    reporter.note(f"demo: handwritten digits, {LABELS} labels a class; to go on from: {' or '.join(bases)}")
    first = digits(folder / "digits", seed)
    settings = Settings(folder / "digits", base=bases, minutes=minutes, seed=seed, out=folder / "run")
    result = run_settings(settings, reporter)
    return result, next(predict(result.bundle, [first]))


def digits(folder: Path, seed: int = 0) -> Path:
    """Write five examples of each digit, drawn at random, to `train/<digit>/`, the rest to `test/<digit>/`.

    Returns:
        One file of the test split.

    Raises:
        RunError: the folder cannot be written.
    """
    from .samples import digits as sample

    try:
        sample.write_some(folder, seed, LABELS, tests=None)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}", "choose another --out") from error
    return next(path for path in sorted((folder / "test").rglob("*.png")))
