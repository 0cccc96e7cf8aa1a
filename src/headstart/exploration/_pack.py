"""What was found as a bundle: it says the cluster of a new example, and whether anything like it was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..bases.formats.fingerprints import shortened
from ..bench import Bench
from ..shipping.bundles import bundle
from ..tasks.answers.groups import Groups, GroupsOut
from ..types import Splits
from ..version import VERSION
from . import odd
from ._found import Found


def pack(folder: Path, task: str, bench: Bench, splits: Splits, found: Found, names: tuple[str, ...]) -> None:
    """Write the bundle of what was found in the features of a base."""
    marks = odd.landmarks(found.rows)
    width, components = found.space.axes.shape
    head = GroupsOut(width, components, len(names), len(marks))
    held = {
        "centre": found.space.centre,
        "axes": found.space.axes,
        "centres": found.clustered.centres,
        "landmarks": found.rows[marks],
        "places": found.map.places[marks],
        "limit": np.array([odd.limit(found.rows, marks)]),
    }
    head.load_state_dict({name: torch.from_numpy(value).float() for name, value in held.items()})
    base = bench.base
    parts = bundle.Parts(
        task=task,
        architecture=base.architecture,
        preprocess=base.preprocess,
        labels=names,
        width=width,
        facts={
            "headstart": VERSION,
            "arm": "groups",
            "base": base.name,
            "base_sha256": base.card.sha256,
            "fingerprint": f"sha256:{splits.fingerprint}",
            "clear": found.clear,
        },
        head=Groups(components, len(marks)).head_architecture,
    )
    seen = np.union1d(base.seen, shortened(list(bench.examples.digests)))
    bundle.write(folder, parts, base.network(), head, seen)
