"""What exploring without labels finds, against plain features, random choice and sets with nothing to find.

    python benchmarks/exploring.py clusters [--sets hymenoptera trec6 …] [--most 2000]
    python benchmarks/exploring.py nulls [--draws 10]
    python benchmarks/exploring.py first [--sets …] [--draws 20]
    python benchmarks/exploring.py bases [--sets …]
    python benchmarks/exploring.py cost

Sets come from the shared data, with the base named beside each in SETS; of each at most so many examples are
looked at, evenly spread. Labels are read to measure only. `clusters` compares, at the known number of
classes, k-means in the space of an exploration with k-means of scikit-learn on the same features (as they
are, and of length 1: the better one), and with the same on pixels, words or levels; and says whether the true
number is among the three that are shown. `nulls` counts how often sets without groups are said to have some.
`first` compares the accuracy of a head on the examples that are named first with that of as many random ones.
`bases` asks whether the ranking without labels is that of nearest neighbours with labels. `cost` times made
examples.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from measuring import machine, table
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score
from threadpoolctl import threadpool_limits

from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.exploration import Asked, clusters, first, maps, odd, space
from headstart.exploration._begin import begin
from headstart.exploration._labels import labels_of
from headstart.exploration.proof import found, sampled, without_pretraining
from headstart.runtime import Clock, Silent, detect
from headstart.tasks.solvers import linear
from headstart.tasks.solvers.neighbours import nearest

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
PHOTOS, TEXTS, SOUND = "weights/mobilenet_v2_imagenet", "builtin/minilm", "builtin/whisper-tiny-en"
SETS = {
    "hymenoptera": ("data/image_classification/hymenoptera", PHOTOS),
    "trashnet": ("data/image_classification/trashnet", PHOTOS),
    "sign_digits": ("data/image_classification/sign_digits", PHOTOS),
    "mnist": ("data/domain_adaptation/mnist_to_mnistm/mnist", PHOTOS),
    "trec6": ("data/text_classification/trec6", TEXTS),
    "banking77": ("data/text_classification/banking77", TEXTS),
    "subjectivity": ("data/text_classification/subjectivity", TEXTS),
    "sst2": ("data/text_classification/sst2", TEXTS),
    "fsdd": ("data/speech/fsdd", SOUND),
}
OTHERS = {
    "image": (
        "weights/mobilenet_v2_imagenet",
        "weights/mobilenet_v2_inat_bird",
        "weights/mobilenet_v1_imagenet",
        "builtin/efficientnet-lite0",
        "builtin/vision-m",
        "builtin/vision-s",
        "builtin/glyphs",
    ),
    "text": ("builtin/minilm", "builtin/glove-50d"),
    "sound": ("builtin/whisper-tiny-en", "builtin/speech-s"),
}
BUDGETS = (20, 50, 100)


@dataclass(frozen=True)
class Case:
    """A set on a base."""

    bench: Bench
    right: np.ndarray
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

    def features(self) -> np.ndarray:
        return np.asarray(self.bench.summaries(), np.float32)

    def plain(self) -> np.ndarray:
        plain = without_pretraining(self.bench)
        return np.asarray(plain[1].summaries(), np.float32)


def located(base: str) -> str:
    return str(SHARED / base) if (SHARED / base).is_dir() else base


def case(name: str, most: int) -> Case:
    """At most so many examples of a set, and their labels."""
    folder, base = SETS[name]
    asked = Asked(str(SHARED / folder), base=(located(base),), labels="label")
    begun = begin(asked, Silent())
    labels = np.array(labels_of(begun, asked), dtype=object)
    rows = space.evenly(len(labels), most)
    examples, right = begun.splits.examples.only(rows), np.unique(labels[rows], return_inverse=True)[1]
    passes = FrozenPass(Cache(), detect(Clock(), Silent()))
    loaded = begun.task.suited(load_base(located(base)), examples, list(range(len(rows))))
    bench = Bench(begun.task.shown_as(loaded.preprocess), examples, np.arange(len(rows)), loaded, passes)
    return Case(bench, right)


def nmi(members: np.ndarray, right: np.ndarray) -> float:
    return float(normalized_mutual_info_score(right, members))


def plain_kmeans(features: np.ndarray, k: int, right: np.ndarray) -> float:
    """The better of k-means on features as they are and of length 1."""
    ways = (features, features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12))
    return max(nmi(KMeans(k, n_init=10, random_state=0).fit(way).labels_, right) for way in ways)


def compare(asked: argparse.Namespace) -> None:
    rows = []
    for name in asked.sets:
        one = case(name, asked.most)
        features, plain, k = one.features(), one.plain(), one.k
        with threadpool_limits(1):
            ours, dull = (space.fit(part)(part) for part in (features, plain))
            deep, low = (nmi(clusters.clustered(part, k, 0).members, one.right) for part in (ours, dull))
            library = plain_kmeans(features, k, one.right)
            shown = [number.clusters for number in clusters.best(clusters.searched(ours, 0))]
            clear = clusters.clear(features, 0)
        hit = any(abs(number - k) <= 0.2 * k for number in shown)
        numbers = ", ".join(map(str, shown))
        rows.append([name, len(one.right), k, deep, low, library, numbers, hit, clear])
        print(*rows[-1], file=sys.stderr, flush=True)
    heads = [
        "set",
        "examples",
        "classes",
        "NMI",
        "plain features",
        "scikit-learn",
        "shown",
        "within 20 %",
        "groups",
    ]
    print(
        table(
            heads, [[cell if not isinstance(cell, float) else f"{cell:.3f}" for cell in row] for row in rows]
        )
    )
    means = np.mean([row[3:6] for row in rows], 0)
    print(f"\nmean NMI {means[0]:.3f}, plain features {means[1]:.3f}, scikit-learn {means[2]:.3f}")
    print(f"the number of classes is shown on {sum(row[7] for row in rows)} of {len(rows)}")


def drawn(kind: str, n: int, random: np.random.Generator, real: np.ndarray) -> np.ndarray:
    """A set without groups."""
    if kind == "shuffled features":
        rows = real[random.permutation(len(real))[:n]]
        return random.permuted(rows, axis=0)
    if kind == "normal, d = 8":
        return random.normal(size=(n, 8))
    if kind == "uniform, d = 8":
        return random.uniform(-1, 1, size=(n, 8))
    if kind == "skewed, d = 64":
        return random.exponential(size=(n, 64))
    spread, middle = 1 / np.arange(1, 257), float(kind == "normal, falling spread")
    return random.normal(size=(n, 256)) * spread @ np.linalg.qr(random.normal(size=(256, 256)))[0] + middle


def nulls(asked: argparse.Namespace) -> None:
    real, rows = case("hymenoptera", 400).features(), []
    kinds = (
        *("shuffled features", "normal, d = 8", "uniform, d = 8", "skewed, d = 64"),
        *("normal, falling spread", "normal, falling spread, around 0"),
    )
    for kind in kinds:
        for n in (100, 400):
            called = 0
            for draw in range(asked.draws):
                random = np.random.default_rng([draw, n])
                features = drawn(kind, n, random, real).astype(np.float32)
                with threadpool_limits(1):
                    called += clusters.clear(features, draw)
            rows.append([kind, n, asked.draws, called])
            print(*rows[-1], file=sys.stderr, flush=True)
    print(table(["set without groups", "examples", "draws", "said to have groups"], rows))
    print(f"\nof {sum(row[2] for row in rows)} sets {sum(row[3] for row in rows)} were said to have groups")


def accuracy(features: np.ndarray, right: np.ndarray, taken: np.ndarray) -> float:
    """Of a head on the taken rows, over all others."""
    rest = np.setdiff1d(np.arange(len(right)), taken)
    known, numbers = np.unique(right[taken], return_inverse=True)
    if len(known) < 2:
        return float((right[rest] == known[0]).mean())
    head = linear.solve(features[taken], numbers, len(known))
    return float((known[head.outputs(features[rest]).argmax(1)] == right[rest]).mean())


def label_first(asked: argparse.Namespace) -> None:
    rows = []
    for name in asked.sets:
        one = case(name, asked.most)
        features = one.features().astype(np.float64)
        with threadpool_limits(1):
            order = first.to_label(space.fit(features)(features))
            for budget in BUDGETS:
                ours = accuracy(features, one.right, order[:budget])
                random = np.random.default_rng(0)
                picks = [
                    random.permutation(len(order_all))[:budget] for order_all in [one.right] * asked.draws
                ]
                others = [accuracy(features, one.right, pick) for pick in picks]
                rows.append([name, budget, ours, float(np.mean(others)), float(np.std(others))])
                print(*rows[-1], file=sys.stderr, flush=True)
    heads = ["set", "labels", "named first", "random", "± of a draw"]
    print(table(heads, [[*row[:2], *(f"{cell:.3f}" for cell in row[2:])] for row in rows]))
    for budget in BUDGETS:
        gains = [100 * (row[2] - row[3]) for row in rows if row[1] == budget]
        print(f"{budget} labels: {np.mean(gains):+.1f} points over random on average of {len(gains)} sets")


def bases(asked: argparse.Namespace) -> None:
    rows, agreeing, best = [], [], 0
    for name in asked.sets:
        one = case(name, asked.most)
        looks = []
        for base in OTHERS[one.bench.task.modality.name]:
            other = one.on(base)
            rows_of, everyone = space.unit(other.features()).astype(np.float64), one.bench.everything
            votes = nearest(rows_of, everyone, one.right, one.k, everyone)
            share = found(sampled(other.bench), 0).mean()
            looks.append((Path(base).name, float(share), float((votes.argmax(1) == one.right).mean())))
            rows.append([name, *looks[-1]])
            print(*rows[-1], file=sys.stderr, flush=True)
        shares, knn = np.array([look[1] for look in looks]), np.array([look[2] for look in looks])
        best += knn[shares.argmax()] >= knn.max() - 0.02
        if len(looks) > 2:
            agreeing.append(spearmanr(shares, knn).statistic)
    print(
        table(
            ["set", "base", "views found", "neighbours with labels"],
            [[*r[:2], *(f"{c:.3f}" for c in r[2:])] for r in rows],
        )
    )
    print(f"\nthe first base is within 2 points of the best on {best} of {len(asked.sets)} sets")
    if agreeing:
        many, mean = len(agreeing), np.mean(agreeing)
        print(f"rank correlation {mean:+.2f} on average of {many} sets with more than two bases")


def cost(asked: argparse.Namespace) -> None:
    random, rows = np.random.default_rng(0), []
    for n in (1_000, 5_000, 20_000):
        centres = random.normal(size=(20, 384))
        features = (0.6 * random.normal(size=(n, 384)) + centres[random.integers(0, 20, n)]).astype(
            np.float32
        )
        started = time.perf_counter()
        with threadpool_limits(1):
            into = space.fit(features)(features)
            clusters.clear(features, 0)
            grouped = clusters.clustered(into, clusters.best(clusters.searched(into, 0))[0].clusters, 0)
            odd.loneliness(into, grouped.members)
            before_map = time.perf_counter()
            quality = maps.quality(into, maps.drawn(into, "auto", 0).places)
            after_map = time.perf_counter()
            first.to_label(into)
        total, drawing = time.perf_counter() - started, after_map - before_map
        cells = f"{quality.trustworthiness:.2f} / {quality.continuity:.2f} / {quality.kept:.2f}"
        rows.append([n, f"{total:.1f} s", f"{drawing:.1f} s", cells])
        print(*rows[-1], file=sys.stderr, flush=True)
    print(
        table(
            ["examples", "all beyond the pass", "of that the map", "trustworthiness / continuity / kept"],
            rows,
        )
    )


def main() -> None:
    """Measure what was asked."""
    known = {"clusters": compare, "nulls": nulls, "first": label_first, "bases": bases, "cost": cost}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=known)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--most", type=int, default=2_000, help="examples of a set")
    parser.add_argument("--draws", type=int, default=20)
    asked = parser.parse_args()
    known[asked.what](asked)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
