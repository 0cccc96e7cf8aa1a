"""Small made tables of what users took: each user likes one of a few groups of items, in both shops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from headstart.preprocessing.ratings import Known

GROUPS, ITEMS = 4, 10
"""Groups of items, and items of each."""


def table(
    users: int = 120, each: int = 6, shop: str = "a", seed: int = 0, stamps: bool = False, start: int = 0
) -> pd.DataFrame:
    """What users took: `each` of their group's items, now and then another one."""
    draws, rows = np.random.default_rng(seed), []
    for user in range(users):
        own = draws.permutation(ITEMS)[:each] + ITEMS * (user % GROUPS)
        own[-1] = draws.integers(GROUPS * ITEMS)
        rows += [(f"u{user}", f"{shop}{item}") for item in dict.fromkeys(own.tolist())]
    found = pd.DataFrame(rows, columns=["user_id", "item_id"])
    if stamps:
        found["timestamp"] = start + draws.permutation(len(found)) * 3600
        found = found.sort_values("timestamp", ignore_index=True)
    return found


def write(folder: Path, stamps: bool = False, users: int = 120) -> tuple[Path, Path]:
    """A target of few items a user, and a source of many; the same users."""
    folder.mkdir(parents=True, exist_ok=True)
    target, source = folder / "target.csv", folder / "source.csv"
    day = 1_500_000_000
    table(users, 5, "a", 0, stamps, day).to_csv(target, index=False)
    table(users, 8, "b", 1, stamps, day - 10**7).to_csv(source, index=False)
    return target, source


def described(folder: Path) -> Path:
    """What is known of the target's items, and of one that nobody took."""
    rows = [(f"a{item}", f"group {item // ITEMS}|all") for item in range(GROUPS * ITEMS)]
    rows.append(("new", "group 1"))
    pd.DataFrame(rows, columns=["item_id", "genres"]).to_csv(folder / "items.csv", index=False)
    return folder / "items.csv"


def kept(taken: dict[str, dict[int, int | None]]) -> Known:
    """Of each user the numbers of items, and when each was taken, as a bundle keeps them."""
    pairs = [(place, item) for place, own in enumerate(taken.values()) for item in own]
    when = [stamp for own in taken.values() for stamp in own.values()]
    user, item = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    stamps = [stamp or 0 for stamp in when] if any(stamp is not None for stamp in when) else []
    return Known.of(tuple(taken), user, item, np.array(stamps, dtype=np.int64))
