"""Labels that are planted wrong: how many of them are found, and how soon.

    python benchmarks/wrong_labels.py --data DIR/trashnet --base BASE [--draws 5]

Of the training and validation examples 5, 10 or 20 % get another label at random. Heads on frozen features,
each solved without a fifth of the examples, give every example a probability of each class.

`confident learning` is what a run's report lists; `surest mistakes` are those that are wrong with the highest
probability, as the report lists of test examples; `random` any. `first 20`: the share of planted ones among
the first twenty; `first m`: among as many as were planted; `found`: of all planted ones those on the list;
`listed`: how many are on it. What was wrong before anything was planted counts as a false alarm: the truth is
a little better.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from measuring import frozen, machine, table
from scipy.special import softmax

from headstart.confident import doubted
from headstart.data.cutting.stratified import folds
from headstart.tasks.solvers import linear
from headstart.tasks.solvers.base import cross_validated
from headstart.types import FloatArray, IntArray

SHARES, FOLDS = (0.05, 0.1, 0.2), 5


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--task", default="image_classification")
    parser.add_argument("--draws", type=int, default=5)
    asked = parser.parse_args()
    print(machine() + "\n")
    features, splits = frozen(asked.data, asked.base, asked.task)
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    features, fold = features[pool], folds(splits.examples, pool, FOLDS, 0)
    right, k = splits.examples.answers[pool], len(splits.examples.categories)
    print(f"{asked.data.name}: {len(pool)} labels of {k} classes, {asked.draws} draws\n")
    rows = []
    for share in SHARES:
        draws = [planted(features, right, k, fold, share, seed) for seed in range(asked.draws)]
        for name in draws[0]:
            found = np.mean([one[name] for one in draws], axis=0)
            rows.append([f"{share:.0%}", name, *(f"{value:.2f}" for value in found[:3]), f"{found[3]:.0f}"])
    print(table(["wrong", "rule", "first 20", "first m", "found", "listed"], rows))


def planted(
    features: FloatArray, right: IntArray, k: int, fold: IntArray, share: float, seed: int
) -> dict[str, tuple[float, float, float, float]]:
    """By rule: precision among the first 20 and the first m, recall, length of the list."""
    draws, n = np.random.default_rng(seed), len(right)
    wrong = draws.permutation(n)[: round(share * n)]
    labels = right.copy()
    labels[wrong] = (right[wrong] + draws.integers(1, k, len(wrong))) % k
    shares = softmax(cross_validated(linear, features, labels, k, fold), axis=1)
    mistaken = np.flatnonzero(shares.argmax(1) != labels)
    lists = {
        "confident learning": doubted(shares, labels).rows,
        "surest mistakes": mistaken[np.argsort(-shares[mistaken].max(1), kind="stable")],
        "random": draws.permutation(n)[: len(mistaken)],
    }
    is_wrong = np.isin(np.arange(n), wrong)
    return {
        name: (
            float(is_wrong[rows[:20]].mean()),
            float(is_wrong[rows[: len(wrong)]].sum() / len(wrong)),
            float(is_wrong[rows].sum() / len(wrong)),
            float(len(rows)),
        )
        for name, rows in lists.items()
    }


if __name__ == "__main__":
    main()
