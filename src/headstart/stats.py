"""Intervals of a mean and of a paired difference, over seeds and test examples, and what they say.

The scores form a table of seeds by units: every seed is tested on the same units. A unit is what is
independent of the others: one example, or all those of one group (`Examples.units`), who are alike. Both
seeds and units are a sample, so the interval is a bootstrap of units beside normal draws of the seeds' mean:
two to six seeds are too few to be drawn from. Their variance has a prior (`spread.py`). Such a bootstrap
covers too often with little spread (it counts the interaction twice: Owen, "The pigeonhole bootstrap", 2007).
So its draws are scaled to the unbiased variance of two crossed random effects (analysis of variance;
Satterthwaite's degrees of freedom), and its ends are corrected for bias and skewness (BCa: Efron, "Better
bootstrap confidence intervals", 1987).

Units of several sizes weigh as many examples as they have. Their variance is made unbiased for units that
are equally uncertain whatever their size: the big ones pull the mean towards themselves and seem closer to
it than they are. Its degrees of freedom (g - 1 where all are of one size) are those of the Student's t whose
95 % point lies where that of such units, drawn from a normal distribution, does. Few groups do not tell how
skewed they are: then an end is the further one of the bootstrap's and the symmetric interval's. Where
examples differ more than groups, or few groups hold most examples, all this is wider than need be
(`benchmarks/groups.py`).

Notation: s seeds, n test examples, g units, r replicates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri, stdtrit

from .spread import Spread, usual_spread
from .types import FloatArray, IntArray, Interval

REPLICATES = 4_000
SEED = 20_231
"""Fixed: the same scores always give the same interval."""
LEVEL = 0.95
MOST_FLIPPED = 12
"""Seeds up to which all sign flips are looked at; of more, a sample."""
LEAST_FREEDOM = 0.5
MANY = 2_000
"""Units up to which each is drawn; what is drawn for so many is kept, to be used again."""
PLENTY = 200.0
"""Degrees of freedom from which on a Student's t is all but normal."""
ENTRIES = 2**22
"""Numbers that are drawn at once: 32 MB."""
FEW = 50
"""Groups below which their skewness is not to be relied on."""
NOTHING = 1e-24
"""A variance that is none."""
UNBOUNDED = float("inf")


@dataclass(frozen=True)
class Effects:
    """What scores of s seeds on g units are made of, and how uncertain their mean is."""

    mean: float
    by_seed: FloatArray
    """(s,) each seed's mean less the mean of all."""
    by_unit: FloatArray
    """(g,) each unit's pull: the same, times its share of the examples and g."""
    variance: float
    """Of the mean, where seeds and units are both drawn anew."""
    freedom: float
    """Degrees of freedom of the variance."""
    units: float
    """How many units of one size would say as much."""
    few: bool
    """The units are groups, and so few that they do not tell how skewed they are."""
    seeds: float
    """The part of the variance that is the seeds'."""
    alone: float
    """What the units' own luck under a seed makes of the variance of its mean."""

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return float(np.sqrt(self.variance))

    def half(self, level: float = LEVEL) -> float:
        """Half of the symmetric interval."""
        return float(stdtrit(self.freedom, (1 + level) / 2)) * self.error

    @property
    def standard_errors(self) -> float:
        """How many of them the mean is away from 0, as surely as in a normal distribution; of one unit, none.

        Few units are less sure of their standard error.
        """
        if len(self.by_unit) == 1:
            return 0.0
        tail = (1 + LEVEL) / 2
        return self.mean / max(self.error, 1e-12) * float(ndtri(tail) / stdtrit(self.freedom, tail))


def interval(
    scores: FloatArray,
    units: IntArray | None = None,
    least: float = -UNBOUNDED,
    most: float = UNBOUNDED,
    prior: Spread | None = None,
) -> Interval:
    """The 95 % interval of the mean of (s, n) differences over seeds and units.

    Where all are equal, or all are of one unit, they have no spread to learn from: then the interval is as
    wide as it would be if so many units, all right, had been counted (the rule of three). Of one unit it
    holds 0, for nothing is known of others.

    Args:
        scores: of s seeds on n examples.
        units: (n,) the same number for examples of one unit; None: each is its own.
        least: what the mean cannot be below.
        most: what it cannot be above.
        prior: of the spread of seeds, where not the one that ships.
    """
    found = effects(scores, units, prior)
    low, high = _ends(found, scores)
    if len(found.by_unit) == 1:
        low, high = min(low, 0.0), max(high, 0.0)
    return Interval(max(least, low), min(most, high))


