"""The targets of the benchmark: image sets at two sizes each, as folders `train` and `test`.

Which pictures are taken is decided by their content hashes. Both sizes of a set have the same test pictures.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

ZIP = "tinyimagenet100a.zip"
SOURCE_CLASSES = 40
"""Of the zipped set, for each half that bases are pre-trained on."""
TARGET_CLASSES = 10
MOST_TEST = 60
"""Test pictures of a class."""


@dataclass(frozen=True)
class Target:
    """One set at one size."""

    set: str
    per_class: int
    """Pictures to learn from."""

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.set}-{self.per_class}"


TARGETS = (
    *(Target("hymenoptera", size) for size in (30, 90)),
    *(Target("trashnet", size) for size in (20, 60)),
    *(Target("sign_digits", size) for size in (12, 40)),
    *(Target("tiny_third", size) for size in (12, 35)),
    *(Target("tiny_fourth", size) for size in (12, 35)),
)


def unzipped(data: Path, folder: Path) -> Path:
    """The zipped set as a folder."""
    tiny = folder / ZIP.removesuffix(".zip")
    if not tiny.exists():
        zipfile.ZipFile(data / ZIP).extractall(folder)
    return tiny


def classes_of(tiny: Path) -> dict[str, list[str]]:
    """The classes of the zipped set: two halves to pre-train on, and those of two targets."""
    names = sorted(path.name for path in (tiny / "train").iterdir())
    random.Random(0).shuffle(names)  # their order is that of a taxonomy
    middle, end = 2 * SOURCE_CLASSES, 2 * SOURCE_CLASSES + TARGET_CLASSES
    return {
        "first": names[:SOURCE_CLASSES],
        "second": names[SOURCE_CLASSES:middle],
        "tiny_third": names[middle:end],
        "tiny_fourth": names[end : end + TARGET_CLASSES],
    }


def made(target: Target, data: Path, tiny: Path, folder: Path) -> Path:
    """The target's folder, written where it is not there."""
    place = folder / target.name
    if place.exists():
        return place
    for label, files in _files(target, data, tiny).items():
        ordered = sorted(files, key=lambda file: hashlib.sha256(file.read_bytes()).digest())
        largest = max(one.per_class for one in TARGETS if one.set == target.set)
        learned = min(largest, len(ordered) // 2)
        taken = {"train": ordered[: min(target.per_class, learned)], "test": ordered[learned:][:MOST_TEST]}
        for split, some in taken.items():
            (place / split / label).mkdir(parents=True)
            for file in some:
                shutil.copy(file, place / split / label / f"{file.parent.parent.name}-{file.name}")
    return place


def _files(target: Target, data: Path, tiny: Path) -> dict[str, list[Path]]:
    """All pictures by class, whatever split they came in."""
    root = tiny if target.set.startswith("tiny") else data / target.set
    wanted = classes_of(tiny).get(target.set)
    found: dict[str, list[Path]] = {}
    for folder in sorted(root.glob("*/*/")):
        if wanted is None or folder.name in wanted:
            found.setdefault(folder.name, []).extend(sorted(folder.iterdir()))
    return found
