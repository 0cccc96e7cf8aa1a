"""Small tables of made series, and a tiny base for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from headstart.bases.chronos_bolt import plugin as bolts
from headstart.bases.formats.hf import network_of
from headstart.bases.networks.seriesnet import SeriesNet
from headstart.data.series.histories import History
from headstart.types import Architecture


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


BOLT = {
    "model_type": "t5",
    "architectures": ["ChronosBoltModelForForecasting"],
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 32,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "num_heads": 2,
    "dropout_rate": 0.1,
    "feed_forward_proj": "relu",
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "chronos_config": {
        "context_length": 64,
        "prediction_length": 8,
        "input_patch_size": 4,
        "input_patch_stride": 4,
        "quantiles": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
        "use_reg_token": True,
    },
}
"""Settings of a tiny Chronos-Bolt, as its authors write them."""


def write_bolt(folder: Path) -> str:
    """A tiny Chronos-Bolt in its own format, with weights that are the same everywhere."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(BOLT))
    with torch.random.fork_rng(devices=[]):
        state = bolts.build(Architecture("chronos_bolt", "t5", network_of(BOLT)[1])).state_dict()
    for number, (name, value) in enumerate(sorted(state.items())):
        drawn = np.random.default_rng(number).normal(0, 0.3, value.shape)
        state[name] = torch.from_numpy(drawn + ("norm" in name)).float()
    spread = 1.3 * torch.linspace(-1, 1, 9).repeat_interleave(8)
    state["output_patch_embedding.residual_layer.bias"] += spread
    save_file(state, folder / "model.safetensors")
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
