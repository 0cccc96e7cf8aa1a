"""Mapping: what the source knows of a user is mapped to the target, and learning goes on from there.

T. Man et al., "Cross-domain recommendation: an embedding and mapping approach", IJCAI 2017.
"""

from __future__ import annotations

from .base import Strategy

plugin = Strategy(
    "mapping: factors of users in the source are mapped to factors in the target", modalities=("ratings",)
)
