"""How recordings with one class each are read: off several layers of a base, in silence.

Bases have learned from speech with pauses around it: of a word that was cut out tightly they make something
else than of the same word in silence. So there is some around every recording, which itself does not count.
"""

from __future__ import annotations

from ...bases.networks.pooled import pooled
from ...preprocessing.sound import SoundPreprocess
from .classes import BaseUse

MARGIN = 30
"""Frames of silence before and after a recording."""


def _in_silence(preprocess: SoundPreprocess) -> SoundPreprocess:
    return preprocess.within(MARGIN)


HEARD = BaseUse(framed=_in_silence, read_by=pooled)
"""Means and deviations of several layers."""
