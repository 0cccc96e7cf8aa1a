"""When has enough been seen? Two arms are looked at again and again, each time with one more paired seed.

A look before the last asks for more than 95 %, so that looking often does not call what is not there
(J. L. Haybittle, "Repeated assessment of results in clinical trials of cancer treatment", British Journal of
Radiology 44, 1971; R. Peto et al., "Design and analysis of randomized clinical trials requiring prolonged
observation of each patient", British Journal of Cancer 34, 1976). The test examples are the same in every
look, so that looks are much alike and the last one need not pay for those before it; what that costs is
measured (`benchmarks/verdicts.py coverage`, `benchmarks/looking.py replay`).
"""

from __future__ import annotations

from . import stats
from .options import choice
from .spread import Spread
from .types import FloatArray, IntArray

USE = choice(
    "use",
    "time that a verdict does not need: `less` ends the run early, `all` trains every seed",
    "less",
    ("less", "all"),
)
FIRST = 2
"""Seeds of every arm before the first look: one alone decides nothing."""
LEVEL = 0.99
"""Of a look that is not the last."""


def clear(difference: FloatArray, units: IntArray | None = None, prior: Spread | None = None) -> bool:
    """Is the mean of (s, n) paired differences so far from 0 that no more seeds have to be waited for?

    Args:
        difference: of s seeds on n examples.
        units: (n,) the same number for examples of one unit; None: each is its own.
        prior: of the spread of seeds, where not the one that ships.
    """
    found = stats.effects(difference, units, prior)
    if len(difference) < FIRST or found.variance <= stats.NOTHING or abs(found.mean) <= found.half(LEVEL):
        return False
    return stats.call(stats.interval(difference, units, prior=prior)) != "undecided"
