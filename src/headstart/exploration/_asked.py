"""What an exploration is asked for, checked at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..data.reading import Reading
from ..errors import SettingsError
from ..explored import MAP, OPTIONS, SCHEMA
from ..options import Given
from ..version import VERSION
from . import maps


@dataclass(frozen=True)
class Asked:
    """One exploration; raises SettingsError when a value cannot be."""

    data: Any
    task: str | None = None
    base: tuple[str, ...] = ()
    seed: int = 0
    out: Path | None = None
    labels: str | None = None
    """The column of labels that groups are compared with once they are found."""
    folders: Path | None = None
    """A new folder for copies of the examples, one folder for each cluster."""
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Given = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"--seed must be from 0 to 2147483647, got {self.seed}", "choose another")
        for option in OPTIONS:
            option.of(self.options)
        maps.require(MAP.of(self.options))
        if self.folders is not None and _taken(self.folders):
            raise SettingsError(f"{self.folders} holds something", "name a new folder with --folders")

    @property
    def reading(self) -> Reading:
        """How the data are read; options of the exploration are not the task's."""
        own = {option.name for option in OPTIONS}
        rest = {name: value for name, value in self.options.items() if name not in own}
        return Reading(columns=self.columns, options=rest)

    @property
    def name(self) -> str:
        """Of the data, for a folder under `runs/`."""
        return Path(self.data).resolve().name if isinstance(self.data, str | Path) else "data"

    def identity(self, fingerprint: str, bases: Mapping[str, str]) -> dict[str, object]:
        """What `settings.json` opens with: equal for the same exploration."""
        return {
            "schema": SCHEMA,
            "headstart": VERSION,
            "explore": {
                "data": str(self.data) if isinstance(self.data, str | Path) else None,
                "task": self.task,
                "base": list(self.base),
                "seed": self.seed,
                "labels": self.labels,
                "columns": dict(self.columns),
                "options": dict(self.options),
            },
            "fingerprint": f"sha256:{fingerprint}",
            "bases": dict(bases),
        }


def _taken(folder: Path) -> bool:
    """Is it there, and a file or a folder with something in it?"""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
