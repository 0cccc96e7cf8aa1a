"""Headstart: transfer learning that proves it helped.

Example:
    import headstart as hs

    result = hs.run("photos", minutes=10)
    print(result.verdict.sentence)

Importing this imports no torch: that happens when a verb is called.
"""

from __future__ import annotations

from .api import Pretrained, Result, catalog, check, evaluate, export, predict, pretrain, run
from .errors import HeadstartError
from .version import VERSION as __version__

__all__ = [
    "HeadstartError",
    "Pretrained",
    "Result",
    "__version__",
    "catalog",
    "check",
    "evaluate",
    "export",
    "predict",
    "pretrain",
    "run",
]
