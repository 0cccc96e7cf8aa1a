"""Tiny pre-trainings here: a small ResNet at 32 pixels, one epoch of two steps on a few pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from headstart import data as stage
from headstart.pretraining import Asked, pretrain
from headstart.runtime import Reporter, Silent
from headstart.sources import Sources
from headstart.targets import of_classes
from headstart.tasks.image_classification import plugin as images
from headstart.types import Examples, Splits
from pictures import write_folder

ARCHITECTURE = "timm/test_resnet"
SCRATCH: tuple[object, ...] = ("--architecture", ARCHITECTURE, "--size", 32)
"""The same on the command line."""


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Two steps an epoch, speed measured on one step, and the same bits each time."""
    patch.setattr("headstart.adaptation.training.loop.MIN_STEPS", 2)
    patch.setattr("headstart.pretraining._plan.MIN_STEPS", 2)
    patch.setattr("headstart.pretraining._plan.PROBED", 1)
    patch.setattr("headstart.pretraining._plan.ADVANTAGE", float("inf"))  # in full precision
    torch.set_num_threads(1)


@dataclass(frozen=True)
class Base:
    """A base folder that was made, and what was said of it."""

    folder: Path
    record: dict[str, Any]

    @property
    def weights(self) -> bytes:
        return (self.folder / "model.safetensors").read_bytes()

    def read(self, name: str) -> Any:
        """One of its JSON files."""
        return json.loads((self.folder / name).read_text("utf-8"))


def asked(data: Any, out: Path, method: str = "supervised", **changes: Any) -> Asked:
    """One epoch from scratch, unless a base is given."""
    usual: dict[str, Any] = {"task": "image_classification", "epochs": 1}
    if "base" not in changes:
        usual |= {"architecture": ARCHITECTURE, "size": 32}
    return Asked(
        data=tuple(data) if isinstance(data, list) else (data,),
        out=out,
        method=method,
        **{**usual, **changes},
    )


def make(
    data: Any, out: Path, method: str = "supervised", reporter: Reporter | None = None, **changes: Any
) -> Base:
    """Pre-train so."""
    voice = reporter or Silent()
    return Base(*pretrain(asked(data, out, method, **changes), voice))


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three classes of six pictures: read it, do not change it."""
    return write_folder(tmp_path_factory.mktemp("data") / "photos", per_class=6)


@pytest.fixture(scope="session")
def others(tmp_path_factory):
    """Two classes of eight other pictures."""
    return write_folder(
        tmp_path_factory.mktemp("data") / "others", classes=("disc", "box"), per_class=8, seed=1
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def sources(*targets: list[int], validation: int = 1) -> Sources:
    """Data sets of these targets without pictures; the last rows of each are validation."""
    return Sources(
        images,
        tuple(f"set{number}" for number in range(len(targets))),
        tuple(_splits(number, own, validation) for number, own in enumerate(targets)),
    )


def digests(splits: Splits, *parts: str) -> set[str]:
    """Of the examples of some parts of the splits."""
    return {splits.examples.digests[row] for part in parts for row in getattr(splits, part)}


def loaded(folder: Path, seed: int = 0) -> Splits:
    """A labelled folder as `run` reads it."""
    return stage.load(folder, images, seed)


def _splits(number: int, targets: list[int], validation: int) -> Splits:
    n = len(targets)
    rows = np.arange(n)
    examples = Examples(
        names=tuple(f"{row}.png" for row in rows),
        sources=(b"",) * n,
        digests=tuple(f"{number:02x}{row:062x}" for row in rows),
        targets=of_classes(
            np.array(targets, dtype=np.int64), [f"class {label}" for label in range(max(targets) + 1)]
        ),
    )
    parts = (rows[: n - validation], rows[n - validation :], rows[:0])
    return Splits(examples, *parts, (), (), f"{number}", False)
