"""The guard: does the adapted model ship, where no label of the target can tell whether it is better?

Three things have to hold. The target shows the classes of the source: two models that read half of the
features each agree about it (`halves.py`), neighbours have the same class, and ways that move the source
differently come to the same. There is something to adapt to: source and target examples are told apart. And
classes are at least as clear in the target by the adapted model as by the source's. Where the shares of
classes are declared to be the same, a little less clear will do: what looks like other shares are other
looks, which the adapted model has to be right about. Where they are not declared so, unlabelled rows cannot
tell a shift of looks from a shift of shares, and adapting to the second makes it worse; with two classes,
which differ in one direction only, moved shares are reason enough to refuse. `docs/adaptation.md` has the
rule in plain words, `benchmarks/adapting.py` what it costs and saves.

Notation: n source rows, m target rows, d feature width, k classes, w ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..adaptation.domains.base import Domains
from ..tasks.solvers import linear
from ..types import FloatArray, IntArray
from .halves import Halves, evenly, halves

FEWEST = 30
"""Target rows that say enough of it."""
NEIGHBOURS = 5
APART = 0.55
"""Lower bound of how often a source and a target row are told apart: below, there is nothing to adapt to."""
SURE = 1.64 * 1.5
"""Standard errors below the rate: rows that are left out in turn vary more than independent ones."""
CLUSTERED, AS_CLUSTERED = 0.15, 0.5
"""How much oftener than by chance neighbours in the target must have the same class; and of how much they do
by their labels in the source."""
AGREED = 0.6
"""Of the target, on which the ways must agree with their vote."""
SHARED = 0.6
"""Of how much two models on half of the features agree about the source, what they must about the target."""
CLEARER, AS_CLEAR = 0.0, -0.04
"""How much more neighbours must agree by the vote than by the source's model; and where shares are declared
to be the same, so that what looks like other shares are other looks."""
VANISHED, COUNTED = 0.2, 10
"""Of its share in the source, below which a class is as good as gone; and expected rows that tell so."""
DRIFT, NOISES = 0.05, 1.5
"""Half the sum of changes of shares that is usual, and how much of what chance alone makes is added."""


@dataclass(frozen=True)
class Seen:
    """What is seen without labels of the target."""

    rows: int
    """Of the target."""
    apart: float
    """Lower bound of the share of rows of which it is told which domain they are of; 0.5 is chance."""
    consistency: float
    """How much oftener than by chance a target row's neighbours have its class, 0..1."""
    source_consistency: float
    """The same of the classes that the source-only model says."""
    agreement: float
    """Mean share of the target on which a way that moves the source says what the vote says."""
    source_agreement: float
    """The same of the source-only model."""
    labelled_consistency: float
    """How much oftener than by chance neighbours in the source have the same label."""
    halves: Halves
    """How much two models that read half of the features each agree about either domain."""
    shares: Mapping[str, tuple[float, ...]]
    """(k,) of each class: in the `source`, and in the target as `source_only` and `adapted` say."""
    sets: bool = False
    """Have examples sets of labels, so that each label has a share of its own?"""

    @property
    def part(self) -> float:
        """Of labels each is a question of two answers, and what counts is the mean over them."""
        return 2 / len(self.shares["source"]) if self.sets else 1.0

    @property
    def two_answers(self) -> bool:
        """Do answers differ in one direction only?"""
        return self.sets or len(self.shares["source"]) == 2

    @property
    def drift(self) -> float:
        """Half the sum of changes of shares, from the source's to what the source-only model says."""
        return self.part * distance(self.shares["source"], self.shares["source_only"])

    @property
    def other_things(self) -> bool:
        """May the target show other things than the source?"""
        return self.halves.kept < SHARED

    @property
    def gained(self) -> float:
        """How much clearer classes are in the target by the adapted model than by the source's."""
        return self.consistency - self.source_consistency

    @property
    def clustered(self) -> float:
        """How consistent the target has to be."""
        return max(CLUSTERED, AS_CLUSTERED * self.labelled_consistency)

    @property
    def adapted_drift(self) -> float:
        """The same to what the adapted model says."""
        return self.part * distance(self.shares["source"], self.shares["adapted"])

    @property
    def usual_drift(self) -> float:
        """What is usual, and what chance makes of so many rows."""
        source = np.array(self.shares["source"])
        noise = 0.5 * float(np.sqrt(2 * source * (1 - source) / (np.pi * self.rows)).sum())
        return DRIFT + NOISES * self.part * noise

    @property
    def least(self) -> float:
        """The least share that the adapted model gives to a class, in times of its share in the source."""
        pairs = zip(self.shares["adapted"], self.shares["source"], strict=True)
        counted = [own / share for own, share in pairs if share * self.rows >= COUNTED]
        return min(counted, default=1.0)


