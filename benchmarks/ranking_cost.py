"""What ranking costs over the frozen passes that it needs.

    python benchmarks/ranking_cost.py --data DIR --bases DIR [--examples 500] [--rounds 3]

DATA is an image folder, BASES a folder of base folders. Each round starts twice from an empty cache: once
every base computes the features of the examples and that is all, once `headstart.ranking.rank` ranks them.
The files are decoded in both, and the engines probed in both.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from measuring import machine, seconds, spread, table

from headstart import data
from headstart import ranking as rank
from headstart.bases import expand, load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.runtime import Clock, Silent, detect
from headstart.tasks.image_classification import plugin as images


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bases", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    splits = data.load(asked.data, images)
    pool = np.concatenate([splits.train, splits.validation])[: asked.examples]
    some = splits.but(train=np.sort(pool), validation=pool[:0])
    bases = [load_base(name) for name in expand([str(asked.bases)], "image")]

    def benches(folder: str) -> list:
        passes = FrozenPass(Cache(Path(folder)), detect(Clock(), Silent()))
        return rank.benches(images, some, bases, passes)

    def passes(folder: str) -> float:
        found = benches(folder)
        return seconds(lambda: [bench.features(rows=bench.pool) for bench in found])

    def ranking(folder: str) -> float:
        found = benches(folder)
        return seconds(lambda: rank.rank(found))

    times = {passes: [], ranking: []}
    for _ in range(asked.rounds):
        for work, taken in times.items():
            with tempfile.TemporaryDirectory() as folder:
                taken.append(work(folder))
    ratios = [after / before for before, after in zip(times[passes], times[ranking], strict=True)]
    row = [len(bases), len(pool), *(spread(taken) for taken in times.values()), spread(ratios, ".2f")]
    print(table(["bases", "examples", "passes s", "ranking s", "ratio"], [row]))
    print(machine())


if __name__ == "__main__":
    main()
