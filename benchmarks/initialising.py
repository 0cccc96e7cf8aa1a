"""What a network gains from weights of a wider one: ten labels a class, equal epochs, the same rows.

    python benchmarks/initialising.py --data DIR --weights DIR [--seeds 5] [--epochs 20] [--quick]

`own` is MobileNetV2 from its own ImageNet weights (`mobilenet_v2_imagenet` in --weights), `sliced` one of
half the width from evenly spaced elements of them, `random` that narrow network from random weights; `grey`
is the same in one channel. All are trained at every layer for the same epochs at 96 pixels, on the same
rows of a seed, drawn anew for each. The learning rate of each arm is raced on the first seed's rows, of
which a fifth is held out for that; nothing else is chosen: the running average of the weights is kept.
Accuracy is on the test split. Intervals are over seeds and test images, and differences are paired in both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import timm
import torch
from measuring import machine, opened, table
from torch import Tensor, nn

from headstart.adaptation import Job, fit, outputs, race, strategy_named
from headstart.adaptation.base import Recipe
from headstart.bases import load_base
from headstart.bases.base import Base
from headstart.bases.networks.transplant import transplant
from headstart.bench import Bench
from headstart.runtime import using_threads
from headstart.types import FloatArray, IntArray, Splits
from headstart.verification import interval_of

SETS = ("hymenoptera", "trashnet", "sign_digits")
WIDE, NARROW = "mobilenet_v2_imagenet", "mobilenetv2_050"
NOBODY: IntArray = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Start:
    """One arm: a network and where its weights come from."""

    name: str
    base: Callable[[Path], Base]
    """Given the folder of the wide network's weights."""
    strategy: str


def sliced(weights: Path) -> Base:
    return load_base(f"{NARROW}@{weights}")


def grey(weights: Path) -> Base:
    """The narrow network with one channel, sliced from the wide one: of a picture it sees the mean colour."""
    colour, wide = sliced(weights), load_base(str(weights))

    def build(_size: int | None) -> nn.Module:
        network = timm.create_model(NARROW, num_classes=0, in_chans=1, **colour.architecture.args)
        return nn.Sequential(Grey(), network)

    state, receipt = transplant(wide.state, build(None)[1], torch.randn(1, 1, 96, 96))
    assert receipt.fraction == 1
    card = replace(colour.card, stages=tuple(f"1.{stage}" for stage in colour.card.stages))
    named = {f"1.{name}": value for name, value in state.items()}
    return replace(colour, build=build, state=named, receipt=receipt, card=card)


