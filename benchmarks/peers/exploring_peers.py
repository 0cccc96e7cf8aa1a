"""BERTopic on the same texts and the same embeddings as an exploration.

    pip install -r benchmarks/peers/requirements-exploring.txt    (in an environment of its own)
    PYTHONPATH=benchmarks python benchmarks/peers/exploring_peers.py [--sets trec6 …] [--draws 2]

BERTopic finds the number of topics itself (UMAP to five dimensions, then HDBSCAN, as it comes) and leaves
texts out as outliers, which count as one more topic in its NMI. Each draw is another order of the same texts.
An exploration is measured at the number that it takes itself.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from bertopic import BERTopic
from exploring_sets import SETS, case
from measuring import machine, table
from sklearn.metrics import normalized_mutual_info_score

from headstart.exploration._found import look

TEXTS = ("trec6", "banking77", "subjectivity", "sst2", "irony")


class _Timed:
    """The parts of an exploration are not timed here."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, *error: object) -> None:
        """Nothing."""


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(TEXTS), choices=SETS)
    parser.add_argument("--draws", type=int, default=2)
    asked, rows = parser.parse_args(), []
    for name in asked.sets:
        with case(name, 2_000) as one:
            features, texts = one.features(), [str(source, "utf-8") for source in one.bench.examples.sources]
        for draw in range(asked.draws):
            order = np.random.default_rng(draw).permutation(len(texts))
            right = one.right[order]
            started = time.process_time()
            ours = look(features[order], {"proof": "no"}, 0, lambda part: _Timed()).clustered
            between = time.process_time()
            topics, _ = BERTopic().fit_transform([texts[row] for row in order], features[order])
            theirs, ended = np.array(topics), time.process_time()
            rows += [
                row_of(name, draw, "explore", ours.members, right, between - started),
                row_of(name, draw, "BERTopic", theirs, right, ended - between),
            ]
            print(*rows[-2], *rows[-1], flush=True)
    print(table(("set", "order", "who", "clusters", "left out", "NMI", "seconds"), rows))
    print(f"\n{machine()}")


def row_of(
    name: str, draw: int, who: str, members: np.ndarray, right: np.ndarray, seconds: float
) -> list[object]:
    """One line of the table."""
    found, out = len(np.unique(members[members >= 0])), float((members < 0).mean())
    nmi = float(normalized_mutual_info_score(right, members))
    return [name, draw, who, found, f"{100 * out:.0f} %", f"{nmi:.3f}", f"{seconds:.0f}"]


if __name__ == "__main__":
    main()
