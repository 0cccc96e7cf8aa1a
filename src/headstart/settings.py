"""What a run is asked for, checked at the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import registry, workers
from .errors import SettingsError, UnknownName
from .options import Given
from .version import VERSION

if TYPE_CHECKING:
    from .bases.base import Base
    from .data.reading import Reading

SCHEMA = "headstart/settings/2"


@dataclass(frozen=True)
class Settings:
    """One run; raises SettingsError or UnknownName when a value cannot be."""

    data: Any
    """A folder, or a DataFrame."""
    task: str | None = None
    base: tuple[str, ...] = ()
    strategy: tuple[str, ...] = ()
    """None: those that are usual for the task."""
    minutes: float | None = None
    seed: int = 0
    group: str | None = None
    out: Path | None = None
    margin: float = 0.5
    """Points: a smaller difference is none in practice."""
    max_error: float = 5.0
    """Percent of a bundle's answers that may be wrong: below the probability for that it abstains."""
    plan: dict[str, Any] | None = None
    """Of an earlier run, to repeat it bit for bit."""
    ranking: dict[str, Any] | None = None
    """Of an earlier run, whose choice is taken."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our names of columns to the data's own."""
    head: str | None = None
    """For places in pictures, where it is not the one that is usual or that comes with the base."""
    options: Given = field(default_factory=dict)
    """What `--set` typed, by name: the parts that have them check them."""
    on: str | None = None
    """Where jobs run; None: as HEADSTART_ON says, else on this machine. It changes no bit of a result."""

    def __post_init__(self) -> None:
        workers.place(self.place).require(self.place)
        if self.minutes is not None and not 0 < self.minutes < 100_000:
            raise SettingsError(
                f"--minutes must be above 0 and below 100000, got {self.minutes:g}",
                "leave it out for a default",
            )
        if not 0 <= self.margin < 100:
            raise SettingsError(
                f"--margin must be from 0 to below 100 points, got {self.margin}", "0.5 is usual"
            )
        if not 0 < self.max_error <= 100:
            raise SettingsError(
                f"--max-error must be above 0 and at most 100 percent, got {self.max_error}", "5 is usual"
            )
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"--seed must be from 0 to 2147483647, got {self.seed}", "choose another")
        known = registry.names("adaptation")
        for name in self.strategy:
            if name not in known:
                raise UnknownName(f"no strategy called `{name}`", registry.nearest(name, known))
        heads = registry.names("heads")
        if self.head is not None and self.head not in heads:
            raise UnknownName(f"no head called `{self.head}`", registry.nearest(self.head, heads))
        if len(set(self.strategy)) < len(self.strategy):
            raise SettingsError(
                f"expected different strategies, got {', '.join(self.strategy)}", "name each once"
            )
        if "scratch" in self.strategy:
            raise SettingsError(
                "`scratch` is a reference, not a transfer", "leave it out: it always runs beside the others"
            )

    @property
    def place(self) -> str:
        """Where jobs run."""
        return self.on or workers.usual()

    @property
    def reading(self) -> Reading:
        """How the data are read."""
        from .data.reading import Reading

        return Reading(self.group, self.columns, self.options)

    @property
    def name(self) -> str:
        """Of the data, for a folder under `runs/`."""
        return Path(self.data).resolve().name if isinstance(self.data, str | Path) else "data"

    def identity(self, fingerprint: str, bases: Sequence[Base]) -> dict[str, object]:
        """What `settings.json` opens with: two runs with the same identity are the same run."""
        return {
            "schema": SCHEMA,
            "headstart": VERSION,
            "settings": {
                "data": str(self.data) if isinstance(self.data, str | Path) else None,
                "task": self.task,
                "base": list(self.base),
                "strategy": list(self.strategy),
                "minutes": self.minutes,
                "seed": self.seed,
                "group": self.group,
                "columns": dict(self.columns),
                "margin": self.margin,
                "max_error": self.max_error,
                "head": self.head,
                "options": dict(self.options),
            },
            "fingerprint": f"sha256:{fingerprint}",
            "bases": {base.name: base.card.sha256 for base in bases},
            **({"plan": self.plan} if self.plan else {}),
            **({"ranking": self.ranking} if self.ranking else {}),
        }


def _require_current(path: Path, found: dict[str, Any]) -> None:
    """Raises SettingsError: another version wrote the file, which drew its seeds in another way."""
    schema = found.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise SettingsError(
            f"{path} is of {schema}, this Headstart reads {SCHEMA}: they draw their seeds in different ways, "
            "so that the run would not repeat",
            "type its command again, which gives a new run",
        )


def read(path: Path, out: Path | None = None) -> Settings:
    """The settings of a `settings.json`, for another run folder.

    Raises:
        SettingsError: the file is not one, or one of another version.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if "targets" in found:
            raise SettingsError(f"{path} is of a run of several targets", "type its command again")
        if "domains" in found:
            raise SettingsError(f"{path} is of a run across domains", "type its command again")
        plain: dict[str, Any] = dict(found["settings"])
        if "folds" in (plain.get("options") or {}):
            raise SettingsError(
                f"{path} is of a run in folds, each with its own plan", "type its command again"
            )
        _require_current(path, found)
        plain |= {"base": tuple(plain["base"]), "strategy": tuple(plain["strategy"])}
        plain |= {name: dict(plain.get(name, {})) for name in ("columns", "options")}
        if plain["data"] is None:
            raise SettingsError(
                f"the run of {path} had a DataFrame, which it did not keep", "call hs.run with it"
            )
        ranking = found.get("ranking")
        if ranking:  # the others need not be at hand any more
            plain["base"] = (ranking["chosen"]["base"],)
        return Settings(**plain, out=out, plan=found.get("plan"), ranking=ranking)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is not a settings file: {error}", "give a run's settings.json") from None
