"""The last season, over and over."""

from __future__ import annotations

from ...preprocessing.series import SEASONAL
from ._straight import telling
from .base import Baseline

plugin = Baseline("the last season, over and over", telling(SEASONAL))
