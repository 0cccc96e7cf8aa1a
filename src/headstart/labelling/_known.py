"""What has a label already: examples that a model learned from or was tested on, and near copies of them.

A bundle knows the fingerprints of what it learned from, so that copies are always found. Near copies are
found where the data of the run are still at hand: only those that look alike at a glance are asked about in
depth.

Notation: n candidates, m labelled examples, t numbers of an impression.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import data as stage
from ..bases.formats.fingerprints import among, read
from ..data.checks import near_copies
from ..data.reading import Reading
from ..errors import HeadstartError
from ..shipping.bundles.predict import Predictor
from ..types import BoolArray, Data, Examples, FloatArray, IntArray, Source

ALIKE = 0.9
"""Correlation of two impressions, below which nothing is a near copy."""
BLOCK = 512


@dataclass(frozen=True)
class Labelled:
    """The labelled examples, as far as they are at hand."""

    digests: frozenset[str]
    copies: frozenset[str]
    """Equal for those that say the same in other bytes."""
    sources: tuple[Source, ...]
    note: str | None
    """Why near copies cannot be looked for."""


def labelled(bundle: Path, predictor: Predictor, given: Data | None) -> Labelled:
    """Those of the run that a bundle lies in; `given` is where its data are now."""
    run = bundle.parent
    tested = frozenset[str]()
    try:
        rows = json.loads((run / "evidence.json").read_text(encoding="utf-8"))["predictions"]
        tested = frozenset(row["digest"] for row in rows if "digest" in row)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # a bundle alone: what it learned from is known all the same
    try:
        asked = json.loads((run / "settings.json").read_text(encoding="utf-8"))["settings"]
        where = asked["data"] if given is None else given
        if where is None:
            raise ValueError("the run had a table in memory")
        reading = Reading(asked["group"], asked["columns"], asked["options"])
        examples = stage.load(where, predictor.task, asked["seed"], reading).examples
    except (HeadstartError, OSError, ValueError, KeyError, TypeError) as error:
        why = error.message if isinstance(error, HeadstartError) else str(error)
        note = f"near copies of labelled examples were not looked for, without the data of the run: {why}"
        return Labelled(tested, frozenset(), (), note)
    every = tested | frozenset(examples.digests)
    return Labelled(every, frozenset(examples.copies), examples.sources, None)


def exact(bundle: Path, examples: Examples, known: Labelled) -> BoolArray:
    """(n,) which of the examples are copies of labelled ones."""
    found = np.array(
        [
            digest in known.digests or copy in known.copies
            for digest, copy in zip(examples.digests, examples.copies, strict=True)
        ],
        dtype=np.bool_,
    )
    found[among(examples.digests, read(bundle))] = True
    return found


def impressions(predictor: Predictor, sources: Sequence[Source]) -> FloatArray | None:
    """(n, t) small impressions; None where the task has none."""
    if not sources:
        return None
    inputs = predictor.task.unanswered(sources, predictor.parts.preprocess)
    found = predictor.task.modality.impressions(inputs, np.arange(len(sources)))
    return None if found is None else np.asarray(found, np.float64)


def near(predictor: Predictor, features: FloatArray, shown: FloatArray, known: Labelled) -> BoolArray:
    """(n,) which candidates are near copies of labelled examples.

    Args:
        predictor: what features are of.
        features: (n, d) of the candidates.
        shown: (n, t) impressions of them.
        known: the labelled examples.
    """
    n, found = len(features), np.zeros(len(features), dtype=np.bool_)
    theirs = impressions(predictor, known.sources)
    if theirs is None or theirs.shape[1:] != shown.shape[1:]:
        return found
    alike = _alike(shown, theirs)
    if not len(alike):
        return found
    some = predictor.features([known.sources[row] for row in alike.tolist()])
    both = np.concatenate([features, some]).astype(np.float32)
    pairs = near_copies(both, np.concatenate([shown, theirs[alike]]).astype(np.float32))
    across = pairs[(pairs.min(1) < n) & (pairs.max(1) >= n)] if len(pairs) else pairs
    found[across.min(1) if len(across) else []] = True
    return found


def _alike(ours: FloatArray, theirs: FloatArray) -> IntArray:
    """The rows of theirs that look like some of ours at a glance."""
    one, other = _unit(ours), _unit(theirs)
    blocks = [other[start : start + BLOCK] for start in range(0, len(other), BLOCK)]
    most = np.concatenate([(block @ one.T).max(1) for block in blocks])
    return np.asarray(np.flatnonzero(most >= ALIKE), dtype=np.int64)


def _unit(rows: FloatArray) -> FloatArray:
    centred = rows - rows.mean(1, keepdims=True)
    length = np.sqrt(np.square(centred).sum(1, keepdims=True))
    return np.asarray(centred / np.where(length > 1e-6, length, np.inf))
