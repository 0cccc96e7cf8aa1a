"""What bases are worth as they come: frozen features of all training pictures, a linear head, one test split.

    python benchmarks/packaged.py --data DIR [--base NAME…]

DIR holds image sets as folders; each base is a name or a folder. Training and validation pictures are learned
from; a set without a test split is measured on its validation split. The head is the one that `headstart run`
solves; nothing is tuned on the test split.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from measuring import machine, opened, table

from headstart.tasks.solvers import linear

SETS = ("hymenoptera", "trashnet")
BASES = (
    "builtin/vision-s",
    "builtin/efficientnet-lite0",
    "builtin/efficientnet-lite1",
    "builtin/efficientnet-lite2",
)


def main() -> None:
    """Measure each base on each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image sets")
    parser.add_argument("--base", nargs="+", default=BASES, help="names, or folders")
    parser.add_argument("--set", nargs="+", default=SETS, help="which of the sets")
    asked = parser.parse_args()
    rows = []
    for name in asked.set:
        for base in asked.base:
            rows.append([name, Path(base).name, *accuracy(asked.data / name, base)])
            print(*rows[-1], file=sys.stderr, flush=True)
    print(table(["set", "base", "training pictures", "test pictures", "accuracy"], rows))
    print(f"\n{machine()}")


def accuracy(folder: Path, base: str) -> tuple[int, int, str]:
    """How many pictures were learned from and measured on, and the share that was right."""
    with tempfile.TemporaryDirectory() as cache:
        bench, splits = opened(folder, base, Path(cache))
        learned, right = bench.pool, splits.examples.answers
        features = np.asarray(bench.features(rows=np.arange(len(right))), dtype=np.float64)
    head = linear.solve(features[learned], right[learned], len(splits.examples.categories))
    answers = head.outputs(features[splits.test]).argmax(1)
    return len(learned), len(splits.test), f"{(answers == right[splits.test]).mean():.3f}"


if __name__ == "__main__":
    main()
