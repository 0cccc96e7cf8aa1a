"""Monthly sales of a few shops, with a season and a trend; made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import _files
from .base import Sample

SHOPS, YEARS = 10, 6


def write(folder: Path, seed: int) -> None:
    """Write `sales.csv` with the columns `unique_id`, `ds` and `y`."""
    draws = np.random.default_rng(seed)
    common = draws.normal(0, 0.15, 12)  # all shops have the same Christmas
    rows = []
    for shop in range(SHOPS):
        level, trend = draws.uniform(50, 400), draws.normal(0, 0.004)
        season = common + draws.normal(0, 0.05, 12)
        for month in range(12 * YEARS):
            value = level * np.exp(trend * month + season[month % 12] + draws.normal(0, 0.06))
            rows.append((f"shop {shop + 1}", f"{2019 + month // 12}-{month % 12 + 1:02d}-01", f"{value:.1f}"))
    _files.table(folder / "sales.csv", ("unique_id", "ds", "y"), rows)


plugin = Sample(
    summary="six years of monthly sales of ten shops; made",
    task="forecasting",
    source="made by this project",
    licence="Apache-2.0",
    write=write,
    next="run {data} --set horizon=6 --minutes 1",
)
