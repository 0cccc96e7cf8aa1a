"""What a rule would have said of arms whose seeds are known, and how much seeds differ.

    python benchmarks/looking.py prior --out DIR [--write]
    python benchmarks/looking.py replay --out DIR [--orders 20]

DIR is what `seeds.py` wrote. `prior`: what the spread of seeds is beside that of examples, fitted to pairs
of an arm that learned something and a reference; --write puts it where the package reads it.

`replay`: the seeds of each cell in other orders, looked at as a run does: up to six of the best transfer arm
and the best reference on the validation of the first two. The prior is fitted without the cell's own set each
time. The rule before is six seeds, an interval without a prior, and p < 0.05 of a sign-flip test. A
difference is clear where that of all seeds is more than 3.3 of its standard errors from 0. Two kinds of
nulls: the names of the arms swapped at random for each test example, and one arm against itself with other
seeds. Seconds are those of all seeds that the rule asks for, and of a race of the learning rates, which is as
long as one; what is the same under both rules (reading, ranking, planning, the bundle) is not in them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measuring import machine, table
from scipy.optimize import minimize
from scipy.stats import f as f_distribution

import headstart
from headstart import looks, stats
from headstart.spread import Spread
from headstart.types import MOST_SEEDS

PRIOR = Path(headstart.__file__).parent / "spread.json"
NONE = Spread(0.0, 0.0)
"""No prior."""
CLEAR = 3.3
"""Standard errors."""
CAREFUL = 0.95
"""Share of the pairs whose spread is to be below the usual one: arms that vary more are called too often."""
TRANSFER, REFERENCES = ("frozen", "finetune"), ("reinit", "scratch")


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("prior", "replay"))
    parser.add_argument("--out", type=Path, required=True, help="of seeds.py")
    parser.add_argument("--write", action="store_true", help="put the prior where the package reads it")
    parser.add_argument("--orders", type=int, default=20, help="of the seeds of each cell")
    asked = parser.parse_args()
    {"prior": prior, "replay": replay}[asked.what](asked)
    print(f"\n{machine()}")


@dataclass(frozen=True)
class Table:
    """What was found in one cell; s seeds, n test examples."""

    cell: str
    units: np.ndarray
    """(n,)."""
    scores: dict[str, np.ndarray]
    """By arm, (s, n)."""
    validation: dict[str, np.ndarray]
    """By arm, (s,) means."""
    seconds: dict[str, np.ndarray]
    """By arm that is trained, (s,)."""

    @property
    def set(self) -> str:
        """Of examples."""
        return self.cell.split("-")[0]

    @property
    def seeds(self) -> int:
        """Of every arm."""
        return len(next(iter(self.scores.values())))

    def arms(self, *names: str) -> list[str]:
        """Those of the names that there are."""
        return [name for name in names if name in self.scores]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every arm that learned something, and a reference."""
        learned = [name for name in self.scores if name not in ("majority", "reinit")]
        for reference in self.arms(*REFERENCES):
            yield from ((arm, reference) for arm in learned if arm != reference)


def tables(asked: argparse.Namespace) -> list[Table]:
    """Of all cells that were trained."""
    found = []
    for path in sorted(asked.out.glob("*.npz")):
        file = np.load(path)
        names = [str(name) for name in file["names"]]
        validation = {name: file[f"{name}.validation"] for name in names}
        scores = {name: file[f"{name}.test"].astype(np.float64) for name in names}
        seconds = {name: file[f"{name}.seconds"] for name in names if f"{name}.seconds" in file}
        found.append(Table(path.stem, file["units"], scores, validation, seconds))
    return found


def prior(asked: argparse.Namespace) -> None:
    """The prior of all cells, and of those of each kind."""
    every = tables(asked)
    found = fitted(every)
    rows = [["all", found.pairs, f"{found.excess:.4f}", f"{found.freedom:.1f}"]]
    for name in dict.fromkeys(one.set for one in every):
        own = fitted([one for one in every if one.set != name])
        rows.append([f"without {name}", own.pairs, f"{own.excess:.4f}", f"{own.freedom:.1f}"])
    print(table(["cells", "pairs of arms", "excess", "degrees of freedom"], rows))
    if asked.write:
        plain = {"excess": round(found.excess, 5), "freedom": round(found.freedom, 2), "pairs": found.pairs}
        PRIOR.write_text(json.dumps(plain) + "\n", encoding="utf-8")


def fitted(every: Sequence[Table]) -> Spread:
    """A scale that nineteen of twenty pairs stay below, and the degrees of freedom of most likelihood.

    A variance that was found, over the usual one, is of F's distribution.
    """
    rows = np.array(
        [
            parts(one.scores[arm] - one.scores[against], one.units)
            for one in every
            for arm, against in one.pairs()
        ]
    )
    rows = rows[(rows[:, 1] > 0) & (rows[:, 0] > 0)]
    found, alone, units, freedom = rows.T
    careful = float(np.quantile((found / alone - 1) / units, CAREFUL))

    def unlikely(logs: np.ndarray) -> float:
        excess, own = np.exp(logs)
        usual = alone * (1 + excess * units)
        return -float((f_distribution.logpdf(found / usual, freedom, own) - np.log(usual)).sum())

    best = minimize(unlikely, np.log([0.01, 5.0]), method="Nelder-Mead")
    return Spread(careful, float(np.exp(best.x[1])), len(rows))