def of_value(
    scores: FloatArray, units: IntArray | None = None, least: float = 0.0, most: float = 1.0
) -> Interval:
    """The 95 % interval of a metric that goes from `least` to `most`, from (s, n) scores whose mean it is.

    Scores of a metric of all items together (`tasks/scores/influence.py`) may lie outside, so that of few
    items an end of their interval may, too. The metric itself cannot. Where few groups are near one end of
    a metric's range, they say less of how far away the other ones are: then an interval that is symmetric
    on the scale of log odds counts as well.
    """
    found, span = effects(scores, units), most - least
    low, high = _ends(found, scores)
    share = (found.mean - least) / span
    if found.few and np.isfinite(span) and 0 < share < 1:
        half = found.half() / span / (share * (1 - share))
        odds = least + span * expit(logit(share) + np.array([-half, half]))
        low, high = min(low, odds[0]), max(high, odds[1])
    low, high = np.clip([low, high], least, most).tolist()
    return Interval(low, high)


def sign_flip(by_seed: FloatArray) -> float:
    """Two-sided p that (s,) paired differences are as far from 0 if each could as well have the other sign.

    Exact up to twelve seeds. The least p that s seeds can give is 2 / 2^s: below 0.05 from six on.
    """
    s = len(by_seed)
    if s <= MOST_FLIPPED:
        signs = np.array(list(product([1.0, -1.0], repeat=s)))
    else:
        signs = np.random.default_rng(SEED).choice([1.0, -1.0], (2**MOST_FLIPPED, s))
        signs[0] = 1.0
    means = np.abs(signs @ by_seed) / s
    return float((means >= abs(by_seed.mean()) - 1e-12).mean())


def rounded(values: Sequence[float]) -> FloatArray:
    """Values over the largest of them, up to six digits: the last bits are those of an engine."""
    found = np.asarray(values, dtype=np.float64)
    return np.asarray(np.round(found / (float(np.abs(found).max()) or 1.0), 6))


def call(difference: Interval) -> Literal["helps", "hurts", "undecided"]:
    """What the interval of a difference says."""
    if difference.low > 0:
        return "helps"
    return "hurts" if difference.high < 0 else "undecided"


def effects(scores: FloatArray, units: IntArray | None = None, prior: Spread | None = None) -> Effects:
    """What (s, n) scores are made of; `units` and `prior` as in `interval`."""
    s, n = scores.shape
    _, place = np.unique(np.arange(n) if units is None else units, return_inverse=True)
    sizes = np.bincount(place)
    share, g = sizes / n, len(sizes)
    table = np.stack([np.bincount(place, row) for row in scores]) / sizes  # (s, g)
    mean = float(scores.mean())
    by_seed, by_unit = scores.mean(1) - mean, table.mean(0) - mean
    both = table - mean - by_seed[:, None] - by_unit
    weights, worth = weights_of(share), 1 / float((share**2).sum())
    own = _freedom(share, weights)
    alone = float((weights * both**2).sum()) / max(1, s - 1)
    spread, sure = 0.0, 0.0
    if s > 1:
        known = usual_spread() if prior is None else prior
        luck = scores - scores.mean(0) - by_seed[:, None]
        single = float((luck**2).mean()) * s / (s - 1) * g / max(1, g - 1)
        spread, sure = known.moderated(float((by_seed**2).sum()) / (s - 1), s - 1, alone, single)
    # (variance of the mean, degrees of freedom): of seeds, of units, and of both together
    parts = [
        (spread / s, sure),
        (float((weights * by_unit**2).sum()), own),
        (alone / s, (s - 1) * own),
    ]
    seeds, items, rest = (part for part, _ in parts)
    variance = max(seeds + items - rest, seeds, items)
    squared = sum(part**2 / freedom for part, freedom in parts if freedom)
    least = max(LEAST_FREEDOM, min(sure, own) if s > 1 else own)
    freedom = max(variance**2 / squared, least) if squared > 0 else least
    few = g < min(n, FEW)
    return Effects(mean, by_seed, g * share * by_unit, variance, freedom, worth, few, seeds, alone)


def weights_of(share: FloatArray) -> FloatArray:
    """(g,) what the squared distances of units from the mean of all count in its variance.

    Unbiased where all units are equally uncertain; `share` (g,) is of the examples.
    """
    return np.asarray(share**2 / np.maximum(1 - 2 * share + (share**2).sum(), 1e-12))


def _freedom(share: FloatArray, weights: FloatArray) -> float:
    """Degrees of freedom of the variance of units with (g,) shares of the examples, weighed so."""
    if np.ptp(share) < 1e-12:
        return len(share) - 1.0
    surely = float(weights.sum() ** 2 / (weights**2).sum())  # Satterthwaite's
    if len(share) > MANY and surely > PLENTY:
        return surely
    return _freedom_of(share.tobytes(), weights.tobytes(), REPLICATES)


