"""SKADA's criteria without labels, which choose among the same ways on the same features.

    pip install -r benchmarks/peers/requirements-adapting.txt    (in an environment of its own)
    python benchmarks/domain_sets.py DIR
    PYTHONPATH=benchmarks python benchmarks/peers/adapting_peers.py DIR --half development|held
                                                                    [--families digits …] [--seed 0]

Pairs are those of `adapting.py pairs`, and so is what gains are over: the stronger of the two source-only
models; pairs whose features are not in DIR are left out. Each criterion scores all ways and takes the one
that it likes best: prediction entropy (PE), soft neighbourhood density (SND), deep embedded validation (DEV),
importance weighting (IW) and circular validation (CV), as SKADA has them. Beside them stand our rule, the way
that ships where nothing is refused, and the best way, which nobody knows.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import numpy as np
from adapting import ALONE, JUDGED
from domain_cases import HALVES, at_hand
from scipy.special import softmax
from skada.metrics import (
    CircularValidation,
    DeepEmbeddedValidation,
    ImportanceWeightedScorer,
    PredictionEntropyScorer,
    SoftNeighborhoodDensity,
)
from sklearn.base import BaseEstimator, ClassifierMixin

from headstart.adaptation import domains as across
from headstart.adaptation.domains.base import Domains
from headstart.tasks.solvers import linear
from headstart.types import FloatArray, IntArray
from headstart.verification.across import judged

CRITERIA = {
    "PE": PredictionEntropyScorer(),
    "SND": SoftNeighborhoodDensity(),
    "DEV": DeepEmbeddedValidation(random_state=0),
    "IW": ImportanceWeightedScorer(),
    "CV": CircularValidation(),
}


class Adapted(ClassifierMixin, BaseEstimator):
    """A way across as an estimator of SKADA: domains above 0 are sources."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__predict = {"sample_domain": True}
    __metadata_request__predict_proba = {"sample_domain": True}
    __metadata_request__score = {"sample_domain": True, "sample_weight": True, "allow_source": True}
    module_ = SimpleNamespace(layer_name="features")
    """Where DEV looks for the layer that makes features: here nothing does, they are given."""

    def __init__(self, way: str) -> None:
        self.way = way

    def fit(self, x: FloatArray, y: IntArray, sample_domain: IntArray) -> Self:
        """Learn from both domains."""
        source = sample_domain > 0
        self.classes_ = np.arange(int(y[source].max()) + 1)
        domains = Domains(x[source], y[source], x[~source], len(self.classes_), linear)
        self.head_ = across.ways()[self.way].solve(domains)
        return self

    def predict_proba(self, x: FloatArray, **_: object) -> FloatArray:
        """(n, k)."""
        return np.asarray(softmax(self.head_.outputs(x), axis=1))

    def predict_features(self, x: FloatArray) -> FloatArray:
        """(n, d)."""
        return x

    def predict(self, x: FloatArray, **_: object) -> IntArray:
        """(n,)."""
        return self.head_.outputs(x).argmax(1)

    def score(
        self, x: FloatArray, y: IntArray, sample_weight: FloatArray | None = None, **_: object
    ) -> float:
        """The share that is right, as rows are weighted."""
        return float(np.average(self.predict(x) == y, weights=sample_weight))


def main() -> None:
    """Measure every criterion on every pair."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=HALVES, default="held")
    parser.add_argument("--families", nargs="*", default=())
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    gains = defaultdict[str, list[float]](list)
    names = tuple(dict.fromkeys((*ALONE, *JUDGED)))
    for case in at_hand(asked.folder, asked.half, asked.families):
        domains, truth = case.drawn(asked.folder, asked.seed)
        found = judged(domains, across.heads(domains), "same")
        right = {name: 100 * float((found.said[name] == truth).mean()) for name in names}
        best = max(right[name] for name in ALONE)
        chosen = {name: scored(criterion, domains, names) for name, criterion in CRITERIA.items()}
        chosen |= {"ours, guarded": found.chosen if found.refused else across.SELF}
        chosen |= {"ours, unguarded": across.SELF, "the best": max(right, key=lambda name: right[name])}
        for name, way in chosen.items():
            gains[name].append(right[way] - best)
        print(
            f"{case.source} -> {case.target}: " + ", ".join(f"{a} {b}" for a, b in chosen.items()), flush=True
        )
    print("\n| rule | mean gain | below -1 | worst |\n|---|---|---|---|")
    for name, values in gains.items():
        row = np.array(values)
        print(f"| {name} | {row.mean():+.1f} | {100 * (row < -1).mean():.0f} % | {row.min():+.1f} |")
    print(f"{len(gains['the best'])} pairs")


def scored(criterion: object, domains: Domains, names: tuple[str, ...]) -> str:
    """The way that a criterion likes best; of equal ones the first."""
    x = np.concatenate([domains.source, domains.target])
    domain = np.repeat([1, -2], [len(domains.source), len(domains.target)])
    y = np.concatenate([domains.right, np.full(len(domains.target), -1)])
    values = []
    for name in names:
        way = Adapted(name).fit(x, y, sample_domain=domain)
        values.append(float(criterion(way, x, y, sample_domain=domain)))  # type: ignore[operator]
    return names[int(np.nanargmax(values))]


if __name__ == "__main__":
    main()
