"""How often the interval of two compared runs holds the truth, and how often it decides.

    python benchmarks/comparing.py [--times 200]

Made test splits of n examples: on a share of them the two models differ, and the second is right in so many
of those. Its true difference is known; the interval is that of `headstart compare`, beside that of a verdict.
"""

from __future__ import annotations

import argparse

import numpy as np
from measuring import machine, table

from headstart import stats
from headstart.comparison.paired import interval
from headstart.types import Interval

SIZES, DIFFER, WINS = (50, 200), (0.05, 0.2), (0.5, 0.75)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    asked = parser.parse_args()
    print(machine() + "\n")
    rows = []
    for n in SIZES:
        for differ in DIFFER:
            for wins in WINS:
                shares = simulated(n, differ, wins, asked.times)
                true = differ * (2 * wins - 1)
                rows.append([n, f"{differ:.0%}", f"{100 * true:+.1f}", *(f"{share:.1%}" for share in shares)])
    heads = ["test examples", "differ", "true difference", "holds it", "called"]
    print(table([*heads, "of a verdict: holds it", "called"], rows))


def simulated(n: int, differ: float, wins: float, times: int) -> list[float]:
    """Of both intervals: the share that hold the truth, and of calls that are not `undecided`."""
    counts = np.zeros(4)
    for time in range(times):
        draws = np.random.default_rng([n, round(100 * differ), round(100 * wins), time])
        difference = draws.choice([1.0, -1.0, 0.0], n, p=[differ * wins, differ * (1 - wins), 1 - differ])
        found = [interval(difference, np.arange(n)), stats.interval(difference[None])]
        true = differ * (2 * wins - 1)
        counts += [told for one in found for told in (one.low <= true <= one.high, called(one))]
    return (counts / times).tolist()


def called(found: Interval) -> bool:
    """Is one of the two said to be better?"""
    return stats.call(found) != "undecided"


if __name__ == "__main__":
    main()
