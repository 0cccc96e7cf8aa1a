"""The sets that `exploring.py` is about: each on a base, its labels read to measure only.

Sets come from the shared data; those that are no folders there (an archive, arrays of small digits) are
written as class folders first.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.exploration import Asked, space
from headstart.exploration._begin import begin
from headstart.exploration._labels import labels_of
from headstart.exploration.proof import without_pretraining
from headstart.runtime import Clock, Silent, detect
from headstart.types import FloatArray, IntArray

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
PHOTOS, TEXTS, SOUND = "weights/mobilenet_v2_imagenet", "builtin/minilm", "builtin/whisper-tiny-en"


@dataclass(frozen=True)
class Place:
    """Where a set lies, and what it is looked at with."""

    folder: str
    base: str
    column: str = "label"
    most: int = 2_000
    """Examples that are looked at."""


SETS = {
    "hymenoptera": Place("data/image_classification/hymenoptera", PHOTOS),
    "trashnet": Place("data/image_classification/trashnet", PHOTOS),
    "sign_digits": Place("data/image_classification/sign_digits", PHOTOS),
    "mnist": Place("data/domain_adaptation/mnist_to_mnistm/mnist", PHOTOS, most=1_000),
    "trec6": Place("data/text_classification/trec6", TEXTS),
    "banking77": Place("data/text_classification/banking77", TEXTS),
    "subjectivity": Place("data/text_classification/subjectivity", TEXTS),
    "sst2": Place("data/text_classification/sst2", TEXTS),
    "fsdd": Place("data/speech/fsdd", SOUND),
    "tinyimagenet": Place("data/image_classification/tinyimagenet100a.zip", PHOTOS),
    "mnistm": Place("data/domain_adaptation/mnist_to_mnistm/mnistm", PHOTOS, most=1_000),
    "usps": Place("data/domain_adaptation/mnist_usps_16x16/usps.npz", PHOTOS, most=1_000),
    "digits": Place("", PHOTOS, most=1_000),
    "irony": Place("data/text_classification/tweeteval_irony", TEXTS),
    "fsdd speakers": Place("data/speech/fsdd", SOUND, column="speaker"),
}
CLASSES = 20
"""Of the archive: the first by name."""


@dataclass(frozen=True)
class Case:
    """A set on a base."""

    bench: Bench
    right: IntArray
    """(n,) numbers of the labels."""

    @property
    def k(self) -> int:
        return int(self.right.max()) + 1

    def on(self, base: str) -> Case:
        """The same on another base."""
        bench, examples = self.bench, self.bench.examples
        other = bench.task.suited(load_base(located(base)), examples, bench.everything.tolist())
        task = bench.task.shown_as(other.preprocess)
        return replace(self, bench=Bench(task, examples, bench.everything, other, bench.passes))

    def features(self) -> FloatArray:
        return np.asarray(self.bench.summaries(), np.float32)

    def plain(self) -> FloatArray:
        """Pixels, words or levels."""
        plain = without_pretraining(self.bench)
        assert plain is not None
        return np.asarray(plain[1].summaries(), np.float32)


def located(base: str) -> str:
    return str(SHARED / base) if (SHARED / base).is_dir() else base


@contextmanager
def case(name: str, most: int) -> Iterator[Case]:
    """At most so many examples of a set, evenly spread, and their labels."""
    place = SETS[name]
    with tempfile.TemporaryDirectory() as home:
        written = WRITTEN.get(name)
        folder = written(Path(home)) if written else SHARED / place.folder
        asked = Asked(str(folder), base=(located(place.base),), labels=place.column)
        begun = begin(asked, Silent())
        labels = np.array(labels_of(begun, asked), dtype=object)
        rows = space.evenly(len(labels), min(most, place.most))
        examples = begun.splits.examples.only(rows)
        right = np.unique(labels[rows], return_inverse=True)[1].astype(np.int64)
        passes = FrozenPass(Cache(), detect(Clock(), Silent()))
        loaded = begun.task.suited(load_base(located(place.base)), examples, list(range(len(rows))))
        bench = Bench(begun.task.shown_as(loaded.preprocess), examples, np.arange(len(rows)), loaded, passes)
        yield Case(bench, right)


def _usps(home: Path) -> Path:
    with np.load(SHARED / SETS["usps"].folder) as held:
        return _pictures(home, 255 * held["x"], held["y"])


def _digits(home: Path) -> Path:
    held = load_digits()
    return _pictures(home, held.images * 255 / 16, held.target)


def _pictures(home: Path, grey: FloatArray, labels: IntArray) -> Path:
    """Arrays as pictures in class folders."""
    for row, (one, label) in enumerate(zip(grey, labels, strict=True)):
        folder = home / str(label)
        folder.mkdir(exist_ok=True)
        Image.fromarray(np.rint(one).astype(np.uint8)).save(folder / f"{row}.png")
    return home


def _unpacked(home: Path) -> Path:
    """The first classes of the archive."""
    with zipfile.ZipFile(SHARED / SETS["tinyimagenet"].folder) as archive:
        paths = [PurePosixPath(name) for name in archive.namelist() if name.endswith(".JPEG")]
        classes = sorted({path.parent.name for path in paths})[:CLASSES]
        for path in paths:
            if path.parent.name in classes:
                folder = home / path.parent.name
                folder.mkdir(exist_ok=True)
                (folder / path.name).write_bytes(archive.read(str(path)))
    return home


WRITTEN: dict[str, Callable[[Path], Path]] = {"usps": _usps, "digits": _digits, "tinyimagenet": _unpacked}
