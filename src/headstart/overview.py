"""The runs in a folder, one line each: what was run on what, and how it ended.

Reads a few small files of each folder, and never follows a link out of the folder that was named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import RunError

FINISHED, UNFINISHED = "finished", "unfinished"


@dataclass(frozen=True)
class Line:
    """One folder; what its files do not say is None."""

    run: str
    """Its path."""
    date: str | None
    """When its last file was written, in UTC: `2026-01-31 12:00`."""
    state: str
    """`finished` or `unfinished`."""
    data: str | None
    task: str | None
    base: str | None
    metric: str | None
    value: float | None
    """Of the metric, on the test split."""
    call: str | None
    """Of the verdict."""


def lines(folder: Path) -> list[Line]:
    """The run folders in a folder, and itself where it is one; the newest first.

    Raises:
        RunError: there is no such folder, or it cannot be read.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise RunError(f"{folder} {what}", "name the folder that holds your runs; `runs` if none is named")
    try:
        places = [folder, *(one for one in sorted(folder.iterdir()) if one.is_dir() and not one.is_symlink())]
    except OSError as error:
        raise RunError(f"{folder} cannot be read: {error.strerror}", "check its rights") from None
    dated = [found for place in places for found in _line(place)]
    return [line for _, line in sorted(dated, key=lambda one: (-one[0], one[1].run))]


def _line(folder: Path) -> Iterator[tuple[float, Line]]:
    """The line of a folder and when it was written; nothing where it is no run of Headstart."""
    settings, result = (_read(folder / name) for name in ("settings.json", "result.json"))
    if not str(_of(settings, "schema") or _of(result, "schema") or "").startswith("headstart/"):
        return
    asked, chosen, metric, verdict = (
        _of(settings, "settings") or _of(settings, "explore") or {},
        _of(result, "chosen"),
        _of(result, "metric"),
        _of(result, "verdict"),
    )
    bundle = folder / "bundle" / "bundle.json"
    done = result is not None or (_of(settings, "finished") is True and bundle.is_file())
    written = max((file.stat().st_mtime for file in folder.glob("*.json*")), default=0.0)
    yield (
        written,
        Line(
            run=folder.as_posix(),
            date=datetime.fromtimestamp(written, UTC).strftime("%Y-%m-%d %H:%M") if written else None,
            state=FINISHED if done else UNFINISHED,
            data=_text(_of(asked, "data")),
            task=_text(_of(result, "task") or _of(asked, "task")),
            base=_text(_of(chosen, "base") or _named(_of(result, "base"))),
            metric=_text(_of(metric, "name")),
            value=_number(_of(metric, "value")),
            call=_text(_of(verdict, "call")),
        ),
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _of(record: object, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else None


def _named(base: object) -> Any:
    return _of(base, "name") if isinstance(base, dict) else base


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
