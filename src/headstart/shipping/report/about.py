"""What the folder of a run tells of it beside its result: which data, when, which seed, on what machine.

None of this is in `result.json`, which is the same for equal runs. The report says it in one line, and in the
commands that it proposes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ... import registry
from ...runtime import Runtime
from . import words

MADE = "made"
"""In `settings.json`: when and on what a run was finished."""
_DATE = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class About:
    """Of one run; what nobody wrote down is None."""

    folder: str | None = None
    """Its path, as it was named."""
    data: str | None = None
    """The path of its data, as it was named; None of data in memory."""
    seed: int | None = None
    minutes: float | None = None
    """That were asked for."""
    options: str = ""
    """Of `headstart run`, as they were given: what the run would otherwise choose, or could not know."""
    reading: str = ""
    """Those of them that say what the data are, which other commands take too."""
    ranked: bool = True
    """Can bases be ranked for its task without training?"""
    date: str | None = None
    """When it was finished: `2026-01-31 12:00 UTC`."""
    machine: str | None = None
    """`CPU, 2 threads`."""

    @property
    def line(self) -> list[str]:
        """Date, seed and machine, as far as they are known."""
        seed = None if self.seed is None else f"seed {self.seed}"
        return [part for part in (self.date, seed, self.machine) if part]

    @property
    def name(self) -> str | None:
        """What the data are called."""
        return self.data and (Path(self.data).name or self.data)

    @property
    def run(self) -> str:
        """The folder as a command line takes it."""
        return shlex.quote(self.folder) if self.folder else "RUN"

    @property
    def source(self) -> str:
        """The data as a command line takes them."""
        return shlex.quote(self.data) if self.data else "DATA"


def made(runtime: Runtime, threads: int) -> dict[str, str]:
    """What is written down when a run is finished: its date and its machine."""
    return {"date": datetime.now(UTC).strftime(_DATE), "machine": _machine(runtime.device, threads)}


def about(folder: Path, task: str | None = None) -> About:
    """What a folder tells of a run of a task; files that are missing or broken tell nothing."""
    settings = _read(folder / "settings.json")
    asked, found = _mapping(settings.get("settings")), _mapping(settings.get(MADE))
    minutes = words.number(asked.get("minutes")) or words.number(
        _mapping(settings.get("plan")).get("minutes")
    )
    seed = asked.get("seed")
    known = registry.get("tasks", task) if task in registry.names("tasks") else None
    return About(
        folder=folder.as_posix(),
        data=_text(asked.get("data")),
        seed=seed if isinstance(seed, int) else None,
        minutes=minutes,
        options=_typed([*_reading(asked), *_choosing(asked, list(known.strategies) if known else [])]),
        reading=_typed(_reading(asked)),
        ranked=known is None or known.answer.solver is not None,
        date=_text(found.get("date")) or _written(folder / "evidence.json"),
        machine=_text(found.get("machine")),
    )


def _reading(asked: dict[str, Any]) -> list[tuple[str, object]]:
    """What was said of the data."""
    return [
        ("--task", asked.get("task")),
        *(("--columns", f"{name}={column}") for name, column in _mapping(asked.get("columns")).items()),
        *(("--set", f"{name}={value}") for name, value in _mapping(asked.get("options")).items()),
    ]


def _choosing(asked: dict[str, Any], usual: list[str]) -> list[tuple[str, object]]:
    """What was said of the rest."""
    strategies = [name for name in _listed(asked.get("strategy")) if asked.get("strategy") != usual]
    return [
        *(("--head", asked.get("head")), ("--group", asked.get("group"))),
        *(("--base", base) for base in _listed(asked.get("base"))),
        *(("--strategy", strategy) for strategy in strategies),
    ]


def _typed(options: Sequence[tuple[str, object]]) -> str:
    """As a command line takes them."""
    return " ".join(f"{option} {shlex.quote(value)}" for option, value in options if isinstance(value, str))


def _machine(device: str, threads: int) -> str:
    if device == "cpu":
        return f"CPU, {words.several(threads, 'thread')}"
    import torch

    return torch.cuda.get_device_name()


def _written(file: Path) -> str | None:
    """When a file was written, of a run that does not say when it was finished."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime(_DATE)
    except OSError:
        return None


def _read(file: Path) -> dict[str, Any]:
    try:
        return _mapping(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
