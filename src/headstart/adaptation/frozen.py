"""Feature extraction: the base stays as it is, only a new head is solved on its features.

No training by steps: the head is exact, from features that are computed once.
"""

from __future__ import annotations

from .base import Strategy

plugin = Strategy("feature extraction: base frozen, new head solved exactly")
