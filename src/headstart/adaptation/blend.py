"""Blend: what several ways to use the source say together.

Their scores are standardised for each user and averaged. Which one is best can often not be told from the
few users that there are to choose on; their mean is seldom far behind.
"""

from __future__ import annotations

from .base import Strategy

plugin = Strategy(
    "blend: mean of the standardised scores of frozen, finetune and mapping", modalities=("ratings",)
)
