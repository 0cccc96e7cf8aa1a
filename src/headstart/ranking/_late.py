"""When ranking has taken enough of a run's time."""

from __future__ import annotations

from ..runtime import Clock

SHARE = 0.25
"""Of a run's time, after which nothing further is looked at or prepared: what is left proves the gain."""


def late(clock: Clock) -> bool:
    """Has so much of the time gone by?"""
    return clock.elapsed() > SHARE * clock.budget
