"""Seeds of many cells: the arms of a run on each, with twelve seeds, kept for `looking.py`.

    python benchmarks/seeds.py --data DIR --out DIR [--weights DIR] [--minutes 6] [--seeds 12]

DIR of --data holds `image_classification` and `text_classification`, --weights folders of real weights. Each
set × base × labels a class: the arms of a run, planned for so many minutes and then trained with all seeds,
for three epochs at most, one thread; of some heads alone, on the base and on random weights. A file a cell,
and what is in OUT is not trained again. Test examples are the set's own, at most 200; labels are taken from
the rest by a fixed shuffle.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from measuring import machine

from headstart import adaptation, partial
from headstart.adaptation import Recipe, train_arm
from headstart.bench import Bench
from headstart.runs import open_run
from headstart.runtime import Clock, Silent
from headstart.settings import Settings
from headstart.story import Run, planned
from headstart.tasks.baselines import base as baselines
from headstart.types import Splits

Looks = list[tuple[np.ndarray, np.ndarray]]

PICTURES, TEXTS = "image_classification", "text_classification"
IMAGES = ("hymenoptera", "trashnet", "sign_digits")
WORDS = ("trec6", "sst2", "subjectivity", "tweeteval_irony")
SIZES = (10, 30)
WHOLE = {PICTURES: ("builtin/glyphs", "builtin/vision-s"), TEXTS: ("builtin/glove-50d",)}
"""Small enough for training all of them with every seed."""
HEADS = {PICTURES: ("builtin/vision-m", "builtin/efficientnet-lite0"), TEXTS: ("builtin/minilm",)}
"""Of which heads are compared: on the base, and on the same network with random weights."""
SETS = {PICTURES: IMAGES, TEXTS: WORDS}
STRATEGIES = ("frozen", "finetune")
REAL = ("mobilenet_v2_imagenet", "squeezenet1_1_imagenet")
"""Of --weights, on pictures."""
TEST = 200
"""Examples at most."""
CLASSES = 10
EPOCHS = 3
"""Of an arm at most."""
SIDES = ("train", "val", "test")


@dataclass(frozen=True)
class Cell:
    """One base on one set with so many labels a class."""

    kind: str
    set: str
    base: str
    labels: int
    whole: bool
    """Are all arms trained, or heads only?"""

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.set}-{Path(self.base).name}-{self.labels}{'' if self.whole else '-heads'}"


def main() -> None:
    """Train every cell that has no file yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=6.0, help="that a run would have")
    parser.add_argument("--seeds", type=int, default=12)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    train(asked)
    print(f"\n{machine()}")


def cells(asked: argparse.Namespace) -> Iterator[Cell]:
    """All of them, the cheap ones first."""
    real = {PICTURES: [str(asked.weights / name) for name in REAL] if asked.weights else [], TEXTS: []}
    for labels in SIZES:
        for kind, sets in SETS.items():
            bases = [*WHOLE[kind], *HEADS[kind], *real[kind]]
            yield from (Cell(kind, one, base, labels, whole=False) for base in bases for one in sets)
    for labels in SIZES:
        for kind, sets in SETS.items():
            yield from (Cell(kind, one, base, labels, whole=True) for base in WHOLE[kind] for one in sets)


def train(asked: argparse.Namespace) -> None:
    """Every cell that has no file yet."""
    torch.set_num_threads(1)
    for cell in cells(asked):
        path = asked.out / f"{cell.name}.npz"
        if path.exists():
            continue
        clock = Clock()
        try:
            found = trained(cell, asked)
        except Exception:  # a cell that cannot be trained is told, and missing
            traceback.print_exc()
            continue
        np.savez_compressed(path, **found)
        print(cell.name, f"{clock.elapsed():.0f} s", file=sys.stderr, flush=True)


