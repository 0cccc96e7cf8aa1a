"""A glimpse of what a run is about, for its first screen: a few examples, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import Evidence, Shown

PICTURES, TEXTS = 6, 2


@dataclass(frozen=True)
class Glimpse:
    """One example."""

    shown: Shown
    label: str
    """What it is: a class, or the name of the example."""


def glimpse(evidence: Evidence) -> list[Glimpse]:
    """One of each of the first classes; where there are no classes a few tested ones, the best last."""
    samples = [Glimpse(each[0], label) for label, each in (evidence.samples or {}).items() if each]
    answers = [
        Glimpse(Shown(one.scene.picture if one.scene else one.picture, one.text), one.file)
        for one in evidence.answers or ()
    ]
    several = [one for one in samples or answers if one.shown.picture or one.shown.text]
    return _spread(several, PICTURES if several and several[0].shown.picture else TEXTS)


def _spread(several: Sequence[Glimpse], most: int) -> list[Glimpse]:
    """At most so many of them, from the first to the last."""
    step = max(1, (len(several) - 1) / max(1, most - 1))
    return [several[round(place * step)] for place in range(min(most, len(several)))]
