"""Start the head's rows for classes that the base knows by name from the base's own.

Notation: d feature width, k classes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from ..bases.base import Brought, Classes


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


def carry_over(head: nn.Module, brought: Brought) -> None:
    """Start a head from the one that came with a base: all of it but the rows of classes that it lacks.

    Parameters of other shapes stay as they are, since the head was made for other maps.
    """
    own: dict[str, Tensor] = head.state_dict()
    modules: Any = head
    same = matches(modules.labels, brought.labels)
    for name, tensor in brought.state.items():
        if name not in own or own[name].shape[1:] != tensor.shape[1:]:
            continue
        if name in modules.class_rows:
            _copy_rows(own[name], tensor, modules.class_rows[name], (len(modules.labels), same))
        elif own[name].shape == tensor.shape:
            own[name] = tensor
    head.load_state_dict(own)


def _copy_rows(
    into: Tensor, given: Tensor, place: tuple[int, int], classes: tuple[int, dict[int, int]]
) -> None:
    """Rows of the same classes, and those that stand for no class, before and after them."""
    (first, many), (k, same) = place, classes
    into[:first] = given[:first]
    if after := len(into) - first - many * k:
        into[-after:] = given[-after:]
    for number, row in same.items():
        mine, other = first + many * number, first + many * row
        into[mine : mine + many] = given[other : other + many]


def _key(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name)).strip().casefold()