class Grey(nn.Module):
    """(n, 3, s, s) -> (n, 1, s, s)."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(1, keepdim=True)


ALL = (
    Start("own (width 1.0)", lambda weights: load_base(str(weights)), "warm_init"),
    Start("sliced (width 0.5)", sliced, "warm_init"),
    Start("random (width 0.5)", sliced, "scratch"),
    Start("grey, sliced (width 0.5)", grey, "warm_init"),
    Start("grey, random (width 0.5)", grey, "scratch"),
    Start("vision-s", lambda _: load_base("builtin/vision-s"), "warm_init"),
    Start("vision-s, random", lambda _: load_base("builtin/vision-s"), "scratch"),
)
DIFFERENCES = (
    ("sliced (width 0.5)", "random (width 0.5)"),
    ("grey, sliced (width 0.5)", "grey, random (width 0.5)"),
    ("own (width 1.0)", "sliced (width 0.5)"),
    ("vision-s", "vision-s, random"),
)
"""Which arm less which, by name."""


def main() -> None:
    """Print the tables."""
    asked = arguments()
    print(machine() + "\n")
    found = {}
    with using_threads(asked.threads):
        for name in asked.sets:
            folder = asked.data / "image_classification" / name
            folder = folder if folder.is_dir() else asked.data / name
            found[name] = {start.name: measured(folder, start, asked) for start in asked.starts}
    print(table(["set", "start", "learning rate", "accuracy (95 %)", "test images"], accuracies(found)))
    print()
    print(table(["set", "difference", "points (95 %)"], differences(found)))
    print(
        f"\n{asked.seeds} seeds, {asked.per_class} labels a class, {asked.epochs} epochs, {asked.size} pixels"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--starts", nargs="*", default=[""], help="those whose names begin so; all if none")
    parser.add_argument("--seeds", type=int, default=5, help="at least 2: the intervals are over them too")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--per-class", type=int, default=10)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--quick", action="store_true", help="that it works: one set, two seeds, few epochs")
    asked = parser.parse_args()
    if asked.quick:
        asked.sets, asked.seeds, asked.epochs, asked.size = asked.sets[:1], 2, 3, 64
    asked.starts = [one for one in ALL if one.name.startswith(tuple(asked.starts))]
    if asked.seeds < 2:
        parser.error("--seeds has to be 2 at least")
    return asked


@dataclass(frozen=True)
class Measured:
    """One arm on one set."""

    rate: float
    scores: FloatArray
    """(seeds, n) 1 where a test image is right, else 0."""


def measured(folder: Path, start: Start, asked: argparse.Namespace) -> Measured:
    """Race the rate, then fit every seed."""
    with tempfile.TemporaryDirectory() as place:
        bench, splits = opened(folder, str(asked.weights / WIDE), Path(place) / "cache")
        bench = bench.with_base(start.base(asked.weights / WIDE))
        rows = [drawn(bench, splits, asked.per_class, seed) for seed in range(asked.seeds)]
        recipe = Recipe(epochs=asked.epochs, batch=16, size=asked.size)
        held = np.concatenate([rows[0][one :: asked.per_class] for one in range(asked.per_class // 5)])
        first = Job("arm", strategy_named(start.strategy), 0, recipe, np.setdiff1d(rows[0], held), held)
        recipe = race(first, bench, Path(place), float("inf"))
        scores = []
        for seed, train in enumerate(rows):
            job = Job("arm", strategy_named(start.strategy), 0, recipe, train, NOBODY, number=seed)
            found = outputs(fit(job, bench, Path(place)), bench, splits.test)
            scores.append(bench.task.score.of(found, bench.examples.answers[splits.test]))
            print(f"{folder.name}: {start.name}: seed {seed}: {scores[-1].mean():.3f}", file=sys.stderr)
    return Measured(recipe.rate, np.stack(scores))


def drawn(bench: Bench, splits: Splits, per_class: int, seed: int) -> IntArray:
    """Rows of training and validation, so many of each class, class by class; the same for every arm."""
    pool = np.concatenate([splits.train, splits.validation])
    draws = np.random.default_rng(seed)
    targets = bench.examples.answers[pool]
    return np.concatenate(
        [draws.permutation(pool[targets == one])[:per_class] for one in range(len(bench.examples.categories))]
    )


def accuracies(found: dict[str, dict[str, Measured]]) -> list[list[object]]:
    """One row an arm."""
    rows = []
    for name, arms in found.items():
        for start, arm in arms.items():
            span = interval_of(arm.scores)
            accuracy = f"{arm.scores.mean():.3f} ({span.low:.3f} to {span.high:.3f})"
            rows.append([name, start, f"{arm.rate:g}", accuracy, arm.scores.shape[1]])
    return rows


def differences(found: dict[str, dict[str, Measured]]) -> list[list[object]]:
    """One row a pair of arms."""
    rows = []
    for name, arms in found.items():
        for one, other in DIFFERENCES:
            if not {one, other} <= arms.keys():
                continue
            gain = arms[one].scores - arms[other].scores
            span, points = interval_of(gain), 100 * gain.mean()
            said = f"{points:+.1f} ({100 * span.low:+.1f} to {100 * span.high:+.1f})"
            rows.append([name, f"{one} − {other}", said])
    return rows


if __name__ == "__main__":
    main()
