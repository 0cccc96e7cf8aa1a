"""A source that is not a table but a recommender: the interactions that its bundle keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import DataError, HeadstartError
from ...preprocessing.ratings import HISTORIES, RatingsPreprocess
from ...types import IntArray
from ..reading import Reading
from .tables import Interactions, interactions, table_beside

FACTS = "bundle.json"
SAME = 0.9
"""Of the target's interactions, that are in the source only where it is the same table."""
_HINT = "give a table of interactions, or the folder of a run, bundle or base that recommends"


def source_of(named: str, reading: Reading, threshold: float | None) -> Interactions:
    """What users took in a source: its table, or what a run, bundle or base of it keeps.

    Args:
        named: a path.
        reading: how the target is read; a source has the usual names of columns.
        threshold: the least rating that counts, of a table.

    Raises:
        DataError: it is neither.
    """
    folder = Path(named)
    if not folder.is_dir():
        return interactions(table_beside(named), replace(reading, columns={}), threshold)
    inside = next((one for one in (folder, folder / "bundle") if (one / FACTS).is_file()), None)
    if inside is None:
        raise DataError(f"`{named}` is a folder without a {FACTS}: no recommender is in it", _HINT)
    return _kept(inside, _read(inside))


def require_other(target: Interactions, source: Interactions) -> None:
    """Raises DataError: the source is the target itself, so that it says what is tested."""
    user, item = _places(target.users, source.users), _places(target.items, source.items)
    both = (user[target.user] >= 0) & (item[target.item] >= 0)
    pairs = user[target.user[both]] * len(source.items) + item[target.item[both]]
    same = int(np.isin(pairs, source.user * len(source.items) + source.item).sum())
    if same > SAME * len(target.user):
        raise DataError(
            f"{same} of the target's {len(target.user)} interactions are in the source too: it would say "
            "what is tested",
            "name another shop's or an earlier year's interactions as the source",
        )


def _places(names: Sequence[str], others: Sequence[str]) -> IntArray:
    """(n,) the number of each name among others; -1 where it is not there."""
    number = {name: place for place, name in enumerate(others)}
    return np.array([number.get(name, -1) for name in names], dtype=np.int64)


def _read(folder: Path) -> RatingsPreprocess:
    """What a bundle says of its items.

    Raises:
        DataError: it is damaged, or of another task.
    """
    try:
        plain = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        if plain["modality"] == RatingsPreprocess.modality:
            return RatingsPreprocess.read(dict(plain["preprocess"]), folder)
        task = plain["task"]
    except (OSError, ValueError, KeyError, TypeError, HeadstartError) as error:
        raise DataError(f"the bundle {folder} is damaged: {error!r}", "copy it again from its run") from error
    raise DataError(f"`{folder}` is a bundle for {task}: it knows nothing of users and items", _HINT)


def _kept(folder: Path, how: RatingsPreprocess) -> Interactions:
    """The pairs of users and items that can be recommended there.

    Raises:
        DataError: they were deleted.
    """
    known = how.known
    if known is None:
        raise DataError(
            f"`{folder}` has no {HISTORIES}: without who took what nothing links its items to your users",
            "give the source's table with --source-data",
        )
    user = np.repeat(np.arange(len(known.users)), np.diff(known.ends, prepend=0))
    own = known.items < how.size
    when = known.when[own] if len(known.when) else None
    return Interactions(known.users, how.items[: how.size], user[own], known.items[own], when)
