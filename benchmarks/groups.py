"""Do verdicts hold where examples come in groups (patients, films), few or of very different sizes?

    python benchmarks/groups.py [--rounds 400] [--seeds 2 3 6] [--groups 5 8 10 20 30] [--kinds scores hits]

Two arms are drawn that differ by nothing, or by `--shift`: each group has an effect on an arm of its own, and
so have a seed, a seed on a group, an example and what is left. Scores are numbers, or hits (0 and 1, of a
probit). Sizes of groups: `equal` (15 each), `uneven` (log-normal, deviation 1), `very uneven` (1.5). A row
says in what percentage of rounds the verdict calls a difference where there is none (`false`), and where
there is one the wrong way (`wrong`) or the right way (`found`); how often the 95 % interval holds the true
difference, without and with one, and that of an arm's metric the metric; and for comparison the false calls
where each example is taken for independent (`ungrouped`).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import norm

from headstart import stats
from headstart.types import FloatArray, IntArray

SIZES = {"equal": 0.0, "uneven": 1.0, "very uneven": 1.5}
KINDS = ("scores", "hits")
EFFECTS = {"scores": (0.3, 0.05, 0.1, 0.3), "hits": (0.5, 0.05, 0.1, 0.4)}
"""Deviations of the effects of a group, of a seed, of a seed on a group, and of the rest."""
HARD = 0.8
"""Deviation of how hard groups are, and examples, for both arms alike (hits)."""
MEAN = 0.8
"""Of the probit's scale: about three of four are right."""


def main() -> None:
    """Print a row for each setting, as it is finished."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 3, 6])
    parser.add_argument("--groups", type=int, nargs="+", default=[5, 8, 10, 20, 30])
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--shift", type=float, default=0.5, help="the true difference, where there is one")
    parser.add_argument("--replicates", type=int, default=1000, help="of an interval; 4000 in a run")
    asked = parser.parse_args()
    stats.REPLICATES = asked.replicates
    print("| kind | sizes | groups | seeds | false | ungrouped | wrong | found | no diff. | diff. | metric |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for kind, sizes, groups, seeds in product(asked.kinds, asked.sizes, asked.groups, asked.seeds):
        cell = Cell(kind, sizes, groups, seeds)
        none, some = (tried(cell, shift, asked.rounds) for shift in (0.0, asked.shift))
        shares = [
            none.called,
            none.ungrouped,
            some.wrong,
            some.found,
            none.difference,
            some.difference,
            none.metric,
        ]
        cells = [kind, sizes, groups, seeds, *(f"{100 * share:.1f}" for share in shares)]
        print(f"| {' | '.join(map(str, cells))} |", flush=True)


@dataclass(frozen=True)
class Cell:
    """One setting."""

    kind: str
    sizes: str
    groups: int
    seeds: int


@dataclass(frozen=True)
class Tried:
    """Shares of the rounds."""

    called: float
    ungrouped: float
    found: float
    wrong: float
    difference: float
    """Intervals of the difference that hold it."""
    metric: float
    """Intervals of an arm's metric that hold it."""


def tried(cell: Cell, shift: float, rounds: int) -> Tried:
    """Draw so many pairs of arms, judge each pair, and count."""
    draws, counts = np.random.default_rng(0), np.zeros(6)
    for _ in range(rounds):
        ours, theirs, units, truths = drawn(draws, cell, shift)
        difference, truth = ours - theirs, truths[0] - truths[1]
        whole, metric = stats.interval(difference, units), interval_of(cell, ours, units)
        call, naive = stats.call(whole), "undecided"
        if not shift:
            naive = stats.call(stats.interval(difference))
        counts += (
            call != "undecided",
            naive != "undecided",
            call == "helps",
            call == "hurts",
            whole.low <= truth <= whole.high,
            metric.low <= truths[0] <= metric.high,
        )
    return Tried(*(counts / rounds).tolist())


def interval_of(cell: Cell, scores: FloatArray, units: IntArray) -> stats.Interval:
    """Of an arm's metric: hits are from 0 to 1, scores without bounds."""
    return stats.of_value(scores, units) if cell.kind == "hits" else stats.interval(scores, units)


def drawn(
    draws: np.random.Generator, cell: Cell, shift: float
) -> tuple[FloatArray, FloatArray, IntArray, tuple[float, float]]:
    """(s, n) scores of two arms, the (n,) groups, and the two true means."""
    sizes, spread = np.full(cell.groups, 15), SIZES[cell.sizes]
    if spread:
        sizes = np.maximum(1, np.exp(draws.normal(np.log(12), spread, cell.groups)).round()).astype(int)
    units = np.repeat(np.arange(cell.groups), sizes)
    hard = draws.normal(0, HARD, cell.groups)[units] + draws.normal(0, HARD, len(units))
    own = EFFECTS[cell.kind]
    latent = [shift * sign / 2 + hard + effects(draws, units, cell, own) for sign in (1, -1)]
    if cell.kind == "scores":
        return latent[0], latent[1], units, (shift / 2, -shift / 2)
    hits = [(MEAN + one > 0).astype(np.float64) for one in latent]
    whole = np.sqrt(2 * HARD**2 + sum(one**2 for one in own) + own[-1] ** 2)
    first, second = (float(norm.cdf((MEAN + sign * shift / 2) / whole)) for sign in (1, -1))
    return hits[0], hits[1], units, (first, second)


def effects(
    draws: np.random.Generator, units: IntArray, cell: Cell, own: tuple[float, float, float, float]
) -> FloatArray:
    """(s, n) what one arm owes to groups, seeds, both, examples, and the rest."""
    group, seed, both, rest = own
    s, n = cell.seeds, len(units)
    by_group = draws.normal(0, group, cell.groups) + draws.normal(0, both, (s, cell.groups))
    by_example = draws.normal(0, rest, n) + draws.normal(0, rest, (s, n))
    return np.asarray(by_group[:, units] + draws.normal(0, seed, (s, 1)) + by_example)


if __name__ == "__main__":
    main()
