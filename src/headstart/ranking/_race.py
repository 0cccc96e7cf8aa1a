"""The race: the finalists are tried for longer and longer, and those that fall behind are dropped.

Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
optimization", AISTATS 2016) with a test: after each round a base leaves where a paired bootstrap over the
examples (whole units of them: groups, copies) puts it below the leader, and after a round of training the
worse half leaves as well. All rounds see every example that may be trained on, each one scored by a model
that was fitted without it; a base's score of an example is the average of its rounds.

Notation: n examples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from .. import workers
from ..bench import Bench
from ..data.cutting.stratified import folds
from ..stats import counts_of, rounded
from ..tasks.solvers import values
from ..tasks.solvers.base import cross_validated
from ..types import FloatArray, IntArray
from ._combine import REPLICATES, SEED

SURE = 0.95
"""Probability of being below the leader at which a base is dropped."""
FOLDS, REPEATS = 5, 3

Round = Callable[[Bench, float], FloatArray | None]
"""A finalist and the share of the time left that it may take, to (n,) gains of the pool's examples: scores of
which more is better. None: the time is over."""


@dataclass
class Runner:
    """One finalist and what it did."""

    bench: Bench
    rounds: list[dict[str, Any]] = field(default_factory=list)
    """Of each: `round`, mean `score` so far, `behind` (probability of being below the leader), `seconds`."""
    dropped: str | None = None
    """The round after which it left."""
    scores: list[FloatArray] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Of all rounds."""
        return float(sum(one["seconds"] for one in self.rounds))

    @property
    def so_far(self) -> FloatArray:
        """(n,) averages over the rounds."""
        return np.asarray(np.mean(self.scores, axis=0))


def race(benches: Sequence[Bench], rounds: dict[str, Round]) -> list[Runner]:
    """Run the rounds, by name, until one is left or they end; the winner first, then as they were named.

    The first round looks at features only and halves nothing. Among equals the one named first leads.
    """
    runners = [Runner(bench) for bench in benches]
    left = runners
    for number, (name, score) in enumerate(rounds.items()):
        if len(left) == 1:
            break
        took = _took(left, score)
        if took is None:
            break
        for runner, (gains, seconds) in zip(left, took, strict=True):
            runner.scores.append(gains)
            runner.rounds.append({"round": name, "seconds": round(seconds, 2)})
        left = _judged(left, name, halve=number > 0)
    winner = left[0]
    return [winner, *(runner for runner in runners if runner is not winner)]


def _took(left: Sequence[Runner], score: Round) -> list[tuple[FloatArray, float]] | None:
    """Gains and seconds of each; None where the time is over before all have run: it would not be fair."""
    found = []
    jobs = [
        (runner.bench, 1 / waiting) for waiting, runner in zip(range(len(left), 0, -1), left, strict=True)
    ]
    for gains, seconds in workers.each(partial(_timed, score), jobs):
        if gains is None:
            return None
        found.append((gains, seconds))
    return found


def _timed(score: Round, bench: Bench, share: float) -> tuple[FloatArray | None, float]:
    """Gains of one and its seconds."""
    clock = bench.runtime.clock
    started = clock.elapsed()
    return score(bench, share), clock.elapsed() - started


def features_round(bench: Bench, _share: float) -> FloatArray:
    """Scores of solved heads on frozen features, cross-validated with several draws of the folds.

    What belongs together is in the same fold.
    """
    targets = bench.examples.answers[bench.pool]
    features = np.asarray(bench.features()[bench.pool], dtype=np.float64)
    k = len(bench.examples.categories)
    drawn = [folds(bench.examples, bench.pool, FOLDS, seed) for seed in range(REPEATS)]
    solver = bench.task.answer.solver
    assert solver is not None
    outputs = [cross_validated(solver, features, targets, k, fold) for fold in drawn]
    return np.asarray(np.mean([bench.task.score.gains(one, targets) for one in outputs], axis=0))


def probe_round(bench: Bench, _share: float) -> FloatArray:
    """Minus the squared errors of ridge regressions from frozen features, cross-validated in the same way.

    Where a head has to be trained, a few epochs of it say nothing: the better base may learn later. What its
    features know of whole examples (`Answer.probed`) can be solved for. An error of 1 is that of the mean.
    """
    right = bench.examples.answers[bench.pool]
    features, wanted = bench.task.answer.probed(bench.features(), bench.pool, right)
    wanted = (wanted - wanted.mean(0)) / np.maximum(wanted.std(0), 1e-12)
    drawn = [folds(bench.examples, bench.pool, FOLDS, seed) for seed in range(REPEATS)]
    outputs = [cross_validated(values, features, wanted, wanted.shape[1], fold) for fold in drawn]
    return -np.asarray(np.mean([((one - wanted) ** 2).mean(1) for one in outputs], axis=0))


def _judged(left: list[Runner], name: str, halve: bool) -> list[Runner]:
    """Those that stay, the leader first."""
    means = rounded([float(runner.so_far.mean()) for runner in left])
    order = [left[place] for place in np.argsort(-means, kind="stable")]
    leader, most = order[0], (len(order) + 1) // 2 if halve else len(order)
    bench, staying = leader.bench, []
    units = bench.examples.units[bench.pool]
    for place, runner in enumerate(order):
        behind = probability_below(runner.so_far, leader.so_far, units)
        value = bench.task.score.sign * float(runner.so_far.mean())
        runner.rounds[-1] |= {"score": value, "behind": behind}
        if runner is leader or (behind < SURE and place < most):
            staying.append(runner)
        else:
            runner.dropped = name
        runner.bench.runtime.log("race", base=runner.bench.base.name, **runner.rounds[-1])
    return staying


def probability_below(one: FloatArray, leader: FloatArray, units: IntArray | None = None) -> float:
    """Share of the bootstrap's draws of units in which the mean of `one` is below the leader's.

    All are (n,); examples with the same number in `units` are of one unit; None: each is its own. One unit
    alone says nothing: half.
    """
    difference: FloatArray = leader - one
    if units is not None:
        difference = np.asarray(np.bincount(np.unique(units, return_inverse=True)[1], difference))
    g = len(difference)
    if g < 2:
        return 0.5 * float(difference.any())
    drawn = [counts @ difference for counts in counts_of(g, REPLICATES, SEED)]
    return float((np.concatenate(drawn) > 0).mean())