def trained(cell: Cell, asked: argparse.Namespace) -> dict[str, np.ndarray]:
    """Test scores, validation and seconds of each arm and seed; units."""
    folder = asked.out / "work" / cell.name
    data = pictures(cell, asked) if cell.kind == PICTURES else texts(cell, asked)
    shutil.rmtree(folder, ignore_errors=True)
    strategies = STRATEGIES if cell.whole else ("frozen",)
    settings = Settings(data, task=cell.kind, base=(cell.base,), strategy=strategies, out=folder)
    settings = replace(settings, minutes=asked.minutes)
    clock = Clock(asked.minutes)
    beginning = partial.opened(settings, Silent())
    settings = partial.resolved(settings, beginning.task)
    run = Run(settings, open_run(folder, cell.name, {}), clock, Silent())
    work = planned(beginning, run)
    clock.budget = float("inf")  # planned for these minutes, but no seed is cut short
    recipes = {name: shorter(recipe) for name, recipe in work.plan.recipes.items()}
    alone = replace(work.plan, threads=1, processes=1)
    plan = replace(alone, seeds=asked.seeds, first=asked.seeds, curve_seeds=0, recipes=recipes)
    bench, splits, place = work.bench, work.splits, run.folder.work
    arms = adaptation.adapt(bench, splits, plan, strategies, place)
    references = {"reinit": "frozen", "scratch": "scratch"} if cell.whole else {"reinit": "frozen"}
    arms += [train_arm(name, how, bench, splits, plan, place) for name, how in references.items()]
    found = {"units": bench.examples.units[splits.test]}
    for arm in arms:
        rows = [one.job.validation for one in arm.fitted]
        tests = [adaptation.outputs(one, bench, splits.test) for one in arm.fitted]
        found |= kept(arm.name, bench, splits, list(zip(arm.validation, rows, strict=True)), tests)
        found[f"{arm.name}.seconds"] = np.array([one.seconds for one in arm.fitted])
    for name in bench.task.baselines:
        dull = [(baselines.get(name).fit(bench, draw.train), draw.validation) for draw in draws(splits, plan)]
        looked = [(one.outputs(rows), rows) for one, rows in dull]
        found |= kept(name, bench, splits, looked, [one.outputs(splits.test) for one, _ in dull])
    return found | {"names": np.array([*(arm.name for arm in arms), *bench.task.baselines])}


def draws(splits: Splits, plan: adaptation.Plan) -> list[adaptation.Draw]:
    """The rows of every seed."""
    return adaptation.draws(splits, plan.seeds, plan.seed)


def kept(name: str, bench: Bench, splits: Splits, looked: Looks, tests: Sequence[np.ndarray]) -> dict:
    """Scores of an arm, by what the file calls them."""
    right, score = bench.examples.answers, bench.task.score
    validation = [score.of(outputs, right[rows]).mean() for outputs, rows in looked]
    test = [score.of(outputs, right[splits.test]) for outputs in tests]
    return {f"{name}.validation": np.array(validation), f"{name}.test": np.array(test, dtype=np.float32)}


def shorter(recipe: Recipe) -> Recipe:
    """At most so many epochs, so that all the seeds can be trained."""
    return replace(recipe, epochs=min(recipe.epochs, EPOCHS), views=min(recipe.views, 2))


def pictures(cell: Cell, asked: argparse.Namespace) -> Path:
    """Links to so many pictures a class in `train`, and to the set's own in `test`."""
    target = asked.out / "data" / f"{cell.set}-{cell.labels}"
    source = asked.data / PICTURES / cell.set
    own = "test" if (source / "test").is_dir() else "val"
    for folder in sorted((source / own).iterdir())[:CLASSES]:
        rest = [
            file for side in SIDES if side != own for file in sorted((source / side / folder.name).glob("*"))
        ]
        random.Random(0).shuffle(rest)
        test = sorted(folder.iterdir())
        for side, files in (("test", test[: TEST // CLASSES * 2]), ("train", rest[: cell.labels])):
            (target / side / folder.name).mkdir(parents=True, exist_ok=True)
            for file in files:
                link = target / side / folder.name / f"{file.parent.parent.name}-{file.name}"
                if not link.exists():
                    link.hardlink_to(file) if file.stat().st_dev == target.stat().st_dev else copied(
                        file, link
                    )
    return target


def copied(file: Path, to: Path) -> None:
    """The file's bytes."""
    to.write_bytes(file.read_bytes())


def texts(cell: Cell, asked: argparse.Namespace) -> Path:
    """The same of a set of texts: two tables."""
    target = asked.out / "data" / f"{cell.set}-{cell.labels}"
    target.mkdir(parents=True, exist_ok=True)
    source = asked.data / TEXTS / cell.set
    for side, most in (("train", cell.labels), ("test", 0)):
        with (source / f"{side}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        random.Random(0).shuffle(rows)
        taken: dict[str, int] = {}
        kept = []
        for row in rows:
            taken[row["label"]] = taken.get(row["label"], 0) + 1
            if not most or taken[row["label"]] <= most:
                kept.append(row)
        with (target / f"{side}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(kept if most else kept[:TEST])
    return target


if __name__ == "__main__":
    main()
