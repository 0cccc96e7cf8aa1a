"""Runs like a finished one, with answers that are made up: two to compare at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from headstart.compared import SCHEMA, Compared, Counted, Side
from headstart.types import Interval

SIDES = [
    Side(run, "base", "frozen", value, Interval(0.4, 0.9), 10, "sha256:x")
    for run, value in (("runs/old", 0.5), ("runs/new", 0.6))
]
COMPARED = Compared(
    schema=SCHEMA,
    headstart="1",
    task="image_classification",
    metric="accuracy",
    title="accuracy",
    higher_is_better=True,
    range=(0.0, 1.0),
    first=SIDES[0],
    second=SIDES[1],
    n=20,
    units=20,
    delta=0.1,
    interval=Interval(0.02, 0.18),
    call="better",
    classes=True,
    counts=Counted(3, 1, 15, 1),
    gained=(),
    lost=(),
    notes=(),
)
"""Two that were compared."""


def like(finished: Path, folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Path:
    """A copy of a run whose `result.json` and `evidence.json` a function has changed."""
    shutil.copytree(finished, folder)
    files = [folder / "result.json", folder / "evidence.json"]
    result, evidence = (json.loads(file.read_text("utf-8")) for file in files)
    change(result, evidence)
    for file, content in zip(files, (result, evidence), strict=True):
        file.write_text(json.dumps(content), "utf-8")
    return folder


def answering(finished: Path, folder: Path, wrong: Sequence[int]) -> Path:
    """A run like it that is right on all test examples but those at some places; the last one comes first."""

    def change(_: dict[str, Any], evidence: dict[str, Any]) -> None:
        rows = evidence["predictions"]
        labels = sorted({row["label"] for row in rows})
        for place, row in enumerate(rows):
            others = [label for label in labels if label != row["label"]]
            row["predicted"] = others[0] if place in wrong else row["label"]
            row["probability"] = 0.6 + place / 100
        right = [float(place not in wrong) for place in range(len(rows))]
        evidence["scores"]["accuracy"] = right[::-1]
        evidence["predictions"] = rows[::-1]

    return like(finished, folder, change)
