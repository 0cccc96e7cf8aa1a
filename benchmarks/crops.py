"""Does a verdict know that parts of one thing are not independent? Real pictures, cut into four.

    python benchmarks/crops.py --data DIR [--sets hymenoptera trashnet] [--seeds 6]

Every picture is cut into its quarters, which are examples of their own. The four of a test picture stay
together where units are pictures (as with `--group`), and are taken for independent where they are not. Two
heads are compared, on the frozen features of two bases; a seed is another draw of half of the training
pictures. By theory (Kish, "Survey Sampling", 1965) groups of m examples whose differences correlate by r make
an interval wider by the square root of 1 + (m - 1) r, if seeds differ by nothing; r is that of an analysis of
variance.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
from measuring import machine, opened, table
from PIL import Image

from headstart import stats
from headstart.tasks.solvers import linear
from headstart.types import FloatArray, IntArray

BASES = ("builtin/vision-s", "builtin/vision-m", "builtin/efficientnet-lite0")
SPLITS = {"train": "train", "val": "test", "test": "test"}
PARTS = 4


def main() -> None:
    """A line for each pair of bases on each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image sets")
    parser.add_argument("--sets", nargs="+", default=("hymenoptera", "trashnet"))
    parser.add_argument("--seeds", type=int, default=6)
    asked = parser.parse_args()
    rows = []
    for name in asked.sets:
        with tempfile.TemporaryDirectory() as home:
            quarters(asked.data / name, Path(home) / "data")
            scores, units = tried(Path(home), asked.seeds)
        for one, other in combinations(BASES, 2):
            rows.append(
                [name, f"{Path(one).name} - {Path(other).name}", *line(scores[one] - scores[other], units)]
            )
            print(*rows[-1], flush=True)
    names = [
        "set",
        "difference",
        "pictures",
        "parts apart",
        "whole pictures",
        "wider, one seed",
        "wider, all seeds",
    ]
    names += ["correlation", "by theory"]
    print(table(names, rows))
    print(f"\n{machine()}")


def quarters(source: Path, target: Path) -> None:
    """The pictures of a set as four each, in splits; parts are named by their picture."""
    for file in sorted(source.rglob("*")):
        if file.is_file() and file.parent.parent.name in SPLITS:
            folder = target / SPLITS[file.parent.parent.name] / file.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            with Image.open(file) as picture:
                wide, high = picture.width // 2, picture.height // 2
                for number in range(PARTS):
                    left, top = number % 2 * wide, number // 2 * high
                    part = picture.convert("RGB").crop((left, top, left + wide, top + high))
                    part.save(folder / f"{file.parent.parent.name}-{file.stem}.{number}.png")


def tried(home: Path, seeds: int) -> tuple[dict[str, FloatArray], IntArray]:
    """By base (seeds, n) hits on the test parts; and (n,) the numbers of their pictures."""
    found = {}
    for base in BASES:
        bench, splits = opened(home / "data", base, home / "cache")
        right, names = splits.examples.answers, splits.examples.names
        features = np.asarray(bench.features(rows=np.arange(len(right))), dtype=np.float64)
        whole = np.unique(
            [name.rpartition(".")[0].rpartition(".")[0] for name in names], return_inverse=True
        )[1]
        hits = []
        for seed in range(seeds):
            pictures = np.unique(whole[bench.pool])
            drawn = np.random.default_rng(seed).permutation(pictures)[: len(pictures) // 2]
            rows = bench.pool[np.isin(whole[bench.pool], drawn)]
            head = linear.solve(features[rows], right[rows], len(splits.examples.categories))
            hits.append(head.outputs(features[splits.test]).argmax(1) == right[splits.test])
        found[base] = np.array(hits, dtype=np.float64)
    return found, whole[splits.test]


def line(difference: FloatArray, units: IntArray) -> list[object]:
    """Both intervals of all seeds in points; how much wider whole pictures make them."""
    apart, whole = (stats.interval(difference, one) for one in (None, units))
    shown = [f"{100 * one.low:+.1f} to {100 * one.high:+.1f}" for one in (apart, whole)]
    wider = [f"{width(rows, units) / width(rows):.2f}" for rows in (difference[:1], difference)]
    r = correlation(difference[0], units)
    return [len(np.unique(units)), *shown, *wider, f"{r:.2f}", f"{np.sqrt(1 + (PARTS - 1) * r):.2f}"]


def width(difference: FloatArray, units: IntArray | None = None) -> float:
    """Of the interval."""
    low, high = stats.interval(difference, units)
    return high - low


def correlation(values: FloatArray, units: IntArray) -> float:
    """Of (n,) values within units of equal size: the intraclass correlation of a one-way analysis."""
    table_of = values[np.argsort(units, kind="stable")].reshape(-1, PARTS)
    between = PARTS * table_of.mean(1).var(ddof=1)
    within = table_of.var(1, ddof=1).mean()
    return float((between - within) / (between + (PARTS - 1) * within))


if __name__ == "__main__":
    main()
