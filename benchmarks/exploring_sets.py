"""The sets that `exploring.py` is about: each on a base, its labels read to measure only.

Sets come from the shared data, two of small digits are written as pictures first. DEVELOPED are those that
rules were chosen on; the others only check them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

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
    classes: int | None = None
    """Only the first so many, by name."""


SETS = {
    "hymenoptera": Place("data/image_classification/hymenoptera", PHOTOS),
    "trashnet": Place("data/image_classification/trashnet", PHOTOS),
    "sign_digits": Place("data/image_classification/sign_digits", PHOTOS),
    "mnist": Place("data/domain_adaptation/mnist_to_mnistm/mnist", PHOTOS),
    "trec6": Place("data/text_classification/trec6", TEXTS),
    "banking77": Place("data/text_classification/banking77", TEXTS),
    "subjectivity": Place("data/text_classification/subjectivity", TEXTS),
    "sst2": Place("data/text_classification/sst2", TEXTS),
    "fsdd": Place("data/speech/fsdd", SOUND),
    "tinyimagenet": Place("data/image_classification/tinyimagenet100a.zip", PHOTOS, classes=20),
    "mnistm": Place("data/domain_adaptation/mnist_to_mnistm/mnistm", PHOTOS),
    "usps": Place("data/domain_adaptation/mnist_usps_16x16/usps.npz", PHOTOS),
    "digits": Place("", PHOTOS),
    "irony": Place("data/text_classification/tweeteval_irony", TEXTS),
    "fsdd speakers": Place("data/speech/fsdd", SOUND, column="speaker"),
}
DEVELOPED = ("hymenoptera", "trashnet", "sign_digits", "trec6", "banking77", "subjectivity", "fsdd")


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
        folder = _written(name, Path(home)) if name in ("usps", "digits") else SHARED / place.folder
        asked = Asked(str(folder), base=(located(place.base),), labels=place.column)
        begun = begin(asked, Silent())
        labels = np.array(labels_of(begun, asked), dtype=object)
        wanted = np.flatnonzero(np.isin(labels, np.unique(labels)[: place.classes]))
        rows = wanted[space.evenly(len(wanted), most)]
        examples = begun.splits.examples.only(rows)
        right = np.unique(labels[rows], return_inverse=True)[1].astype(np.int64)
        passes = FrozenPass(Cache(), detect(Clock(), Silent()))
        loaded = begun.task.suited(load_base(located(place.base)), examples, list(range(len(rows))))
        bench = Bench(begun.task.shown_as(loaded.preprocess), examples, np.arange(len(rows)), loaded, passes)
        yield Case(bench, right)


def _written(name: str, home: Path) -> Path:
    """Small digits as pictures in class folders."""
    if name == "usps":
        with np.load(SHARED / SETS[name].folder) as held:
            grey, labels = 255 * held["x"], held["y"]
    else:
        known = load_digits()
        grey, labels = known.images * 255 / 16, known.target
    for row, (one, label) in enumerate(zip(grey, labels, strict=True)):
        folder = home / str(label)
        folder.mkdir(exist_ok=True)
        Image.fromarray(np.rint(one).astype(np.uint8)).save(folder / f"{row}.png")
    return home
