"""What exploring without labels finds, against plain features, random choice and sets with nothing to find.

    python benchmarks/exploring.py clusters [--sets hymenoptera trec6 …] [--most 2000]
    python benchmarks/exploring.py nulls [--draws 10]
    python benchmarks/exploring.py first [--sets …] [--draws 10]
    python benchmarks/exploring.py bases [--sets …] [--most 300]
    python benchmarks/exploring.py cost

Sets and the base of each are in `exploring_sets.py`; of each at most so many examples are looked at, evenly
spread. Labels are read to measure only. `clusters` compares, at the known number of classes, k-means in the
space of an exploration with k-means of scikit-learn on the same features (as they are, and of length 1: the
better one), and with the same on pixels, words or levels; and says whether the true number is among the three
that are shown, or is the one with scikit-learn's highest silhouette. `nulls` counts how often sets without
groups are said to have some. `first` compares the accuracy of a head on the examples that are named first
with that of as many random ones. `bases` asks whether the ranking without labels is that of nearest
neighbours with labels. `cost` times made examples, in seconds of one thread: what else the machine does is
not in them.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np
from exploring_sets import SETS, case
from measuring import machine, table
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score, silhouette_score
from threadpoolctl import threadpool_limits

from headstart.exploration import clusters, first, maps, odd, space
from headstart.exploration.proof import found, sampled
from headstart.tasks.solvers import linear
from headstart.tasks.solvers.neighbours import nearest

OTHERS = {
    "image": (
        "weights/mobilenet_v2_imagenet",
        "weights/mobilenet_v2_inat_bird",
        "weights/mobilenet_v1_imagenet",
        "weights/squeezenet1_1_imagenet",
        "builtin/efficientnet-lite0",
        "builtin/vision-m",
        "builtin/vision-s",
        "builtin/glyphs",
    ),
    "text": ("builtin/minilm", "builtin/glove-50d"),
    "sound": ("builtin/whisper-tiny-en", "builtin/speech-s"),
}
BUDGETS = (20, 50, 100)


def nmi(members: np.ndarray, right: np.ndarray) -> float:
    return float(normalized_mutual_info_score(right, members))


def plain_kmeans(features: np.ndarray, k: int, right: np.ndarray) -> float:
    """The better of k-means on features as they are and of length 1."""
    ways = (features, features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12))
    return max(nmi(KMeans(k, n_init=10, random_state=0).fit(way).labels_, right) for way in ways)


def plain_number(features: np.ndarray) -> int:
    """As tutorials of scikit-learn do it: the number from 2 to 20 with the highest silhouette."""
    some = features[space.evenly(len(features), 1_000)]
    found = {k: KMeans(k, n_init=1, random_state=0).fit(some).labels_ for k in range(2, 21)}
    return max(found, key=lambda k: silhouette_score(some, found[k]))


def near(number: int, k: int) -> bool:
    return abs(number - k) <= 0.2 * k


def compare(asked: argparse.Namespace) -> None:
    rows = []
    for name in asked.sets:
        with case(name, asked.most) as one:
            features, plain, k = one.features(), one.plain(), one.k
        with threadpool_limits(1):
            ours, dull = (space.fit(part)(part) for part in (features, plain))
            deep, low = (nmi(clusters.clustered(part, k, 0).members, one.right) for part in (ours, dull))
            library, its = plain_kmeans(features, k, one.right), plain_number(features)
            shown = [number.clusters for number in clusters.best(clusters.searched(ours, 0))]
            clear = clusters.clear(features, 0)
        numbers, hit = ", ".join(map(str, shown)), any(near(number, k) for number in shown)
        rows.append([name, len(one.right), k, deep, low, library, numbers, hit, its, clear])
        print(*rows[-1], file=sys.stderr, flush=True)
    heads = ("set", "examples", "classes", "NMI", "plain features", "scikit-learn", "shown", "within 20 %")
    cells = [[f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row] for row in rows]
    print(table((*heads, "scikit-learn's number", "groups"), cells))
    means = np.mean([row[3:6] for row in rows], 0)
    print(f"\nmean NMI {means[0]:.3f}, plain features {means[1]:.3f}, scikit-learn {means[2]:.3f}")
    hits, theirs = sum(row[7] for row in rows), sum(near(row[8], row[2]) for row in rows)
    print(f"the number of classes is shown on {hits} of {len(rows)}; it is scikit-learn's on {theirs}")


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
    with case("hymenoptera", 400) as one:
        real, rows = one.features(), []
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
        with case(name, asked.most) as one:
            features = one.features().astype(np.float64)
        with threadpool_limits(1):
            order = first.to_label(space.fit(features)(features))
            for budget in BUDGETS:
                random = np.random.default_rng(0)
                picks = [random.permutation(len(one.right))[:budget] for _ in range(asked.draws)]
                ours = accuracy(features, one.right, order[:budget])
                others = [accuracy(features, one.right, pick) for pick in picks]
                rows.append([name, budget, ours, float(np.mean(others)), float(np.std(others))])
                print(*rows[-1], file=sys.stderr, flush=True)
    heads = ["set", "labels", "named first", "random", "± of a draw"]
    print(table(heads, [[*row[:2], *(f"{cell:.3f}" for cell in row[2:])] for row in rows]))
    for budget in BUDGETS:
        gains = [100 * (row[2] - row[3]) for row in rows if row[1] == budget]
        better = sum(gain > 0 for gain in gains)
        print(
            f"{budget} labels: {np.mean(gains):+.1f} points over random, better on {better} of {len(gains)}"
        )


def bases(asked: argparse.Namespace) -> None:
    rows, looks_of = [], dict[str, list[tuple[str, float, float]]]()
    for name in asked.sets:
        with case(name, asked.most) as one:
            for base in OTHERS[one.bench.task.modality.name]:
                other = one.on(base)
                rows_of, everyone = space.unit(other.features()).astype(np.float64), one.bench.everything
                votes = nearest(rows_of, everyone, one.right, one.k, everyone)
                share = found(sampled(other.bench), 0).mean()
                look = (Path(base).name, float(share), float((votes.argmax(1) == one.right).mean()))
                looks_of.setdefault(name, []).append(look)
                rows.append([name, *look])
                print(*rows[-1], file=sys.stderr, flush=True)
    heads = ["set", "base", "views found", "neighbours with labels"]
    print(table(heads, [[*row[:2], *(f"{cell:.3f}" for cell in row[2:])] for row in rows]))
    _agreeing({name: looks for name, looks in looks_of.items() if len(looks) > 2}, "more than two bases")
    _agreeing({name: looks for name, looks in looks_of.items() if len(looks) == 2}, "two bases")


def _agreeing(looks_of: dict[str, list[tuple[str, float, float]]], of: str) -> None:
    """How well what views say is what labels say."""
    if not looks_of:
        return
    both = [np.array([look[1:] for look in looks]) for looks in looks_of.values()]
    ranks = [spearmanr(shares, knn).statistic for shares, knn in (one.T for one in both)]
    lost = [100 * (one[:, 1].max() - one[one[:, 0].argmax(), 1]) for one in both]
    by_chance = [100 * (one[:, 1].max() - one[:, 1].mean()) for one in both]
    print(
        f"\n{len(both)} sets with {of}: rank correlation {np.mean(ranks):+.2f} on average ({min(ranks):+.2f} "
        f"at least); the first base is {np.mean(lost):.1f} points behind the best on average (any base "
        f"{np.mean(by_chance):.1f}), within 2 points on {sum(one <= 2 for one in lost)}"
    )


def cost(asked: argparse.Namespace) -> None:
    random, rows = np.random.default_rng(0), []
    maps.drawn(space.unit(random.normal(size=(50, 8))), "tsne", 0)  # the first call loads libraries
    for n in (1_000, 5_000, 20_000, 50_000):
        centres = random.normal(size=(20, 384)).astype(np.float32)
        features = 0.6 * random.normal(size=(n, 384)).astype(np.float32) + centres[random.integers(0, 20, n)]
        started = time.process_time()
        with threadpool_limits(1):
            into = space.fit(features)(features)
            clusters.clear(features, 0)
            grouped = clusters.clustered(into, clusters.best(clusters.searched(into, 0))[0].clusters, 0)
            odd.loneliness(into, grouped.members)
            before_map = time.process_time()
            quality = maps.quality(into, maps.drawn(into, "tsne", 0).places)
            after_map = time.process_time()
            first.to_label(into)
            first.between(into, grouped.centres)
        total, drawing = time.process_time() - started, after_map - before_map
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = f"{quality.trustworthiness:.2f} / {quality.continuity:.2f} / {quality.kept:.2f}"
        rows.append([n, f"{total:.1f} s", f"{drawing:.1f} s", f"{peak:.0f} MB", cells])
        print(*rows[-1], file=sys.stderr, flush=True)
    heads = ["examples", "all beyond the pass", "of that the map", "peak memory"]
    print(table([*heads, "trustworthiness / continuity / kept"], rows))


def main() -> None:
    """Measure what was asked."""
    known = {"clusters": compare, "nulls": nulls, "first": label_first, "bases": bases, "cost": cost}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=known)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--most", type=int, default=2_000, help="examples of a set")
    parser.add_argument("--draws", type=int, default=10)
    asked = parser.parse_args()
    known[asked.what](asked)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
