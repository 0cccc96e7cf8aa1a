"""What a person sees of what was found: the page's points, and the table with a row for each example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..bench import Bench
from ..data import BUT_FOR, COPY_OF, rows_by_side
from ..parallel import each
from ..tasks.modalities.base import Modality
from ..types import IntArray, Source, Splits
from . import space
from ._found import Found
from .ages import ages

SIDE = 72
"""Of a picture, pixels; texts are cut accordingly."""
SHEET = 8
"""Examples of a cluster that are shown."""
HOVERED = 600
"""Further pictures on the map."""
LISTED = 24
"""Of what is odd, nearly the same, or first to label."""


def sheets(found: Found) -> list[list[int]]:
    """By cluster the rows that are shown of it: those nearest to its centre, then from there to its edge."""
    shown = []
    for member in range(len(found.clustered.centres)):
        rows = np.flatnonzero(found.clustered.members == member)
        ordered = rows[np.argsort(found.distances[rows], kind="stable")]
        near, rest = ordered[: SHEET // 2], ordered[SHEET // 2 :]
        shown.append(
            [*near.tolist(), *rest[space.evenly(len(rest), SHEET // 2)].tolist()]
            if len(rest)
            else near.tolist()
        )
    return shown


def points(
    bench: Bench,
    splits: Splits,
    found: Found,
    copies: Sequence[tuple[int, int]],
    labels: Sequence[str | None] | None,
) -> dict[str, Any]:
    """Everything that the page draws, as plain JSON; places are thousandths."""
    listed = [*np.argsort(-found.apart, kind="stable")[:LISTED].tolist(), *found.first[:LISTED].tolist()]
    listed += np.argsort(-found.between, kind="stable")[:LISTED].tolist()
    listed += [row for pair in list(copies)[:LISTED] for row in pair]
    sheet = sheets(found)
    wanted = [*listed, *(row for rows in sheet for row in rows)]
    shown = np.union1d(wanted, space.evenly(len(found.rows), HOVERED)).astype(np.int64)
    looks, old = _looks(bench, shown), ages(bench.examples.sources)
    return {
        "x": np.rint(1000 * found.map.places[:, 0]).astype(int).tolist(),
        "y": np.rint(1000 * found.map.places[:, 1]).astype(int).tolist(),
        "cluster": found.clustered.members.tolist(),
        "lonely": np.flatnonzero(found.lonely).tolist(),
        "split": _sides(splits),
        "label": None if labels is None else [label or "" for label in labels],
        "age": old and {"of": old.members.tolist(), "names": list(old.names)},
        "name": list(bench.examples.names),
        "look": {str(row): look for row, look in looks.items()},
        "sheets": sheet,
    }


def table(
    bench: Bench, splits: Splits, found: Found, names: Sequence[str], copies: Sequence[tuple[int, int]]
) -> list[dict[str, object]]:
    """A row for each example, in the order of their names; copies of the same content follow theirs."""
    place = {row: number for number, row in enumerate(found.first.tolist(), 1)}
    twin: dict[int, int] = {}
    for one, other in copies:
        twin.setdefault(other, one)
    known = bench.examples.names
    rows = [
        {
            "file": known[row],
            "cluster": names[found.clustered.members[row]],
            "distance": round(float(found.distances[row]), 4),
            "apart": round(float(found.apart[row]), 3),
            "lonely": "yes" if found.lonely[row] else "",
            "between": round(float(found.between[row]), 3),
            "x": round(float(found.map.places[row, 0]), 4),
            "y": round(float(found.map.places[row, 1]), 4),
            "label_first": place.get(row, ""),
            "nearly_the_same_as": known[twin[row]] if row in twin else "",
            "same_as": "",
        }
        for row in range(len(known))
    ]
    by_name: dict[str, dict[str, object]] = {str(row["file"]): row for row in rows}
    for item in splits.dropped:
        first = item.reason.removeprefix(COPY_OF).removesuffix(BUT_FOR)
        if first != item.reason and first in by_name:
            rows.append({**by_name[first], "file": item.file, "label_first": "", "same_as": first})
    return sorted(rows, key=lambda row: str(row["file"]))


def _looks(bench: Bench, rows: IntArray) -> dict[int, str]:
    """Of some rows a small picture, or the beginning of a text."""
    modality, sources = bench.task.modality, bench.examples.sources
    looks = each(lambda row: _look(modality, sources[row]), rows.tolist())
    return dict(zip(rows.tolist(), looks, strict=True))


def _look(modality: Modality, source: Source) -> str:
    shown = modality.shown(source, SIDE)
    return shown.get("picture") or shown.get("text", "")


def _sides(splits: Splits) -> list[str] | None:
    """(n,) the split of each; None where there are no splits."""
    named = {side: rows for side, rows in rows_by_side(splits).items() if len(rows)}
    if len(named) < 2:
        return None
    found = [""] * len(splits.examples)
    for side, rows in named.items():
        for row in rows.tolist():
            found[row] = side
    return found
