"""Headstart: transfer learning that proves it helped.

Example:
    import headstart as hs

    result = hs.run("photos", minutes=10)
    print(result.verdict.sentence)

Importing this imports no torch: that happens when a verb is called.
"""

from __future__ import annotations

from .adapted import Adapted, run_domains
from .after import compare, doubts, list_runs, serve, suggest
from .after import open_run as open
from .api import (
    Exploration,
    Pretrained,
    adapt,
    check,
    explore,
    list_bases,
    list_tasks,
    pretrain,
    rank,
    run,
)
from .course import learn, sample
from .errors import HeadstartError
from .models import Model, evaluate, export, load, predict
from .results import Result
from .version import VERSION as __version__

__all__ = [
    "Exploration",
    "Adapted",
    "HeadstartError",
    "Model",
    "Pretrained",
    "Result",
    "__version__",
    "adapt",
    "check",
    "compare",
    "doubts",
    "evaluate",
    "explore",
    "export",
    "learn",
    "list_bases",
    "list_runs",
    "list_tasks",
    "load",
    "open",
    "predict",
    "pretrain",
    "rank",
    "run",
    "run_domains",
    "sample",
    "serve",
    "suggest",
]
