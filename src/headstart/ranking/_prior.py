"""What is known of a base before anyone looks at the data: how it did on other data sets.

`prior.json` is a table of our own runs, made by `benchmarks/ranking`; a base is recognised by the hash of its
weights, so that two checkpoints of one architecture are two bases. Nothing is known of any other base.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypedDict

import numpy as np

from ..types import FloatArray


@dataclass(frozen=True)
class Prior:
    """Standard deviations above the average base, shrunk towards 0 where few data sets tell."""

    mean: float
    sets: int
    """How many data sets it comes from."""


UNKNOWN = Prior(0.0, 0)


class Run(TypedDict):
    """One data set at one size."""

    set: str
    examples: int
    accuracy: dict[str, float]
    """By the hash of a base's weights."""


@cache
def table() -> tuple[Run, ...]:
    """The runs that ship."""
    text = files(__package__).joinpath("prior.json").read_text("utf-8")
    return tuple(json.loads(text)["runs"])


def prior(sha256: str, runs: Sequence[Run]) -> Prior:
    """The posterior mean of a base's standing, which is N(0, 1) over bases and seen once per data set."""
    by_set: dict[str, list[float]] = {}
    for run in runs:
        if sha256 in run["accuracy"]:
            standing = standings(np.array(list(run["accuracy"].values())))
            where = list(run["accuracy"]).index(sha256)
            by_set.setdefault(run["set"], []).append(float(standing[where]))
    if not by_set:
        return UNKNOWN
    sets = len(by_set)
    mean = float(np.mean([np.mean(found) for found in by_set.values()]))
    return Prior(mean * sets / (sets + 1), sets)


def standings(values: FloatArray) -> FloatArray:
    """Ranks along the last axis, as standard deviations above their mean; 0 where all are equal."""
    from scipy.stats import rankdata  # here: half a second, which one base need not wait for

    ranks = rankdata(values, axis=-1)
    return deviations(ranks)


def deviations(values: FloatArray) -> FloatArray:
    """Standard deviations above the mean, along the last axis; 0 where all are equal."""
    spread = values.std(-1, keepdims=True)
    centred = values - values.mean(-1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12))
