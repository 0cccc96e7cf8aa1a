"""What was found, as the records of `headstart.explored`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..bench import Bench
from ..explored import Group, Lonely, Map
from ..targets import of_classes
from . import maps
from ._found import Found

LISTED = 100
"""Of each list in the record; the table has all."""


def found(bench: Bench, seen: Found, names: Sequence[str]) -> dict[str, Any]:
    """What the features say, as fields of `Explored`."""
    return {
        "examples": len(bench.examples),
        "components": seen.rows.shape[1],
        "clear": seen.clear,
        "how": seen.how,
        "numbers": seen.numbers,
        "groups": groups(bench, seen, names),
        "map": drawn(seen),
        "lonely": lonely(bench, seen),
        "first": tuple(bench.examples.names[row] for row in seen.first.tolist()),
        "between": between(bench, seen),
    }


def groups(bench: Bench, found: Found, names: Sequence[str]) -> tuple[Group, ...]:
    """Each cluster, the largest first."""
    telling = _words(bench, found, names)
    members, known = found.clustered.members, bench.examples.names
    rows = [np.flatnonzero(members == one) for one in range(len(names))]
    own = members[found.sampled]
    inside = [found.silhouettes[own == one] for one in range(len(names))]
    return tuple(
        Group(
            name=name,
            size=len(rows[one]),
            distance=float(found.distances[rows[one]].mean()),
            silhouette=float(inside[one].mean()) if len(inside[one]) else 0.0,
            medoid=known[rows[one][found.distances[rows[one]].argmin()]],
            words=telling.get(name, ()),
        )
        for one, name in enumerate(names)
    )


def lonely(bench: Bench, found: Found) -> tuple[Lonely, ...]:
    """What lies far out, the farthest first."""
    order = [row for row in np.argsort(-found.apart, kind="stable").tolist() if found.lonely[row]]
    return tuple(Lonely(bench.examples.names[row], float(found.apart[row])) for row in order[:LISTED])


def drawn(found: Found) -> Map:
    """How the map was drawn, and how good it is."""
    return Map(found.map.method, found.map.arranged, maps.quality(found.rows, found.map.places))


def between(bench: Bench, found: Found) -> tuple[str, ...]:
    """What could as well be in another cluster, the surest first."""
    if len(found.clustered.centres) < 2:
        return ()
    order = np.argsort(-found.between, kind="stable")[:LISTED]
    return tuple(bench.examples.names[row] for row in order.tolist())


def _words(bench: Bench, found: Found, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By cluster the words that tell it, where examples have words: as a report tells those of classes."""
    if len(names) < 2:
        return {}
    examples = replace(bench.examples, targets=of_classes(found.clustered.members, names))
    everything = bench.everything
    shown: Any = bench.task.modality.evidence(examples, everything, everything, bench.base.preprocess)
    return {row["label"]: tuple(one["word"] for one in row["words"]) for row in shown.get("words", ())}
