"""How much seeds usually differ, so that a few of them tell how sure their mean is.

Two trainings say little of how much a third would differ. Many trainings of other arms on other data do: the
variance of a seed's mean is, beside what its examples alone make of it, in most of them about as large. So it
gets a prior, a scaled inverse chi-square, and what is taken is its posterior mean with the degrees of freedom
of both (the moderated t of G. K. Smyth, "Linear models and empirical Bayes methods for assessing differential
expression in microarray experiments", Statistical Applications in Genetics and Molecular Biology 3, 2004,
section 3). We differ in three ways. The prior's scale is no number but a multiple of what is measured, the
interaction of seeds and examples, so that it holds for every metric and every size of a test split. The prior
counts only as far as it agrees with what these seeds show: where they vary far more or far less than it
expects, its degrees of freedom shrink by the two-sided tail of F (the idea of B. Phipson et al., "Robust
hyperparameter estimation protects against hypervariable genes and improves power to detect differential
expression", Annals of Applied Statistics 10, 2016, who have a mixture over many genes; we have one pair of
arms). And the variance is never taken to be less than these seeds show, or than their examples alone make it:
others do not vouch for an arm that varies much.

`spread.json` is made by `benchmarks/looking.py prior --write`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scipy.special import fdtrc

TINY = 1e-24


@dataclass(frozen=True)
class Spread:
    """The prior of the variance of a seed's mean."""

    excess: float
    """Variance of what a seed adds to all examples alike, in variances of what it adds to one of them alone.

    Most arms have less: it is nearer to the upper end, for what varies more would be called too often.
    """
    freedom: float
    """Degrees of freedom: as sure as if so many more seeds had been seen."""
    pairs: int = 0
    """Of arms that it was fitted to."""

    def usual(self, alone: float, single: float) -> float:
        """The variance of a seed's mean that is expected before seeds are seen.

        Args:
            alone: what the units' own luck under a seed makes of its mean.
            single: the variance of what a seed adds to one example alone. Of an example, not of a unit: how
                much arms differ from seed to seed does not hang on what is tested together.
        """
        return alone + self.excess * single

    def moderated(self, found: float, freedom: float, alone: float, single: float) -> tuple[float, float]:
        """The variance of a seed's mean and its degrees of freedom; `found` has `freedom` of them."""
        usual = self.usual(alone, single)
        own = self.freedom * self.agreement(found, usual, freedom)
        both = (own * usual + freedom * found) / (own + freedom)
        return max(found, both, alone), own + freedom

    def agreement(self, found: float, usual: float, freedom: float) -> float:
        """From 1, where what was found is what is expected, to 0: how often it would be as far off by chance.

        Two seeds are easily alike by luck, so that calm counts against the prior only as seeds get many.
        """
        if self.freedom <= 0:
            return 1.0
        above = float(fdtrc(freedom, self.freedom, found / max(usual, TINY)))
        return 2 * above if above < 0.5 else max(2 * (1 - above), 1 / freedom)


@cache
def usual_spread() -> Spread:
    """The one that ships."""
    return Spread(**json.loads(files(__package__).joinpath("spread.json").read_text("utf-8")))
