"""What a pre-training is asked for, checked at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .. import registry, workers
from ..bases.formats.locate import locate
from ..errors import SettingsError
from ..options import Given
from ..runtime import HERE
from ..sources import Sources
from ..tasks.base import Task
from ..version import VERSION

SCHEMA = "headstart/pretrain/1"
FITTED = "fitted"
"""In the place of a method, where a whole model is fitted at once."""


@dataclass(frozen=True)
class Asked:
    """One pre-training; raises SettingsError or UnknownName when a value cannot be."""

    data: tuple[Any, ...]
    out: Path
    task: str
    method: str
    base: str | None = None
    """To continue from."""
    architecture: str | None = None
    """To start from scratch."""
    size: int | None = None
    """Input side of pictures, pixels; that of the base where none is given."""
    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0
    probe: Any = None
    """Labelled data, looked at but not trained on."""
    licence: str | None = None
    """Of the weights, as the one who made them says."""
    devices: int = 1
    """Processes that train together."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our names of columns to the data's own."""
    options: Given = field(default_factory=dict)
    """What `--set` typed, by name."""
    on: str = HERE
    """Where it is done; it may go on elsewhere."""

    def __post_init__(self) -> None:
        require_some(self.data)
        workers.place(self.on).require(self.on)
        if self.method == FITTED:
            self._require_alone()
            return
        if (self.base is None) == (self.architecture is None):
            raise SettingsError(
                "give a base to continue from or an architecture to start from scratch, not both",
                "for instance --base builtin/vision-s, or --architecture timm/resnet10t",
            )
        if self.size is not None and not 16 <= self.size <= 1024:
            raise SettingsError(
                f"--size must be from 16 to 1024 pixels, got {self.size}", "64 to 224 is usual"
            )
        if self.epochs is not None and self.epochs < 1:
            raise SettingsError(
                f"--epochs must be at least 1, got {self.epochs}", "leave it out for a default"
            )
        if self.minutes is not None and not 0 < self.minutes < 100_000:
            raise SettingsError(
                f"--minutes must be above 0 and below 100000, got {self.minutes:g}",
                "leave it out for a default",
            )
        if not 1 <= self.devices <= 1024:
            raise SettingsError(f"--devices must be at least 1, got {self.devices}", "leave it out for one")
        if not 0 <= self.seed < 2**31:
            raise SettingsError(f"--seed must be from 0 to 2147483647, got {self.seed}", "choose another")
        method = registry.get("pretraining", self.method)
        self._require_fitting(registry.get("tasks", self.task), method)
        if len(self.data) > 1 and not method.labelled:
            raise SettingsError(
                f"`{self.method}` takes one folder of files, got {len(self.data)}",
                "put the folders into one; several data sets are for labels",
            )

    def _require_alone(self) -> None:
        """Raises SettingsError: something was asked for that a model which is fitted at once has not."""
        told = {
            "--base": self.base,
            "--architecture": self.architecture,
            "--size": self.size,
            "--epochs": self.epochs,
            "--probe": self.probe,
            "--devices": None if self.devices == 1 else self.devices,
        }
        if given := [name for name, value in told.items() if value is not None]:
            raise SettingsError(f"{self.task} is fitted at once: it takes no {given[0]}", "leave it out")
        if len(self.data) > 1:
            raise SettingsError(
                f"{self.task} is learned from one data set, got {len(self.data)}",
                "make one table of them, or a base of each",
            )

    def _require_fitting(self, task: Task, method: Any) -> None:
        """Raises SettingsError: something that was asked for is for another kind of data."""
        kind = task.modality.name
        if kind not in method.modalities:
            known = {name: registry.get("pretraining", name) for name in registry.names("pretraining")}
            fitting = [name for name, one in known.items() if kind in one.modalities]
            raise SettingsError(
                f"the method `{self.method}` is for {' and '.join(method.modalities)}, the data are {kind}",
                f"use --method {' or '.join(fitting)}",
            )
        if method.labelled and not task.answer.classes and task.answer.headed != "none":
            raise SettingsError(
                f"the method `{self.method}` needs one class for each example, {self.task} has none",
                f"leave --method out, or name another --task for {kind} data",
            )
        if self.size is not None and kind != "image":
            raise SettingsError(
                f"--size is for pictures, the data are for {kind}",
                "leave it out: texts are as long as they are",
            )
        if self.probe is not None and not task.answer.classes:
            raise SettingsError(
                f"--probe needs labels, {self.task} has none", "leave it out: the validation loss is watched"
            )

    def identity(self, sources: Sources | None) -> dict[str, object]:
        """What `settings.json` opens with: equal for the same pre-training, of the same sources."""
        plain = {**asdict(self), "data": [_name(one) for one in self.data], "out": None}
        del plain["on"]
        plain["probe"] = None if self.probe is None else _name(self.probe)
        prints = [f"sha256:{one.fingerprint}" for one in (sources.splits if sources else ())]
        return {"schema": SCHEMA, "headstart": VERSION, "pretrain": plain, "fingerprints": prints}


def require_some(data: tuple[object, ...]) -> None:
    """Raises SettingsError: no data set was named."""
    if not data:
        raise SettingsError("there is nothing to pre-train on", "give one or more data folders")


def usual(task: str, labelled: bool, start: str) -> str:
    """The method that is used where none is named, with a base or architecture to start from.

    Raises:
        HeadstartError: there is no such base.
    """
    wanted = registry.get("tasks", task)
    if (wanted.answer.classes and labelled) or wanted.answer.headed == "none":
        return "supervised"
    if wanted.modality.name != "text":
        return "vicreg"
    args = locate(start, wanted.modality.name).architecture.args
    return "causal" if args.get("pooling") == "last" else "masked"


def _name(data: Any) -> str | None:
    return str(data) if isinstance(data, str | Path) else None
