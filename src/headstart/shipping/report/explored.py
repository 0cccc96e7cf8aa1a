"""The page of an exploration: one file with a map that answers to the pointer, and everything that was found.

Its script stands in the page and is let in by its hash; the page asks for nothing outside itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...explored import Explored, Proof
from . import page, words
from .scripts import script

SHOWN = 24
"""Of each list."""
CALLS = {
    "helps": "The base finds structure that is not there without its weights.",
    "hurts": "The base finds less structure than there is without it: take another base.",
    "undecided": "Nobody can tell from views whether the base finds more structure than there is without it.",
}


def render(explored: Explored, points: Mapping[str, Any]) -> str:
    """The page of one exploration; the same for the same findings, whenever it is written.

    Args:
        explored: what was found.
        points: what `exploration` writes as `evidence.json`: places, clusters, names, looks.
    """
    found = (
        page.environment(explored.task)
        .get_template("explored.html.j2")
        .render(
            result=explored,
            look=page.look(),
            script=script("map.js"),
            points=_embedded({**points, "names": [one.name for one in explored.groups]}),
            sheets=_sheets(explored, points),
            lonely=_shown([one.file for one in explored.lonely], points),
            copies=[_shown(pair, points) for pair in explored.copies[:SHOWN]],
            first=_shown(explored.first, points),
            between=_shown(explored.between, points),
            arms=_arms(explored.proof),
            says=explored.proof and CALLS[explored.proof.call],
            ends=explored.proof and words.span(explored.proof.interval, words.points),
        )
    )
    return found.encode("utf-8", "backslashreplace").decode("utf-8")


def _embedded(points: Mapping[str, Any]) -> Markup:
    """JSON that no text in it can end."""
    text = json.dumps(points, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _sheets(explored: Explored, points: Mapping[str, Any]) -> list[dict[str, object]]:
    """Each cluster with those of its examples that are shown."""
    rows = zip(explored.groups, points["sheets"], strict=True)
    return [{"group": group, "shown": [_one(row, points) for row in shown]} for group, shown in rows]


def _shown(files: Sequence[str], points: Mapping[str, Any]) -> list[dict[str, object]]:
    """The first of some examples."""
    place = {name: row for row, name in enumerate(points["name"])}
    return [_one(place[file], points) for file in files[:SHOWN] if file in place]


def _one(row: int, points: Mapping[str, Any]) -> dict[str, object]:
    """What is shown of an example, and what it is called."""
    return {"row": row, "file": points["name"][row], "look": points["look"].get(str(row), "")}


def _arms(proof: Proof | None) -> list[tuple[str, float]]:
    """The shares, best first."""
    return sorted(proof.shares.items(), key=lambda one: -one[1]) if proof else []
