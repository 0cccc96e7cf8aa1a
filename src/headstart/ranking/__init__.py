"""Stage 2, rank: which base suits these examples? One frozen pass of each answers, a race decides.

    scores on frozen features + prior → combined rank with ties → the best are prepared → race

Reads training and validation examples only. Each file here without a leading underscore is a score; those
that count, count alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import registry, workers
from ..bases.base import Base
from ..bases.passes.frozen import FrozenPass
from ..bench import Bench
from ..errors import BaseError
from ..runtime import Clock
from ..tasks.base import Task
from ..types import Dropped, FloatArray, IntArray, Splits
from ._combine import combine, ranks
from ._framing import copies_across, prepared, without_near_copies
from ._limits import Limits
from ._passes import scatter
from ._prior import Prior, Run, prior, table
from ._race import Round, Runner, features_round, probe_round, race
from ._record import choice_record, chosen, row_record
from .base import Scorer

FINALISTS = 3
"""So many of the best race; where there are no more to begin with, all do."""
MOST_EXAMPLES, FEWEST_EXAMPLES = 1000, 200
"""To rank on, evenly over the classes: what the best two differ in shows in fewer."""
EASY = 10.0
"""Minutes of a run from which on ranking need not hurry."""
SHARE = 0.25
"""Of a run's time, after which no further base is looked at or prepared: what is left proves the gain."""


@dataclass(frozen=True)
class Ranked:
    """One base among the candidates."""

    bench: Bench
    scores: dict[str, float]
    ranks: dict[str, float]
    """Of each score among the candidates, 1 the best; equals share their mean."""
    prior: Prior
    value: float
    """Prior plus mean rank, in standard deviations."""
    deviation: float
    """Of `value` over a bootstrap of the examples."""
    place: int
    """From 1; bases that cannot be told apart share the place of the best of them."""
    tied: bool
    """Is another one on that place?"""
    by_size: float
    """Its rank where the biggest is the best, for comparison."""
    by_list: float
    """Its rank by the prior alone, which knows no data."""
    seconds: float
    """Of its frozen pass and scores."""


@dataclass(frozen=True)
class Ranking:
    """The candidates, best first, and those that could not be ranked."""

    rows: tuple[Ranked, ...]
    left_out: tuple[Dropped, ...] = ()


def benches(
    task: Task, splits: Splits, bases: Sequence[Base], passes: FrozenPass, brought: bool = True
) -> list[Bench]:
    """Each base on the examples that may be trained on; with the head that it brings, if that is wanted."""
    pool = np.concatenate([splits.train, splits.validation])
    rows = pool.tolist()
    suited = [task.suited(base, splits.examples, rows) for base in bases]
    return [Bench(_headed(task, base, brought), splits.examples, pool, base, passes) for base in suited]


def _headed(task: Task, base: Base, brought: bool) -> Task:
    task = task.shown_as(base.preprocess)
    if brought and base.head is not None and task.answer.takes(base.head.architecture):
        return task.with_head(base.head.architecture)
    return task


def rank(candidates: Sequence[Bench], known: Sequence[Run] | None = None) -> Ranking:
    """The candidates, best first; among equals in the order that they were named in.

    Args:
        candidates: at least one.
        known: the runs that priors come from, where not those that ship.

    Raises:
        BaseError: no candidate gives features that are numbers.
    """
    several, clock = len(candidates) > 1, candidates[0].runtime.clock
    workers.scatter(_look_in_time, [(bench, several) for bench in candidates])
    looks, late = dict[Bench, _Look](), list[Dropped]()
    for bench in candidates:
        if looks and _late(clock):
            late.append(
                Dropped(bench.base.name, "the time did not suffice to look at it: give more --minutes")
            )
        else:
            looks[bench] = _look(bench, several)
    usable = {bench: look for bench, look in looks.items() if look.broken is None}
    broken = [Dropped(bench.base.name, look.broken) for bench, look in looks.items() if look.broken]
    left_out = [*broken, *late]
    for one in left_out:
        candidates[0].runtime.reporter.note(f"{one.file} is left out: {one.reason}")
    if not usable:
        raise _unusable(left_out[0])
    return Ranking(_ordered(usable, table() if known is None else known), tuple(left_out))


