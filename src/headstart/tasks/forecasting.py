"""Forecasting: the next values of series, as sales, loads or visits."""

from __future__ import annotations

from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.series.beside import KNOWN
from ..data.series.layouts import CUTTING, FREQ, HORIZON, SEASON, claims, read, read_heap
from ..data.series.roles import COLUMNS
from .answers.horizon import Horizon
from .base import Task
from .modalities.series import Series
from .scores.forecasts import FORECASTS

DULL = ("naive", "seasonal_naive", "drift", "lagged_ridge", "nlinear")
plugin = Task(
    summary="the next values of each series, with intervals",
    modality=Series(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLLOW_LINKS, HORIZON, SEASON, FREQ, KNOWN, CUTTING),
        claims=claims,
        read=read,
        read_heap=read_heap,
    ),
    answer=Horizon(),
    scores=FORECASTS,
    baselines=DULL,
    references=("scratch",),
    rivals=DULL,
    anchor="zero_shot",
    strategies=("zero_shot", "frozen", "combination", "finetune", "warm_init"),
)
