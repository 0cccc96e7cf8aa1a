"""Ways across domains: heads for a target without labels, from a labelled source, one file each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ... import registry
from ...tasks.solvers.base import LinearHead
from ...types import FloatArray, IntArray
from .base import Domains, Way

FOLDER = "adaptation.domains"
FOLDS = 5
PLAIN = "source_only"
"""The arm without adaptation, that all others are compared with."""
VOTE = "align"
"""What may ship without labels, and what the guard looks at: it has labelled no target row itself."""
SELF = "align_self"
"""What may ship where the shares of classes are declared to be the same: it believes those of the vote."""
FEW = "few"
"""What may ship with labels of every class."""


def ways() -> dict[str, Way]:
    """All of them by name."""
    return {name: registry.get(FOLDER, name) for name in registry.names(FOLDER)}


def heads(domains: Domains) -> dict[str, LinearHead]:
    """By way its head for the target; of those that learn from labels only where there are enough."""
    return {name: solved(way, domains) for name, way in ways().items() if suffices(way, domains)}


def solved(way: Way, domains: Domains) -> LinearHead:
    """The head of a way, (k, d); of sets of labels its output is the log-odds of each label."""
    found = [way.solve(one) for one in domains.questions]
    return of_labels(found, domains.right) if domains.sets else found[0]


def of_labels(heads: Sequence[LinearHead], right: IntArray) -> LinearHead:
    """One head of k labels from k heads of two classes, yes and no.

    These take yes to be as likely as no; here it is as likely as in the source, or else every example would
    be said to have labels that few have.

    Args:
        heads: of each label.
        right: (n, k) of the source.
    """
    yes = right.sum(0) + 0.5
    prior = np.log(yes / (len(right) + 1 - yes))
    weight = np.stack([head.weight[1] - head.weight[0] for head in heads])
    bias = np.array([head.bias[1] - head.bias[0] for head in heads]) + prior
    left_out = float(np.mean([head.left_out for head in heads]))
    return LinearHead(weight, bias, heads[0].penalty, left_out)


def said(outputs: FloatArray, domains: Domains) -> IntArray:
    """What (m, k) outputs say: (m,) classes, or (m, k) 1 for each label that is more likely than not."""
    return (outputs > 0).astype(np.int64) if domains.sets else outputs.argmax(1)


def suffices(way: Way, domains: Domains) -> bool:
    """Has every class, or every label's yes and no, as many labelled target rows as the way takes?"""
    return not way.labels or least(domains) >= way.labels


def least(domains: Domains) -> int:
    """Labelled target rows of the class, or of the label's yes or no, that has the fewest."""
    return min(int(np.bincount(one.labelled.right, minlength=one.k).min()) for one in domains.questions)


def candidate(domains: Domains, proportions: str) -> str:
    """The way that is compared with the source alone: fixed by what is known, not by how well it does.

    Of sets of labels it is the vote: self-training takes each answer to be as likely as the others, and few
    examples have a label.
    """
    if suffices(ways()[FEW], domains):
        return FEW
    return SELF if proportions == "same" and not domains.sets else VOTE


def on_labelled(found: Mapping[str, LinearHead], domains: Domains) -> dict[str, FloatArray]:
    """(l, k) outputs of each way for the labelled rows; a way that learns from some is asked about others.

    Rows are in `FOLDS` folds, those of a class dealt out in turn.
    """
    labelled, outputs = domains.labelled, dict[str, FloatArray]()
    rows = np.zeros(len(labelled.right), dtype=np.int64) if domains.sets else labelled.right
    fold = turns(rows) % FOLDS
    for name, head in found.items():
        if not ways()[name].labels:
            outputs[name] = head.outputs(labelled.features)
            continue
        outputs[name] = np.zeros((len(fold), domains.k))
        for out in np.unique(fold):
            held = np.flatnonzero(fold == out)
            head = solved(ways()[name], domains.without(held))
            outputs[name][held] = head.outputs(labelled.features[held])
    return outputs


def turns(right: IntArray) -> IntArray:
    """(l,) which of its class each row is, from 0; the classes go on from one another."""
    found, start = np.zeros(len(right), dtype=np.int64), 0
    for number in np.unique(right):
        rows = np.flatnonzero(right == number)
        found[rows] = np.arange(start, start + len(rows))
        start += len(rows)
    return found