def alone(bench: Bench) -> Ranking:
    """Of one base there is nothing to compare: no scores, but its features have to be numbers.

    Raises:
        BaseError: they are not.
    """
    started = bench.runtime.clock.elapsed()
    _, broken = _features(bench, several=False)
    if broken:
        raise _unusable(Dropped(bench.base.name, broken))
    bench.runtime.log("ranked", base=bench.base.name, place=1)
    return Ranking((_unranked(bench, bench.runtime.clock.elapsed() - started),))


def _unusable(one: Dropped) -> BaseError:
    return BaseError(f"{one.file}: {one.reason}", "get its weights anew, or use another base")


def _unranked(bench: Bench, seconds: float = 0.0, tied: bool = False) -> Ranked:
    """A base that is first without having been scored."""
    return Ranked(
        bench=bench,
        scores={},
        ranks={},
        prior=Prior(0.0, 0),
        value=0.0,
        deviation=0.0,
        place=1,
        tied=tied,
        by_size=1.0,
        by_list=1.0,
        seconds=seconds,
    )


@dataclass(frozen=True)
class Choice:
    """The base that is taken, and what each candidate did on the way."""

    bench: Bench
    ranking: Ranking
    runners: tuple[Runner, ...]
    preparing: dict[str, float]
    """Seconds by base name: finding its framing, and the pass that later stages read."""


def choose(
    candidates: Sequence[Bench],
    boundaries: Mapping[str, Sequence[str]],
    trials: Mapping[str, Round],
    known: Sequence[Run] | None = None,
) -> Choice:
    """Rank the candidates, prepare the best and let them race.

    Where no more candidates are named than would race, all are prepared at once, one pass each; in a short
    run only those that there is time for, best first.

    Args:
        candidates: at least one.
        boundaries: by base name those that the finalists' passes should write for later stages.
        trials: rounds of the race that train, after the one on features.
        known: the runs that priors come from, where not those that ship.
    """
    clock, preparing = candidates[0].runtime.clock, dict[str, float]()

    def ready(bench: Bench) -> Bench:
        started, name = clock.elapsed(), bench.base.name
        found = prepared(bench, boundaries.get(name, ()))
        preparing[name] = clock.elapsed() - started
        return found

    if candidates[0].task.answer.solver is None:
        return _raced_only(candidates, trials)

    def prepare(benches: Sequence[Bench]) -> list[Bench]:
        scatter(benches, [boundaries.get(bench.base.name, ()) for bench in benches])
        return [ready(bench) for bench in benches]

    hurries = clock.minutes is not None and clock.minutes < EASY
    few = len(candidates) <= (1 if hurries else FINALISTS)
    looked_at = prepare(candidates) if few else candidates
    ranking = rank(looked_at, known) if len(looked_at) > 1 else alone(looked_at[0])
    finalists = [row.bench for row in _finalists(ranking.rows, clock)]
    finalists = finalists if few else prepare(finalists)
    runners = race(finalists, {"features": features_round, **trials})
    return Choice(runners[0].bench, ranking, tuple(runners), preparing)


def _finalists(rows: Sequence[Ranked], clock: Clock) -> Sequence[Ranked]:
    """The best, as many as there is time to prepare: what was looked at in a sample is passed as a whole."""
    most, ends = min(FINALISTS, len(rows)), SHARE * clock.budget
    times = [row.seconds * len(row.bench.examples) / len(_sample(row.bench)) for row in rows[:most]]
    fitting = [count for count in range(1, most + 1) if clock.elapsed() + sum(times[:count]) <= ends]
    return rows[: max(fitting, default=1)]


def _raced_only(candidates: Sequence[Bench], trials: Mapping[str, Round]) -> Choice:
    """No head is solved on features, to rank them by: the candidates race, tied before."""
    rows = [_unranked(bench, tied=len(candidates) > 1) for bench in candidates]
    first = {"features": probe_round} if candidates[0].task.answer.probes else {}
    runners = race(candidates, {**first, **trials})
    return Choice(runners[0].bench, Ranking(tuple(rows)), tuple(runners), {})


