"""The run folder: who may write into it, and what an interrupted run left there.

settings.json   what the run was asked and, once planned, its plan
log.jsonl       one event a line
work/           what each finished job left; removed when the run is finished
result.json     written last: a folder that has it is finished
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..runtime import write_atomically

RUNS = Path("runs")


@dataclass(frozen=True)
class RunFolder:
    """One run's folder."""

    path: Path
    settings: dict[str, Any]

    @property
    def work(self) -> Path:
        """Where jobs leave what resume needs."""
        return self.path / "work"

    @property
    def log(self) -> Path:
        """The event log."""
        return self.path / "log.jsonl"

    def worked(self) -> float:
        """Seconds that earlier attempts took, from the last event that they logged."""
        if not self.log.exists():
            return 0.0
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return max((_elapsed(line) for line in lines), default=0.0)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """A JSON value of `settings.json`: made the first time, read ever after."""
        settings = _read(self.path) or self.settings
        if name not in settings:
            settings = {**settings, name: make()}
            self.write_json("settings.json", settings)
        return settings[name]

    def write_json(self, name: str, value: Any) -> None:
        """Write one JSON file, whole or not at all."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        write_atomically(self.path / name, text.encode("utf-8", "surrogateescape"))

    def finish(self, result: dict[str, Any]) -> None:
        """Mark the run as finished."""
        self.write_json("result.json", result)
        self.clean()

    def clean(self) -> None:
        """Remove what only resume needs, or a kill left half-written."""
        shutil.rmtree(self.work, ignore_errors=True)
        for left in self.path.glob(".*.part"):
            left.unlink(missing_ok=True)


def open_run(out: Path | None, name: str, settings: dict[str, Any]) -> RunFolder:
    """The folder to run in: a new one, or that of an interrupted run of the same settings.

    Args:
        out: the folder that was asked for, else one under `runs/`.
        name: of the data, for a new folder under `runs/`.
        settings: what identifies the run; its `fingerprint` covers the data.

    Raises:
        RunError: the folder is finished, foreign or cannot be written.
    """
    path = out or _unfinished(settings) or RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    if (path / "result.json").exists():
        raise RunError(f"{path} holds a finished run", "choose another --out, or remove it first")
    found = _read(path)
    if found is None and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path} is not empty and not a run of Headstart", "choose another --out")
    if found is not None and not _same(found, settings):
        what = "another version of Headstart" if _aged(found, settings) else "other settings or other data"
        raise RunError(
            f"{path} holds an unfinished run of {what}", "choose another --out, or remove it first"
        )
    folder = RunFolder(path, settings)
    try:
        folder.work.mkdir(parents=True, exist_ok=True)
        if found is None:
            folder.write_json("settings.json", settings)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error
    return folder


def _unfinished(settings: dict[str, Any]) -> Path | None:
    runs = sorted(RUNS.glob("*/settings.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    open_ones = [path.parent for path in runs if not (path.parent / "result.json").exists()]
    return next((path for path in open_ones if _same(_read(path) or {}, settings)), None)


def _same(found: dict[str, Any], settings: dict[str, Any]) -> bool:
    return all(
        found.get(key) == value
        for key, value in json.loads(json.dumps(settings)).items()
        if key not in ("plan", "ranking")
    )


def _aged(found: dict[str, Any], settings: dict[str, Any]) -> bool:
    """Is it a run of the same kind, but of another number of the schema?"""
    kind, _, number = str(settings.get("schema", "")).rpartition("/")
    other, _, another = str(found.get("schema", "")).rpartition("/")
    return kind == other and number != another


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((path / "settings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "headstart" in found else None


def _elapsed(line: str) -> float:
    try:
        return float(json.loads(line)["elapsed"])
    except (ValueError, KeyError, TypeError):  # a line that was cut by a kill
        return 0.0
