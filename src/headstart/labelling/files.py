"""Files of what is suggested: tables for people, and tasks that Label Studio imports.

A task of Label Studio is an object with `data`, which says what is shown, and `predictions`, which it shows
as a first answer. Pictures and recordings are named relative to what was looked at, behind a prefix: where
Label Studio serves local files from the same folder, its own is right.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..data.strings import text_of
from ..errors import RunError
from ..runtime import write_atomically
from ..suggested import Doubts, Suggested
from ..tasks.modalities.base import Modality
from ..types import Source

TO_LABEL, TASKS, DOUBTS = "to_label.csv", "label_studio.json", "doubts.csv"
PREFIX = "/data/local-files/?d="
"""Of files that Label Studio serves from its own machine."""
CHOICE = "choice"
"""The name of the control in Label Studio's labelling interface."""


def write(folder: Path, tables: Mapping[str, str]) -> None:
    """Write some of these files into a folder, which is made if it is not there.

    Raises:
        RunError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in tables.items():
            write_atomically(folder / name, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}", "choose another --out") from None


def to_label_table(suggested: Suggested) -> str:
    """CSV: the files to label, in order."""
    rows = [
        [place, one.file, "|".join(one.likely), f"{one.probability:.4f}", f"{one.unsure:.4f}"]
        for place, one in enumerate(suggested.to_label, 1)
    ]
    return _csv(["place", "file_name", "likely", "probability", "unsure"], rows)


def doubts_table(doubts: Doubts) -> str:
    """CSV: the labels to look at, in order."""
    rows = [
        [one.file, one.label, f"{one.probability:.4f}", one.likely, f"{one.likely_probability:.4f}"]
        for one in doubts.items
    ]
    return _csv(["file_name", "label", "probability", "likely", "likely_probability"], rows)


def tasks(
    suggested: Suggested, sources: Sequence[Source], modality: Modality, prefix: str | None = None
) -> str:
    """JSON that Label Studio imports, with the model's answer as a prediction of each."""
    prefix = PREFIX if prefix is None else prefix
    found = []
    for one, source in zip(suggested.to_label, sources, strict=True):
        shown = modality.shown(source, 1)
        kind = "text" if "text" in shown else "audio" if "sound" in shown else "image"
        what = text_of(source) if kind == "text" else f"{prefix}{one.file}"
        value = {"from_name": CHOICE, "to_name": kind, "type": "choices", "value": {"choices": [*one.likely]}}
        prediction = {
            "model_version": f"headstart {suggested.headstart}",
            "score": round(one.probability, 4),
            "result": [value] if one.likely else [],
        }
        found.append({"data": {kind: what, "file_name": one.file}, "predictions": [prediction]})
    return json.dumps(found, indent=2)


def _csv(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()
