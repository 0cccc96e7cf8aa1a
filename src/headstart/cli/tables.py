"""Predictions as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..runtime import write_atomically


def write_csv(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """One row per record, `probabilities` as one column per label; whole or not at all.

    Raises:
        RunError: the file cannot be written.
    """
    rows = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    inner = {f"probability of {label}": value for label, value in record.get("probabilities", {}).items()}
    return {**{name: value for name, value in record.items() if name != "probabilities"}, **inner}
