"""Small tables of made series, and a tiny base for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from headstart.bases.networks.seriesnet import SeriesNet
from headstart.data.series.histories import History


def values(length: int = 60, season: int = 12, seed: int = 0) -> np.ndarray:
    """A season, a trend and noise, all above 0."""
    draws, place = np.random.default_rng(seed), np.arange(length)
    pattern = draws.normal(size=season)
    return 50 + 0.1 * place + 5 * pattern[place % season] + draws.normal(size=length)


def long_table(series: int = 6, length: int = 60, season: int = 12, seed: int = 0) -> pd.DataFrame:
    """Monthly series as unique_id, ds, y."""
    stamps = pd.date_range("2015-01-01", periods=length, freq="MS").strftime("%Y-%m-%d")
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": stamps, "y": values(length, season, seed + number)})
        for number in range(series)
    ]
    return pd.concat(parts, ignore_index=True)


def write_table(folder: Path, series: int = 6, length: int = 60) -> Path:
    """A folder with one long table."""
    folder.mkdir(parents=True)
    long_table(series, length).to_csv(folder / "sales.csv", index=False)
    return folder / "sales.csv"


def write_base(folder: Path, width: int = 8) -> str:
    """A network of random weights."""
    folder.mkdir(parents=True)
    config = {"architecture": "seriesnet/small", "model_args": {"width": width, "blocks": 1}}
    (folder / "config.json").write_text(json.dumps(config))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = SeriesNet(width, 1)
        torch.nn.init.normal_(network.told.weight, std=0.1)
    save_file(network.state_dict(), folder / "model.safetensors")
    return str(folder)


def window(length: int = 40, season: int = 12, seed: int = 0) -> History:
    """A monthly history that ends in December 2019."""
    return History(f"s{seed}", values(length, season, seed), season, "monthly", 1575158400)


def promoted(series: int = 6, length: int = 60, ahead: int = 0, seed: int = 0) -> pd.DataFrame:
    """Monthly series whose values a promotion doubles, as unique_id, ds, y, promo.

    There are so many rows `ahead` in which the promotion is known, and no value.
    """
    draws, parts = np.random.default_rng(seed), []
    stamps = pd.date_range("2015-01-01", periods=length + ahead, freq="MS").strftime("%Y-%m-%d")
    for number in range(series):
        promo = (draws.random(len(stamps)) < 0.25).astype(float)
        y = values(len(stamps), seed=seed + number) * (1 + promo)
        y[length:] = np.nan
        parts.append(pd.DataFrame({"unique_id": f"s{number}", "ds": stamps, "y": y, "promo": promo}))
    return pd.concat(parts, ignore_index=True)
