"""Small networks for recordings: a folder that pre-training wrote, or `soundnet/small` without weights."""

from __future__ import annotations

from ..preprocessing.sound import SoundPreprocess
from ._small import SMALL, SmallFamily
from .networks.band_levels import BandLevels
from .networks.soundnet import SoundNet

plugin = SmallFamily(
    "soundnet",
    {SMALL: SoundNet, "band_levels": BandLevels},
    lambda args: SoundPreprocess(bands=args.get("bands", SoundPreprocess.bands)),
    "give a folder with some, or train it: headstart pretrain DATA --architecture soundnet/small",
    classifier="classifier",
)
