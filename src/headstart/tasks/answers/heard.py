"""One class of a few for each recording, read off several layers of a base.

Bases have learned from speech with pauses around it: of a word that was cut out tightly they make something
else than of the same word in silence. So there is some around every recording, which itself does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...bases.networks.pooled import pooled
from ...preprocessing.sound import SoundPreprocess
from .classes import Classes

if TYPE_CHECKING:
    from ...bases.base import Base

MARGIN = 30
"""Frames of silence before and after a recording."""


class HeardClasses(Classes):
    """The answer of `tasks/answers/classes.py` for recordings."""

    def framed(self, preprocess: SoundPreprocess) -> SoundPreprocess:
        """With silence around it."""
        return preprocess.within(MARGIN)

    def read_by(self, base: Base) -> Base:
        """By the means and deviations of several layers."""
        return pooled(base)