@lru_cache(maxsize=16)
def _freedom_of(share: bytes, weights: bytes, replicates: int) -> float:
    """The same where shares differ; all intervals of a run ask for those of the same units."""
    shares, weighed = np.frombuffer(share), np.frombuffer(weights)
    g, draws, parts = len(shares), np.random.default_rng(SEED), []
    for rows in _at_once(g, replicates):
        drawn = draws.normal(size=(rows, g))
        means = drawn @ shares
        parts.append(np.abs(means) / np.sqrt(((drawn - means[:, None]) ** 2) @ weighed))
    point, tail = float(np.quantile(np.concatenate(parts), LEVEL)), (1 + LEVEL) / 2
    most = max(g - 1.0, 1.0)
    if point <= stdtrit(most, tail):
        return most
    if point >= stdtrit(LEAST_FREEDOM, tail):
        return LEAST_FREEDOM
    from scipy.optimize import brentq  # here: most of a second, for groups of several sizes alone

    return float(brentq(lambda freedom: stdtrit(freedom, tail) - point, LEAST_FREEDOM, most))


def _at_once(g: int, replicates: int) -> Iterator[int]:
    """How many replicates of g numbers are drawn at once, time after time."""
    rows = max(1, ENTRIES // g)
    return (min(rows, replicates - start) for start in range(0, replicates, rows))


def counts_of(g: int, replicates: int, seed: int) -> Iterator[IntArray]:
    """How often each of g units is drawn, (rows, g) some replicates at a time: memory stays small."""
    draws = np.random.default_rng(seed)
    return (draws.multinomial(g, np.full(g, 1 / g), rows) for rows in _at_once(g, replicates))


def _ends(found: Effects, scores: FloatArray) -> tuple[float, float]:
    """Both ends of the interval of the mean of (s, n) scores, whatever the mean can be."""
    g, mean = len(found.by_unit), found.mean
    drawn = found.seeds + (found.by_unit**2).sum() / g**2
    if found.variance <= NOTHING or drawn <= NOTHING or g == 1:
        unseen = 1 - ((1 - LEVEL) / 2) ** (1 / found.units)
        half = unseen * max(1.0, float(np.ptp(scores)))
        return mean - half, mean + half
    low, high = _bootstrapped(found, found.half() / np.sqrt(drawn) / ndtri((1 + LEVEL) / 2))
    half = found.half()
    return (min(low, mean - half), max(high, mean + half)) if found.few else (low, high)


def _bootstrapped(found: Effects, stretch: float) -> tuple[float, float]:
    """Both ends: quantiles of the means of drawn seeds and units, which are stretched around the mean."""
    s, g, mean = len(found.by_seed), len(found.by_unit), found.mean
    normal, units = _drawn(found.by_unit)
    means = mean + stretch * (np.sqrt(found.seeds) * normal + units)
    pulls = np.concatenate([found.by_seed / s, found.by_unit / g])
    low, high = np.quantile(means, _levels(means, mean, pulls)).tolist()
    return low, high


def _drawn(by_unit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(r,) normal draws, and (r,) means of (g,) pulls that are drawn as often as there are.

    Of very many units that have few different pulls it is drawn how many have each: the same distribution.
    Else their mean is as good as normal, but for its skewness (E. A. Cornish & R. A. Fisher, "Moments and
    cumulants in the specification of distributions", 1938).
    """
    g = len(by_unit)
    if g <= MANY:
        normal, counts = _counted(g, REPLICATES)
        return normal, (counts / g) @ by_unit
    draws = np.random.default_rng(SEED)
    normal = draws.normal(size=REPLICATES)
    pulls, times = np.unique(by_unit, return_counts=True)
    if len(pulls) <= MANY:
        return normal, draws.multinomial(g, times / g, REPLICATES) / g @ pulls
    spread = float(np.sqrt((by_unit**2).mean()))
    z = draws.permutation(ndtri((np.arange(REPLICATES) + 0.5) / REPLICATES))
    skewness = float((by_unit**3).mean()) / spread**3 / np.sqrt(g)
    return normal, spread / np.sqrt(g) * (z + skewness * (z**2 - 1) / 6)


@lru_cache(maxsize=4)
def _counted(g: int, replicates: int) -> tuple[FloatArray, NDArray[np.uint8]]:
    """(r,) normal draws, and (r, g) how often each unit is drawn."""
    draws = np.random.default_rng(SEED)
    normal = draws.normal(size=replicates)
    return normal, draws.multinomial(g, np.full(g, 1 / g), replicates).astype(np.uint8)


def _levels(means: FloatArray, mean: float, pulls: FloatArray) -> FloatArray:
    """The two levels of the bootstrap's quantiles; `pulls` are those of each seed and unit on the mean."""
    below = ((means < mean).mean() + (means <= mean).mean()) / 2
    bias = ndtri(np.clip(below, 1 / len(means), 1 - 1 / len(means)))
    squared = (pulls**2).sum()
    acceleration = (pulls**3).sum() / (6 * squared**1.5) if squared > 0 else 0.0
    z = bias + ndtri(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return np.asarray(ndtr(bias + z / (1 - acceleration * z)))