@dataclass(frozen=True)
class _Look:
    """The scores of one base."""

    pseudo_values: FloatArray
    """(s, n)."""
    seconds: float
    broken: str | None = None


def _late(clock: Clock) -> bool:
    return clock.elapsed() > SHARE * clock.budget


def _look_in_time(bench: Bench, several: bool) -> None:
    """What a look leaves in the cache, as long as there is time for it."""
    if not _late(bench.runtime.clock):
        _look(bench, several)


def _features(bench: Bench, several: bool) -> tuple[FloatArray, str | None]:
    """Of a sample, and what is wrong with them; of one base alone those that later stages need anyway."""
    rows = _sample(bench)
    found = np.asarray(bench.ranked(rows) if several else bench.features(rows=rows), dtype=np.float64)
    bad = int((~np.isfinite(found).all(1)).sum())
    return found, f"its features of {bad} of {len(rows)} examples are not numbers" if bad else None


def _look(bench: Bench, several: bool) -> _Look:
    clock, rows = bench.runtime.clock, _sample(bench)
    started = clock.elapsed()
    features, broken = _features(bench, several)
    if broken:
        return _Look(np.zeros((0, len(rows))), clock.elapsed() - started, broken)
    targets, units = bench.examples.strata[rows], bench.examples.units[rows]
    found = np.stack([scorer.score(features, targets, units) for scorer in _scorers().values()])
    return _Look(found, clock.elapsed() - started)


def _scorers() -> dict[str, Scorer]:
    return {name: registry.get("ranking", name) for name in registry.names("ranking")}


def _sample(bench: Bench) -> IntArray:
    """Rows of the pool, of each class the first ones by content hash in turn, until there are enough."""
    targets = bench.examples.strata[bench.pool]
    turn = np.zeros(len(targets), dtype=np.int64)
    for label in np.unique(targets):
        turn[targets == label] = np.arange((targets == label).sum())
    clock = bench.runtime.clock
    share = min(1.0, clock.minutes / EASY) if clock.minutes is not None else 1.0
    most = min(MOST_EXAMPLES, max(FEWEST_EXAMPLES, int(share * MOST_EXAMPLES)))
    return np.sort(bench.pool[np.argsort(turn, kind="stable")[:most]])


def _ordered(looks: dict[Bench, _Look], known: Sequence[Run]) -> tuple[Ranked, ...]:
    names, counting = list(_scorers()), [scorer.counts for scorer in _scorers().values()]
    cards = [bench.base.card for bench in looks]
    priors = [prior(card.sha256, known) for card in cards]
    pseudo_values = np.stack([look.pseudo_values for look in looks.values()])
    one = next(iter(looks))
    units = one.examples.units[_sample(one)]
    combined = combine(pseudo_values[:, counting], np.array([own.mean for own in priors]), units)
    scores = pseudo_values.mean(2)
    places = np.apply_along_axis(ranks, 0, scores)
    by_size = ranks(np.array([card.parameters for card in cards], dtype=np.float64))
    by_list = ranks(np.array([one.mean for one in priors]))
    rows = [
        Ranked(
            bench=bench,
            scores=dict(zip(names, scores[i].tolist(), strict=True)),
            ranks=dict(zip(names, places[i].tolist(), strict=True)),
            prior=priors[i],
            value=float(combined.values[i]),
            deviation=float(combined.deviations[i]),
            place=int(combined.places[i]),
            tied=int((combined.places == combined.places[i]).sum()) > 1,
            by_size=float(by_size[i]),
            by_list=float(by_list[i]),
            seconds=look.seconds,
        )
        for i, (bench, look) in enumerate(looks.items())
    ]
    for row in rows:
        row.bench.runtime.log("ranked", base=row.bench.base.name, place=row.place, value=round(row.value, 3))
    return tuple(sorted(rows, key=lambda row: -row.value))


__all__ = [
    "FINALISTS",
    "Choice",
    "Limits",
    "Ranked",
    "Ranking",
    "Round",
    "alone",
    "benches",
    "choice_record",
    "choose",
    "chosen",
    "copies_across",
    "prepared",
    "rank",
    "row_record",
    "without_near_copies",
]
