"""Ways across domains: heads for a target without labels, from a labelled source, one file each."""

from __future__ import annotations

from collections.abc import Mapping

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
    return {name: way.solve(domains) for name, way in ways().items() if suffices(way, domains)}


def suffices(way: Way, domains: Domains) -> bool:
    """Has every class as many labelled target rows as the way takes?"""
    return not way.labels or least(domains) >= way.labels


def least(domains: Domains) -> int:
    """Labelled target rows of the class that has the fewest."""
    return int(np.bincount(domains.labelled.right, minlength=domains.k).min())


def candidate(domains: Domains, proportions: str) -> str:
    """The way that is compared with the source alone: fixed by what is known, not by how well it does."""
    if suffices(ways()[FEW], domains):
        return FEW
    return SELF if proportions == "same" else VOTE


def on_labelled(found: Mapping[str, LinearHead], domains: Domains) -> dict[str, FloatArray]:
    """(l, k) outputs of each way for the labelled rows; a way that learns from some is asked about others.

    Rows are in `FOLDS` folds, those of a class dealt out in turn.
    """
    labelled, outputs = domains.labelled, dict[str, FloatArray]()
    fold = turns(labelled.right) % FOLDS
    for name, head in found.items():
        if not ways()[name].labels:
            outputs[name] = head.outputs(labelled.features)
            continue
        outputs[name] = np.zeros((len(fold), domains.k))
        for out in np.unique(fold):
            held = np.flatnonzero(fold == out)
            head = ways()[name].solve(domains.without(held))
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