def seen(domains: Domains, said: Mapping[str, IntArray], voters: Sequence[str]) -> Seen:
    """What is seen of both domains, and of what each arm says of the target, (m,) classes.

    Args:
        domains: their features, and the classes of the source.
        said: by arm; `source_only` and `adapted`, and those of `voters`. Of sets (m, k) labels.
        voters: the ways that move the source.
    """
    source, target, right, k = domains.source, domains.target, domains.right, domains.k
    vote = said["adapted"]
    answers = {"source": right, "source_only": said["source_only"], "adapted": vote}
    return Seen(
        rows=len(target),
        apart=told_apart(source, target),
        consistency=consistency(target, vote, k),
        source_consistency=consistency(target, said["source_only"], k),
        agreement=float(np.mean([agreed(said[name], vote) for name in voters])),
        source_agreement=agreed(said["source_only"], vote),
        labelled_consistency=consistency(source, right, k),
        halves=halves(domains),
        shares={name: tuple(shares_of(one, k).tolist()) for name, one in answers.items()},
        sets=domains.sets,
    )


def refused(found: Seen, proportions: str) -> list[str]:
    """Why the adapted model does not ship, a sentence each; nothing where it does.

    Args:
        found: what is seen.
        proportions: `same` where the classes are as frequent in the target as in the source; else `unknown`.
    """
    checks = (
        (found.rows < FEWEST, f"the target has {found.rows} examples, fewer than {FEWEST}"),
        (
            found.apart < APART,
            "no adaptation is needed: the target looks like the source, which of the two an example is of is "
            f"told at a rate of {found.apart:.0%} for sure, below {APART:.0%}",
        ),
        (
            found.other_things,
            "the target may show other things than the source: two models on half of the features each "
            f"agree {found.halves.target:.0%} beyond chance about it, below {SHARED:.0%} of the "
            f"{found.halves.source:.0%} about the source",
        ),
        (
            found.consistency < found.clustered,
            "the target does not fall into the classes: neighbours agree "
            f"{found.consistency:.0%} beyond chance, below {found.clustered:.0%}",
        ),
        (
            found.agreement < AGREED,
            f"the ways to adapt agree on {found.agreement:.0%} of the target, below {AGREED:.0%}",
        ),
        (
            found.least < VANISHED,
            f"a class has {found.least:.0%} of its share in the source, below {VANISHED:.0%}",
        ),
    )
    return [*(reason for holds, reason in checks if holds), *_unproven(found, proportions)]


def _unproven(found: Seen, proportions: str) -> list[str]:
    """Whether anything speaks for the adapted model, and not only nothing against it."""
    same = proportions == "same"
    if found.gained < (AS_CLEAR if same else CLEARER):
        return [
            "classes are less clear in the target once it is adapted to: neighbours agree "
            f"{found.consistency:.0%} beyond chance, by the source's model {found.source_consistency:.0%}"
        ]
    if not same and found.drift > found.usual_drift and found.two_answers:
        return [
            "of two classes, other shares look like other looks, and the shares are not declared to be the "
            f"same: the source's model moves {found.drift:.0%} of them, {found.usual_drift:.0%} is usual"
        ]
    return []


def told_apart(source: FloatArray, target: FloatArray) -> float:
    """Lower bound of the balanced rate at which (n, d) and (m, d) rows left out in turn are told apart."""
    some = [rows[evenly(len(rows))] for rows in (source, target)]
    domain = np.repeat([0, 1], [len(rows) for rows in some])
    right = linear.left_out_right(np.concatenate(some), domain, 2)
    rate = float(np.mean([right[domain == side].mean() for side in (0, 1)]))
    error = np.sqrt(sum(0.25 / len(rows) for rows in some) / 4)
    return rate - SURE * float(error)


def shares_of(said: IntArray, k: int) -> FloatArray:
    """(k,) of each class in what is said of rows, or of each label."""
    return said.mean(0) if said.ndim > 1 else np.bincount(said, minlength=k) / len(said)


def agreed(one: IntArray, other: IntArray) -> float:
    """The share of rows of which both say the same class.

    Of sets the mean over rows of the labels that both say, of those that one of them says (Jaccard's index):
    that both leave out the labels that hardly any row has is no agreement.
    """
    if one.ndim == 1:
        return float((one == other).mean())
    both, either = (one & other).sum(1), (one | other).sum(1)
    return float(np.where(either, both / np.maximum(either, 1), 1.0).mean())


def consistency(target: FloatArray, said: IntArray, k: int) -> float:
    """How much oftener than by chance the nearest (m, d) rows have the class that is (m,) said, of 1.

    Of (m, k) labels the mean over those that some rows have and others have not.
    """
    if said.ndim > 1:
        asked = [column for column in said.T if 0 < column.sum() < len(column)]
        return float(np.mean([consistency(target, column, 2) for column in asked])) if asked else 0.0
    rows, said = target[evenly(len(target))], said[evenly(len(target))]
    centred = rows - rows.mean(0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    count = min(NEIGHBOURS, len(rows) - 1)
    nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    same = float((said[nearest] == said[:, None]).mean())
    chance = float(np.square(np.bincount(said, minlength=k) / len(said)).sum())
    return (same - chance) / (1 - chance) if chance < 1 else 0.0


def distance(shares: Sequence[float], others: Sequence[float]) -> float:
    """Half the sum of differences of (k,) shares: what part has another class."""
    return 0.5 * float(np.abs(np.array(shares) - np.array(others)).sum())
