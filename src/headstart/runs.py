"""The run folder: who may write into it, and what an interrupted run left there.

settings.json   what the run was asked and, once planned, its plan
log.jsonl       one event a line
work/           what each finished job left; removed when the run is finished
result.json     written last: a folder that has it is finished

`headstart adapt` has no result: there `settings.json` says at the end that the bundle is finished.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import RunError
from .runtime import Reporter, write_atomically

T = TypeVar("T")
RUNS = Path("runs")
ALONE, FINISHED, DOMAINS = "alone", "finished", "domains"
"""In `settings.json`: of one strategy without a verdict; its bundle is whole; of a run across domains."""
KINDS = (ALONE, "targets", DOMAINS)
"""What tells the folders of different commands apart, where one has it and the other has not."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/(.*)", re.IGNORECASE)
"""Of something on another file system, as a path has it: `s3:/bucket/runs`."""


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

    def say_resumed(self, reporter: Reporter) -> None:
        """Say that an interrupted run goes on, where one does."""
        if worked := self.worked():
            reporter.note(
                f"{self.path} goes on where it was interrupted, after {worked / 60:.1f} minutes of work"
            )

    def once(self, name: str, make: Callable[[], T]) -> T:
        """A JSON value of `settings.json`: made the first time, read ever after."""
        settings = _read(self.path) or self.settings
        if name not in settings:
            settings = {**settings, name: make()}
            self.write_json("settings.json", settings)
        found: T = settings[name]
        return found

    def write_json(self, name: str, value: object) -> None:
        """Write one JSON file, whole or not at all."""
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        write_atomically(self.path / name, text.encode("utf-8", "surrogateescape"))

    @property
    def bundle(self) -> Path | None:
        """The bundle of one strategy alone, once it is finished and as long as it is there."""
        settings, bundle = _read(self.path) or {}, self.path / "bundle"
        return bundle if settings.get(FINISHED) and (bundle / "bundle.json").is_file() else None

    def finish_alone(self) -> None:
        """Mark the bundle of one strategy, which has no result, as finished."""
        self.clean()
        self.write_json("settings.json", {**(_read(self.path) or self.settings), FINISHED: True})

    def finish(self, result: dict[str, object]) -> None:
        """Mark the run as finished."""
        self.write_json("result.json", result)
        self.clean()

    def clean(self) -> None:
        """Remove what only resume needs, or a kill left half-written."""
        shutil.rmtree(self.work, ignore_errors=True)
        for left in self.path.glob(".*.part"):
            left.unlink(missing_ok=True)


def open_run(out: Path | None, name: str, settings: dict[str, object]) -> RunFolder:
    """The folder to run in: a new one, or that of an interrupted run of the same settings.

    A strategy that was adapted alone with the same settings has the bundle already (`RunFolder.bundle`):
    its folder is given as it is.

    Args:
        out: the folder that was asked for, else one under `runs/`.
        name: of the data, for a new folder under `runs/`.
        settings: what identifies the run; its `fingerprint` covers the data.

    Raises:
        RunError: the folder is finished, foreign or cannot be written.
    """
    require_here(out)
    path = out or _unfinished(settings) or RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    if (path / "result.json").exists():
        raise RunError(f"{path} holds a finished run", "choose another --out, or remove it first")
    found = _read(path)
    if found is None and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path} is not empty and not a run of Headstart", "choose another --out")
    folder = RunFolder(path, settings)
    if found is not None and not _same(found, settings):
        state = "a finished bundle" if folder.bundle else "an unfinished run"
        raise RunError(
            f"{path} holds {state} of other settings or other data: {_unlike(found, settings)}",
            "choose another --out, or remove it first",
        )
    if folder.bundle:
        return folder
    try:
        folder.work.mkdir(parents=True, exist_ok=True)
        if found is None:
            folder.write_json("settings.json", settings)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error
    return folder


def require_here(out: Path | None) -> None:
    """A run's folder is added to, renamed in and mapped into memory: it has to be one of this machine.

    Raises:
        RunError: the path is an address, `s3://BUCKET/FOLDER`.
    """
    if out is not None and (address := _ADDRESS.fullmatch(str(out))):
        protocol, rest = address.groups()
        raise RunError(
            f"{protocol}://{rest.lstrip('/')} cannot be written: --out has to be a folder of this machine",
            "choose one, and copy it when it is finished; the cache may lie there: HEADSTART_CACHE",
        )


def _unfinished(settings: dict[str, Any]) -> Path | None:
    runs = sorted(RUNS.glob("*/settings.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    open_ones = [path.parent for path in runs if not (path.parent / "result.json").exists()]
    return next((path for path in open_ones if _same(_read(path) or {}, settings)), None)


def _same(found: dict[str, Any], settings: dict[str, Any]) -> bool:
    return _kind(found) == _kind(settings) and all(
        found.get(key) == value
        for key, value in json.loads(json.dumps(settings)).items()
        if key not in ("plan", "ranking")
    )


def _aged(found: dict[str, Any], settings: dict[str, Any]) -> bool:
    """Is it a run of the same kind, but of another number of the schema?"""
    kind, _, number = str(settings.get("schema", "")).rpartition("/")
    other, _, another = str(found.get("schema", "")).rpartition("/")
    return kind == other and number != another


def _kind(settings: dict[str, Any]) -> list[bool]:
    return [key in settings for key in KINDS]


def _unlike(found: dict[str, Any], settings: dict[str, Any]) -> str:
    """What a folder's run has and the one that was asked for has not."""
    if _kind(found) != _kind(settings):
        return "it is of another command"
    if _aged(found, settings):
        return "it is of another version of Headstart"
    asked: dict[str, Any] = json.loads(json.dumps(settings))
    one, other = found.get("settings") or {}, asked.get("settings") or {}
    names = [name for name in other if one.get(name) != other[name]]
    if names:
        return f"{', '.join(names)} differ"
    data = found.get("fingerprint") != asked.get("fingerprint")
    return "the data differ" if data else "the bases or versions differ"


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
