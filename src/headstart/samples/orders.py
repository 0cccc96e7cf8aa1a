"""What customers of a shop ordered, and what the same customers ordered in another one; made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import _files
from .base import Sample

GROUPS = {
    "garden": ("rake", "hose", "spade", "seeds", "gloves", "pot", "shears", "lantern"),
    "kitchen": ("pan", "knife", "board", "whisk", "kettle", "bowl", "grater", "apron"),
    "office": ("stapler", "lamp", "chair", "folder", "pens", "ruler", "calendar", "clock"),
    "travel": ("suitcase", "pillow", "bottle", "map", "torch", "tent", "rope", "stove"),
}
"""Items by what a customer is interested in."""
CUSTOMERS = 160


def write(folder: Path, seed: int) -> None:
    """Write `orders.csv`, `other-shop.csv` (`user_id`, `item_id`) and `items.csv` (`item_id`, `genres`)."""
    draws = np.random.default_rng(seed)
    for name, most, end in (("orders.csv", 4, ""), ("other-shop.csv", 6, " (other shop)")):
        rows = [row for user in range(CUSTOMERS) for row in taken(user, most, end, draws)]
        _files.table(folder / name, ("user_id", "item_id"), rows)
    items = [(item, group) for group, members in GROUPS.items() for item in members]
    _files.table(folder / "items.csv", ("item_id", "genres"), items)


def taken(user: int, most: int, end: str, draws: np.random.Generator) -> list[tuple[str, str]]:
    """What a customer took: things of one interest, and one of any."""
    own = list(GROUPS)[user % len(GROUPS)]
    items = [*draws.permutation(GROUPS[own])[:most], draws.choice(GROUPS[draws.choice(list(GROUPS))])]
    return [(f"customer {user + 1}", f"{item}{end}") for item in dict.fromkeys(items)]


plugin = Sample(
    summary="orders of 160 customers in one shop, and of the same in another; made",
    task="recommendation",
    source="made by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data}/orders.csv --source-data {data}/other-shop.csv --set shared=users --minutes 1",
)
