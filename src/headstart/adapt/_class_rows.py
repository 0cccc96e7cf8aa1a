"""Start the head's rows for classes that the base knows by name from the base's own.

Notation: d feature width, k classes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from torch import nn

from ..bases.base import Classes


def matches(labels: Sequence[str], known: Sequence[str]) -> dict[int, int]:
    """By the number of a label that of the known class of the same name.

    Case does not count; space, underscore and hyphen are the same. A known name may list synonyms after
    commas, as ImageNet's do. A name that several known classes have names none of them.
    """
    rows: dict[str, set[int]] = defaultdict(set)
    for row, name in enumerate(known):
        for synonym in {_key(name), *map(_key, name.split(","))}:
            rows[synonym].add(row)
    found = {number: rows.get(_key(label), set()) for number, label in enumerate(labels)}
    return {number: next(iter(same)) for number, same in found.items() if len(same) == 1}


def reuse(head: nn.Module, labels: Sequence[str], classes: Classes) -> None:
    """Copy the rows of matching classes into a linear head (k, d)."""
    state = head.state_dict()
    for number, row in matches(labels, classes.labels).items():
        state["weight"][number] = classes.weight[row]
        state["bias"][number] = classes.bias[row]
    head.load_state_dict(state)


def _key(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name)).strip().casefold()