def parts(difference: np.ndarray, units: np.ndarray) -> tuple[float, float, float, float]:
    """Of (s, n) differences: the variance of a seed's mean, what units alone make of it, units, freedom."""
    plain = stats.effects(difference, units, NONE)
    s = len(difference)
    return float(plain.by_seed @ plain.by_seed) / (s - 1), plain.alone, plain.units, s - 1.0


@dataclass(frozen=True)
class Said:
    """What a rule said of one cell in one order of the seeds."""

    call: str
    seeds: int
    seconds: float


def replay(asked: argparse.Namespace) -> None:
    """Every cell in several orders of its seeds, under both rules; and nulls."""
    every, draws = tables(asked), np.random.default_rng(0)
    priors = {name: fitted([one for one in every if one.set != name]) for name in {one.set for one in every}}
    rows, right = [], {"now": list[bool](), "before": list[bool]()}
    for one in every:
        orders = [draws.permutation(one.seeds) for _ in range(asked.orders)]
        said = {
            "now": [now(one, order, priors[one.set]) for order in orders],
            "before": [before(one, order) for order in orders],
        }
        known = [truth(one, pair(one, order)) for order in orders]
        hits = {
            name: [say.call == call for say, (_, call) in zip(own, known, strict=True)]
            for name, own in said.items()
        }
        for name, own in hits.items():
            right[name] += [hit for hit, (clear, _) in zip(own, known, strict=True) if clear]
        rows.append(
            [
                one.cell,
                f"{np.mean([clear for clear, _ in known]):.0%}",
                *(f"{np.mean(own):.0%}" for own in hits.values()),
                f"{np.median([say.seeds for say in said['now']]):.0f}",
                f"{np.median([say.seconds for say in said['now']]) / said['before'][0].seconds:.2f}",
            ]
        )
    print(table(["cell", "clear", "called rightly now", "before", "seeds now", "seconds, of before"], rows))
    for name, own in right.items():
        print(f"clear differences called rightly, {name}: {np.mean(own):.1%} of {len(own)}")
    nulls(every, priors, asked.orders)


def pair(one: Table, order: np.ndarray) -> tuple[str, str]:
    """The best transfer arm and the best reference on the validation of the first seeds."""
    first = order[: looks.FIRST]

    def best(*names: str) -> str:
        return max(one.arms(*names), key=lambda name: one.validation[name][first].mean())

    return best(*TRANSFER), best(*REFERENCES)


def truth(one: Table, names: tuple[str, str]) -> tuple[bool, str]:
    """Is the difference of all seeds clear, and which way does it point?"""
    found = stats.effects(one.scores[names[0]] - one.scores[names[1]], one.units)
    return abs(found.mean) > CLEAR * found.error, "helps" if found.mean > 0 else "hurts"


def now(one: Table, order: np.ndarray, known: Spread) -> Said:
    """Looked at from two seeds on."""
    names = pair(one, order)
    difference = (one.scores[names[0]] - one.scores[names[1]])[order]
    call, seeds = looked(difference, one.units, known)
    return Said(call, seeds, cost(one, names, seeds))


def looked(
    difference: np.ndarray, units: np.ndarray | None = None, known: Spread | None = None
) -> tuple[str, int]:
    """What a run says of (s, n) differences that come one seed after another, and after how many."""
    clear = (s for s in range(looks.FIRST, MOST_SEEDS) if looks.clear(difference[:s], units, known))
    seeds = next(clear, MOST_SEEDS)
    return stats.call(stats.interval(difference[:seeds], units, prior=known)), seeds


def before(one: Table, order: np.ndarray) -> Said:
    """Six seeds of every arm, without a prior, and a sign-flip test."""
    names = pair(one, order)
    difference = (one.scores[names[0]] - one.scores[names[1]])[order[:MOST_SEEDS]]
    sure = stats.sign_flip(difference.mean(1)) < 1 - stats.LEVEL
    call = stats.call(stats.interval(difference, one.units, prior=NONE)) if sure else "undecided"
    return Said(call, MOST_SEEDS, cost(one, tuple(one.seconds), MOST_SEEDS))


def cost(one: Table, names: Sequence[str], seeds: int) -> float:
    """Seconds of a race and the first seeds of every arm, and of more seeds of these."""
    each = {name: seconds.mean() for name, seconds in one.seconds.items()}
    raced = sum(each[name] for name in one.arms("finetune", "scratch"))
    further = sum(each[name] for name in names) * (seeds - looks.FIRST)
    return raced + looks.FIRST * sum(each.values()) + further


def nulls(every: Sequence[Table], priors: dict[str, Spread], rounds: int) -> None:
    """Differences that are none, looked at in the same way."""
    draws, wrong = np.random.default_rng(1), {"names swapped by example": [], "an arm against itself": []}
    for one in every:
        places = np.unique(one.units, return_inverse=True)[1]
        for _ in range(rounds):
            arm, against = draws.choice(list(one.pairs()))
            order, half = draws.permutation(one.seeds), one.seeds // 2
            swapped = draws.choice([-1.0, 1.0], places.max() + 1)[places]
            difference = (one.scores[arm] - one.scores[against])[order] * swapped
            itself = one.scores[arm][order[:half]] - one.scores[arm][order[half : 2 * half]]
            for name, scores in zip(wrong, (difference, itself), strict=True):
                wrong[name].append(looked(scores, one.units, priors[one.set])[0] != "undecided")
    for name, calls in wrong.items():
        print(f"nulls, {name}: {np.mean(calls):.1%} of {len(calls)} called")


if __name__ == "__main__":
    main()
