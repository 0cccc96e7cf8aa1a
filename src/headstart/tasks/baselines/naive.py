"""The last value, for every step."""

from __future__ import annotations

from ...preprocessing.series import NAIVE
from ._straight import telling
from .base import Baseline

plugin = Baseline("the last value, over and over", telling(NAIVE))
