"""What heads cost once the pass is paid: six seeds, cross-validation, and ten configurations.

    python benchmarks/heads.py --data DIR/trashnet --base BASE [--images 2000] [--uncached 2]

After one frozen pass over `--images` images: the six-seed frozen arm (a solved head on 70 % of them,
looked at on the rest), five-fold cross-validation (five more), and a search over ten head configurations
(five transformations of the features, each on all and on every second example).
Without a cache a configuration is five epochs of a linear head on a frozen network in eager mode
(channels_last, batch 16, the same loop as in unfreezing.py): `--uncached` of the ten are run, and their
mean stands for the rest.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measuring import machine, opened, seconds, table
from unfreezing import head_epochs

from headstart.tasks.solvers import linear
from headstart.tasks.solvers.base import cross_validated
from headstart.types import FloatArray, IntArray

EPOCHS, SEEDS, FOLDS, REPEATS = 5, 6, 5, 3
TRANSFORMATIONS: tuple[Callable[[FloatArray], FloatArray], ...] = (
    lambda x: x,
    lambda x: x / np.linalg.norm(x, axis=1, keepdims=True),
    lambda x: np.sqrt(np.abs(x)),
    lambda x: np.log1p(np.abs(x)),
    lambda x: np.minimum(x, np.quantile(x, 0.99)),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--uncached", type=int, default=2)
    asked = parser.parse_args()
    print(machine() + "\n")
    with tempfile.TemporaryDirectory() as folder:
        bench, splits = opened(asked.data, asked.base, Path(folder))
        rows = np.sort(np.random.default_rng(0).permutation(bench.everything)[: asked.images])
        one_pass = seconds(lambda: bench.features(rows=rows))
        features, targets = bench.features(rows=rows), bench.examples.answers[rows]
        k = len(bench.examples.categories)
        arms = min(seconds(lambda: frozen_arms(features, targets, k)) for _ in range(REPEATS))
        search = min(seconds(lambda: configurations(features, targets, k)) for _ in range(REPEATS))
        train = rows[: round(0.7 * len(rows))]
        part = splits.but(train=train, validation=np.setdiff1d(rows, train), test=splits.test[:0])
        uncached = [seconds(lambda s=s: head_epochs(bench, part, s, EPOCHS)) for s in range(asked.uncached)]
    count = 2 * len(TRANSFORMATIONS)
    every = count * float(np.mean(uncached))
    print(f"{len(rows)} images, {features.shape[1]} features, {k} classes\n")
    rows_of_table = [
        ["one pass (decoding, engine probe and store included)", f"{one_pass:.2f}", "1"],
        ["six-seed frozen arm and five folds", f"{arms:.2f}", f"{arms / one_pass:.2f}"],
        [f"{count} head configurations", f"{search:.2f}", f"{search / one_pass:.2f}"],
        [f"{count} uncached, from {asked.uncached} of them", f"{every:.0f}", f"{every / one_pass:.0f}"],
    ]
    print(table(["what", "seconds", "of one pass"], rows_of_table))
    print(
        f"\nuncached over cached (pass included), {count} configurations: {every / (one_pass + search):.1f}"
    )


def frozen_arms(features: FloatArray, targets: IntArray, k: int) -> None:
    """Six paired seeds and a cross-validation."""
    for seed in range(SEEDS):
        order = np.random.default_rng(seed).permutation(len(targets))
        train, rest = np.split(order, [round(0.7 * len(order))])
        linear.solve(features[train], targets[train], k).outputs(features[rest])
    cross_validated(linear, features, targets, k, np.arange(len(targets)) % FOLDS)


def configurations(features: FloatArray, targets: IntArray, k: int) -> None:
    """A search: each transformation of the features, on all and on every second example."""
    for transformed in TRANSFORMATIONS:
        for part in (slice(None), slice(0, None, 2)):
            linear.solve(transformed(features[part]), targets[part], k)


if __name__ == "__main__":
    main()
