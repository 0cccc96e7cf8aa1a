"""The base as it is: it tells its answer itself, and nothing is learned from the examples.

Only of bases that were trained on the very question: a head that begins at nothing leaves their answer alone.
"""

from __future__ import annotations

from .base import Strategy

plugin = Strategy(
    "the base as it is: it learns nothing from your examples", solved_head=False, modalities=("series",)
)
