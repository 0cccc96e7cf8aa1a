"""Made-up texts of two classes, and a bundle that tells them apart: the dull baseline, without a base."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from headstart import registry
from headstart.shipping.bundles import bundle
from headstart.targets import of_classes
from headstart.tasks.baselines import base as baselines
from headstart.tasks.solvers.base import as_state
from headstart.types import Examples

PRAISE = ("a lovely film with a warm heart", "lovely songs and a fine cast", "warm, lovely and funny")
BLAME = ("a dull film and a cold heart", "dull songs, an awful cast", "cold, dull and much too long")


def examples(*classes: tuple[str, ...], labels: tuple[str, ...] = ("bad", "good")) -> Examples:
    """The texts of each class, in order."""
    texts = [text for some in classes for text in some]
    return Examples(
        names=tuple(f"train.csv row {row}" for row in range(1, len(texts) + 1)),
        sources=tuple(text.encode() for text in texts),
        digests=tuple(f"{row:064}" for row in range(len(texts))),
        targets=of_classes(np.repeat(np.arange(len(classes)), [len(some) for some in classes]), labels),
    )


def write_bundle(folder: Path) -> Path:
    """A bundle that answers `good` and `bad`, and abstains where no word is known."""
    some = examples(BLAME, PRAISE)
    task = registry.get("tasks", "text_classification")
    fitted = baselines.get("tfidf").fit(SimpleNamespace(examples=some), np.arange(len(some))).shippable()
    width = fitted.head.weight.shape[1]
    head = task.answer.head(width, some.categories)
    head.load_state_dict(as_state(fitted.head))
    parts = bundle.Parts(
        "text_classification",
        fitted.architecture,
        fitted.preprocess,
        some.categories,
        width,
        {"abstain": {"max_error": 0.05, "threshold": 0.55}},
    )
    bundle.write(folder, parts, fitted.backbone, head)
    return folder
