"""A run across domains: a labelled source, a target without labels, and a guard that decides what ships.

    check both → one frozen pass over both → every way across → the guard → two bundles and a report

All ways read the same features, so that they cost next to nothing beside the pass. Labels of the target
are read only where they are given to check by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import adaptation, ranking, registry, shipping, verification
from .across import SCHEMA, Across
from .adaptation.domains import fit
from .adaptation.domains.base import Domains
from .bench import Bench
from .bases.passes.frozen import FrozenPass
from .cache import Cache
from .data.cutting.folds import require_one_split
from .data.domains import PROPORTIONS, Crossed, both, crossed
from .errors import SettingsError
from .partial import Opened, opened
from .plain import plain
from .runs import RunFolder, open_run
from .runtime import Clock, Reporter, detect
from .settings import Settings
from .shipping.report import domains as report
from .types import Data, FloatArray, IntArray
from .verification import across
from .version import VERSION

KIND = "domains"
"""What `settings.json` of such a run has."""


def run(
    data: Data, target: Data | None, labelled: Data | None, settings: Settings, reporter: Reporter
) -> tuple[Path, dict[str, Any]]:
    """The run; returns its folder and what its `result.json` holds.

    Args:
        data: the source; or both, where `target` is None.
        target: examples without labels; labels that they have are not read.
        labelled: target examples with labels, to check by and to learn from; or None.
        settings: everything else.
        reporter: where it speaks.

    Raises:
        HeadstartError: the data, the base or the folder cannot be used; nothing is written then.
    """
    clock = Clock(settings.minutes)
    found, ground = _opened(data, target, labelled, settings, reporter)
    identity = settings.identity(ground.splits.fingerprint, found.bases) | {KIND: True}
    folder = open_run(settings.out, settings.name, identity)
    clock.add(folder.worked())
    work = _prepared(found, ground, folder, clock, reporter, settings)
    heads = fit.heads(work.domains, work.checked)
    said = across.judged(work.sides, heads, PROPORTIONS.of(settings.options))
    outcome = _told(found, work, said, folder, settings, clock)
    result = plain(outcome)
    (folder.path / "report.html").write_text(report.render(outcome, report.shown(work.bench, work.splits, heads)), "utf-8")
    folder.finish(result)
    return folder.path, result
