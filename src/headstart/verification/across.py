"""What ships of a run across domains, and what may be said of it: by the guard, or by labels if given.

Notation: n source rows, m target rows, l labelled target rows, k classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import stats
from ..adaptation import domains as across
from ..adaptation.domains.base import Domains, Labelled, alike
from ..tasks.solvers.base import LinearHead
from ..types import BoolArray, IntArray, Interval, Splits
from .checked import Compared, binomial, compared, needed
from .guard import Seen, refused, seen

MOVING = ("mean_moved", "coral", "linear_ot")
"""The ways that move the source, whose agreement the guard looks at."""
SHOWN = 30
"""Examples that are named to be labelled."""


@dataclass(frozen=True)
class Judged:
    """What was found, and what follows."""

    said: Mapping[str, IntArray]
    """By arm, the (m,) classes that it says of the target; or (m, k) 1 for each label, else 0."""
    seen: Seen
    refused: tuple[str, ...]
    """Why the guard refuses the adapted model; nothing where it does not."""
    adapted: str
    """The arm that is compared with the source alone."""
    compared: Compared | None
    """None without labels."""
    rates: Mapping[str, tuple[float, Interval]]
    """By arm, the share of labelled rows that it has right; none without labels."""
    chosen: str
    why: str

    @property
    def beside(self) -> str:
        """The arm of the other bundle."""
        return self.adapted if self.chosen == across.PLAIN else across.PLAIN

    @property
    def differ(self) -> IntArray:
        """The target rows of which the two models do not say the same."""
        return np.flatnonzero(~alike(self.said[self.adapted], self.said[across.PLAIN]))

    @property
    def disagree(self) -> float:
        """Their share."""
        return len(self.differ) / self.seen.rows

    @property
    def needed(self) -> int | None:
        """Labels that would decide a gain of five points."""
        return needed(self.disagree)


def judged(domains: Domains, heads: Mapping[str, LinearHead], proportions: str) -> Judged:
    """What ships, and why.

    Without labels the guard decides. With labels they do, and the guard where these are undecided. Which
    adapted model it is about is fixed before by how many labels there are.

    Args:
        domains: features of both, with the labelled rows.
        heads: by way.
        proportions: `same` or `unknown`, as declared.
    """
    said = {name: across.said(head.outputs(domains.target), domains) for name, head in heads.items()}
    adapted = across.candidate(domains, proportions)
    votes = {**said, "adapted": said[across.VOTE]}
    found = seen(domains, votes, MOVING)
    against = tuple(refused(found, proportions))
    pair, rates = None, dict[str, tuple[float, Interval]]()
    if len(right := domains.labelled.right):
        outputs = across.on_labelled(heads, domains)
        answers = {name: across.said(one, domains) for name, one in outputs.items()}
        rates = {name: _rate(alike(one, right)) for name, one in answers.items()}
        differ = ~alike(said[adapted], said[across.PLAIN])
        pair = _pair(answers[adapted], answers[across.PLAIN], right, differ)
    chosen, why = _chosen(adapted, against, pair)
    return Judged(said, found, against, adapted, pair, rates, chosen, why)


def at_home(
    head: LinearHead, domains: Domains, splits: Splits, known: Callable[[IntArray], Labelled]
) -> tuple[float, Interval]:
    """How often a head is right on the source's own test split: it says nothing of the target.

    Args:
        head: of the source's model.
        domains: that it was solved on.
        splits: of the source.
        known: features of rows, and what is right for them.
    """
    tested = known(splits.test)
    scores = alike(across.said(head.outputs(tested.features), domains), tested.right).astype(np.float64)
    return float(scores.mean()), stats.of_value(scores[None], splits.examples.units[splits.test])


def on_labels(domains: Domains) -> tuple[float, Interval]:
    """How often the source's model is right on the labelled target."""
    head, labelled = across.solved(across.ways()[across.PLAIN], domains), domains.labelled
    return _rate(alike(across.said(head.outputs(labelled.features), domains), labelled.right))


def to_label(judgement: Judged) -> IntArray:
    """Target rows whose labels would tell the most: evenly over what the two models disagree in.

    A fair draw of the disagreements, so that the interval stays right; where there are few of them, others
    follow.
    """
    plain, adapted = (numbered(judgement.said[name]) for name in (across.PLAIN, judgement.adapted))
    differ = judgement.differ
    order = differ[np.lexsort((differ, plain[differ], adapted[differ]))]
    some = order[np.linspace(0, len(order) - 1, min(SHOWN, len(order))).round().astype(int)]
    others = np.setdiff1d(np.arange(len(plain)), differ)
    more = others[np.argsort(adapted[others], kind="stable")]
    wanted = min(SHOWN - len(some), len(more))
    spread = np.linspace(0, len(more) - 1, wanted).round().astype(int)
    return np.concatenate([some, more[spread]]).astype(np.int64)


def numbered(said: IntArray) -> IntArray:
    """(m,) a number of what is said of each row: its class, or one for each set of labels that occurs."""
    if said.ndim == 1:
        return said
    numbers: IntArray = np.unique(said, axis=0, return_inverse=True)[1].reshape(-1)
    return numbers


def _rate(right: BoolArray) -> tuple[float, Interval]:
    """The share that is right, and its interval."""
    return float(right.mean()), binomial(int(right.sum()), len(right))


def _pair(adapted: IntArray, plain: IntArray, right: IntArray, differ: BoolArray) -> Compared:
    """The adapted model against the source alone: what they say of l rows, and (m,) where they differ."""
    right_by = (alike(adapted, right), alike(plain, right))
    return compared(*right_by, ~alike(adapted, plain), float(differ.mean()))


def _chosen(adapted: str, against: Sequence[str], pair: Compared | None) -> tuple[str, str]:
    """What ships, and why: labels before the guard."""
    if pair is not None and pair.call != "undecided":
        ships = adapted if pair.call == "helps" else across.PLAIN
        return ships, f"{pair.labels} labels of the target say so"
    if pair is not None and pair.delta < 0:
        return across.PLAIN, f"{pair.labels} labels of the target lean towards it, without deciding"
    if against:
        return across.PLAIN, f"the guard refuses the adapted model: {'; '.join(against)}"
    return adapted, "the guard has nothing against the adapted model; whether it is better, labels would tell"
