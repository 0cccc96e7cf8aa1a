"""What to label next: the accuracy after labelling so many more, as suggested and at random.

    python benchmarks/suggesting.py --data DIR/trashnet --base BASE [--side test] [--draws 20] [--start 5 20]

For each draw, so many examples a class have a label; a head is solved on their frozen features; 20, 50 or
100 of the others are labelled more; and a head on all of them is measured on one side that nothing was
chosen from. Differences to a random choice are paired by draw (the same start, the mean of three random
choices); intervals are over draws. `margin` takes the least sure; `k-means` clusters ten times as many of the
least sure, weighted by how unsure they are (Zhdanov, "Diverse mini-batch active learning", 2019); `badge` is
k-means++ on gradients of the head (Ash and others, ICLR 2020); `suggest` is what `headstart suggest` does.
The method was chosen on `--side validation`; what is told of it is of `--side test`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measuring import frozen, machine, table
from scipy.special import softmax
from scipy.stats import t as student
from sklearn.cluster import KMeans

from headstart.exploration import space
from headstart.labelling.choosing import to_label
from headstart.tasks.answers.classes import Classes
from headstart.tasks.solvers import linear
from headstart.types import FloatArray, IntArray

SIZES, RANDOM, MOST = (20, 50, 100), 3, 1_500
Choice = Callable[[FloatArray, FloatArray, int, np.random.Generator], IntArray]


def unsure(outputs: FloatArray) -> FloatArray:
    """(n,) as the product tells it."""
    return Classes().unsure(outputs)


def random(rows: FloatArray, outputs: FloatArray, count: int, draws: np.random.Generator) -> IntArray:
    """Any."""
    return draws.permutation(len(rows))[:count]


def suggest(rows: FloatArray, outputs: FloatArray, count: int, draws: np.random.Generator) -> IntArray:
    """What the product does."""
    return to_label(rows.astype(np.float32), unsure(outputs), count)


def margin(rows: FloatArray, outputs: FloatArray, count: int, draws: np.random.Generator) -> IntArray:
    """The least sure."""
    return np.argsort(-unsure(outputs), kind="stable")[:count]


def kmeans(rows: FloatArray, outputs: FloatArray, count: int, draws: np.random.Generator) -> IntArray:
    """The nearest to each centre of weighted clusters of the least sure."""
    weight = np.maximum(unsure(outputs), 1e-6)
    some = np.argsort(-weight, kind="stable")[: 10 * count]
    found = KMeans(count, n_init=1, random_state=0).fit(rows[some], sample_weight=weight[some])
    apart, taken = found.transform(rows[some]), list[int]()
    for centre in range(count):
        taken.append(next(row for row in np.argsort(apart[:, centre]).tolist() if row not in taken))
    return some[taken]


def badge(rows: FloatArray, outputs: FloatArray, count: int, draws: np.random.Generator) -> IntArray:
    """k-means++ on the gradients that the likeliest label would give; their distances need no gradient."""
    slope = softmax(outputs, axis=1)
    slope[np.arange(len(slope)), slope.argmax(1)] -= 1
    size = (slope**2).sum(1) * (rows**2).sum(1)
    taken, apart = [int(size.argmax())], np.full(len(rows), np.inf)
    while len(taken) < count:
        last = taken[-1]
        alike = (slope @ slope[last]) * (rows @ rows[last])
        apart = np.minimum(apart, np.maximum(size + size[last] - 2 * alike, 0))
        apart[taken] = 0
        taken.append(int(draws.choice(len(rows), p=apart / apart.sum())))
    return np.array(taken)


METHODS: dict[str, Choice] = {
    "random": random,
    "suggest": suggest,
    "k-means": kmeans,
    "margin": margin,
    "badge": badge,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--task", default="image_classification")
    parser.add_argument("--side", choices=("validation", "test"), default="test")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--start", type=int, nargs="+", default=[5, 20])
    asked = parser.parse_args()
    print(machine() + "\n")
    features, splits = frozen(asked.data, asked.base, asked.task)
    targets, k = splits.examples.answers, len(splits.examples.categories)
    pool, measured = splits.train, getattr(splits, asked.side)
    print(f"{asked.data.name}: {len(pool)} to label, {len(measured)} of {asked.side}, {k} classes\n")
    for start in asked.start:
        draws = [draw(features, targets, pool, measured, start, seed) for seed in range(asked.draws)]
        before = np.mean([one["before"] for one in draws])
        rows = [[name, *(told(draws, name, size) for size in SIZES)] for name in METHODS]
        print(f"{start} labels a class to begin with, accuracy {before:.3f}; {asked.draws} draws\n")
        print(table(["method", *(f"{size} more" for size in SIZES)], rows) + "\n")


def draw(
    features: FloatArray, targets: IntArray, pool: IntArray, measured: IntArray, start: int, seed: int
) -> dict[object, float]:
    """The accuracy before, and by method and size after."""
    order = np.random.default_rng(seed).permutation(pool)
    known = np.concatenate([order[targets[order] == label][:start] for label in np.unique(targets)])
    rest = order[~np.isin(order, known)][:MOST]
    k = int(targets.max()) + 1

    def accuracy(rows: IntArray) -> float:
        head = linear.solve(features[rows], targets[rows], k)
        return float((head.outputs(features[measured]).argmax(1) == targets[measured]).mean())

    outputs = linear.solve(features[known], targets[known], k).outputs(features[rest])
    rows = space.fit(features[rest])(features[rest]).astype(np.float64)
    found: dict[object, float] = {"before": accuracy(known)}
    for name, choice in METHODS.items():
        for size in SIZES:
            again = range(RANDOM if choice is random else 1)
            picks = [choice(rows, outputs, size, np.random.default_rng([seed, one])) for one in again]
            found[name, size] = float(np.mean([accuracy(np.append(known, rest[pick])) for pick in picks]))
    return found


def told(draws: list[dict[object, float]], name: str, size: int) -> str:
    """The mean, and the paired difference to random with its interval, in points."""
    values = np.array([one[name, size] for one in draws])
    if name == "random":
        return f"{values.mean():.3f}"
    gains = 100 * (values - np.array([one["random", size] for one in draws]))
    half = student.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / len(gains) ** 0.5
    low, high = gains.mean() - half, gains.mean() + half
    return f"{values.mean():.3f} ({gains.mean():+.1f}: {low:+.1f} to {high:+.1f})"


if __name__ == "__main__":
    main()
