"""Small networks for series: what ships, a folder, or `seriesnet/small` without weights."""

from __future__ import annotations

from ..preprocessing.series import SeriesPreprocess
from ._small import SMALL, SmallFamily
from .networks.seriesnet import Lags, NLinear, SeriesNet

plugin = SmallFamily(
    "seriesnet",
    {SMALL: SeriesNet, "lags": Lags, "nlinear": NLinear},
    lambda _: SeriesPreprocess(),
    "use builtin/series-s, or give a folder with some",
)
