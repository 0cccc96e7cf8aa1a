"""Make `builtin/series-s`: SeriesNet pre-trained on made series.

    python scripts/pretrain_series.py        about three minutes on one core

Every series is made here: walks, trends that bend, seasons that stay, drift or grow, days in weeks, shifts,
outliers, counts, zeros. No series of anybody's was learned from, so that none can be met again in a test.
How they are made was settled with public development sets in view (the M3 competition, M4 hourly,
exchange rates): their figures are those of a recipe that was chosen, not of one that has never met them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from scipy.signal import lfilter

from headstart.bases.networks.seriesnet import SeriesNet
from headstart.data.series.lags import framed
from headstart.preprocessing.series import NUMBERS
from headstart.tasks.scores.forecasts import LEVELS, MEDIAN

Values = NDArray[np.float64]
SEASONS = {1: (0.20, 6), 4: (0.19, 8), 7: (0.11, 14), 12: (0.27, 18), 24: (0.15, 48), 52: (0.08, 13)}
"""Values in a season: its share of the series, and the usual steps ahead."""
SERIES, CUTS, STEPS, BATCH, RATE = 40_000, 2, 7000, 512, 2e-3
FARTHEST = 50.0
"""Units, beyond which a value is not learned from."""
WIDER = 1.1
"""Times as wide as what made series teach: real ones surprise more often."""
CONFIG = {
    "architecture": "seriesnet/small",
    "model_args": {},
    "source_data": f"{SERIES:,} made series (trends, seasons, walks, shifts, counts); no real ones",
    "license": "apache-2.0",
}
CARD = """---
license: apache-2.0
library_name: headstart
tags: [headstart, time-series-forecasting]
---
# builtin/series-s

SeriesNet ({parameters:,} parameters), pre-trained on {series:,} made series ({rows:,} steps) in {seconds:.0f}
seconds by `scripts/pretrain_series.py`. It tells five quantiles of each step ahead, for any frequency and any
number of steps, in units of the mean change over a season.

No real series was learned from. Intervals are those of made series, {wider} times as wide.
"""


def remembered(shocks: Values, kept: float, before: float = 0.0) -> Values:
    """What is left of the value before, and a shock, each time."""
    return np.asarray(lfilter([1.0], [1.0, -kept], shocks, zi=[kept * before])[0])


def level(rng: np.random.Generator, n: int, size: float, walk: bool, shocks: Values) -> Values:
    """A random walk, whose slope may wander too."""
    slopes = np.zeros(n)
    if not walk:
        wanders = size * np.exp(rng.normal(-2.0, 1.0)) if rng.random() < 0.6 else 0.0
        kept, slope = rng.uniform(0.7, 1.0), rng.normal() * size * 0.3 * (rng.random() < 0.6)
        slopes = remembered(wanders * rng.standard_normal(n), kept, slope)
    return np.cumsum(size * shocks + slopes)


def trend(rng: np.random.Generator, n: int, size: float) -> Values:
    """A straight line that may bend once."""
    steep, place = rng.normal() * size * rng.choice([0.1, 0.3, 1.0]), np.arange(n)
    bend = 1.5 * rng.normal() * steep * np.maximum(0, place - rng.integers(n)) if rng.random() < 0.4 else 0.0
    return np.asarray(steep * place + bend)


def noise(rng: np.random.Generator, n: int, loud: Values) -> Values:
    """Shocks that die away."""
    shocks = rng.standard_normal(n) * np.exp(rng.normal(0.2, 0.8)) * (rng.random() < 0.9) * loud
    return remembered(shocks, rng.uniform(-0.3, 0.9))


def season(rng: np.random.Generator, n: int, m: int) -> Values:
    """A pattern over m values that may grow, drift, and differ from day to day."""
    place = np.arange(n)
    if rng.random() < 0.5:
        pattern = rng.standard_normal(m)
    else:
        waves = np.arange(1, min(4, m // 2) + 1)
        angle = 2 * np.pi * np.outer(np.arange(m), waves) / m
        high = rng.standard_normal((2, len(waves))) / waves
        pattern = (np.cos(angle) * high[0] + np.sin(angle) * high[1]).sum(1)
    found = (pattern / (pattern.std() + 1e-9))[place % m]
    if rng.random() < 0.4:
        found = found * np.exp(np.cumsum(rng.standard_normal(n)) * 0.02)
    if rng.random() < 0.35:
        drift = rng.standard_normal((n // m + 1, m)).cumsum(0) * rng.uniform(0.02, 0.25)
        found = found + drift.ravel()[:n]
    if m == 24 and rng.random() < 0.8:
        day, loud = place // 24 % 7, np.exp(rng.normal(0, 0.25, 7))
        loud[:5] = loud[:5] if rng.random() < 0.4 else 1.0
        found = found * loud[day] + (rng.random() < 0.6) * (0.5 * rng.standard_normal(7))[day]
    return np.asarray(found * np.exp(rng.normal(0.8 if m < 24 else 1.6, 1.0)))


def disturbed(rng: np.random.Generator, values: Values, size: float) -> Values:
    """With a shift, or with outliers."""
    n = len(values)
    for _ in range(rng.integers(1, 3) if rng.random() < 0.18 else 0):
        values[rng.integers(n) :] += rng.normal() * 4 * (size + 0.3)
    if rng.random() < 0.12:
        places = rng.integers(0, n, max(1, n // 30))
        values[places] += rng.standard_t(3, len(places)) * 4 * (size + 0.5)
    return values


def measured(rng: np.random.Generator, values: Values) -> Values:
    """As it is, or what grows by shares, has zeros, counts, or is rounded."""
    spread, kind = values.std() + 1e-9, rng.random()
    if kind < 0.35:
        return np.exp(values / spread * rng.uniform(0.05, 0.6))
    if kind < 0.42:
        return np.maximum(0, values - np.quantile(values, rng.uniform(0.2, 0.7)))
    if kind < 0.46:
        return rng.poisson(np.exp(rng.normal(0, 1)) * np.exp(0.3 * values / spread)).astype(float)
    return np.round(values / spread * rng.uniform(2, 30)) if kind < 0.52 else values


def made(rng: np.random.Generator) -> tuple[Values, int, int]:
    """A series, the values in its season, and the steps that are asked for."""
    m = int(rng.choice(list(SEASONS), p=[share for share, _ in SEASONS.values()]))
    horizon = SEASONS[m][1]
    if rng.random() < 0.25:
        horizon = min(int(horizon * rng.uniform(0.5, 2.2)) + 1, 60)
    n = int(np.clip(rng.uniform(1.6, 14) * m, 8, 700)) if m > 1 else int(rng.integers(10, 80))
    if 1 < m < 24 and rng.random() < 0.2:
        n = int(rng.integers(100, 500))
    n += horizon
    loud = np.ones(n)
    if rng.random() < 0.35:
        bends = [0, n * rng.uniform(0.2, 0.8), n]
        loud = np.exp(np.interp(np.arange(n), bends, rng.normal(0, 0.6, 3)))
    shocks = (rng.standard_t(3, n) if rng.random() < 0.35 else rng.standard_normal(n)) * loud
    size, walk = float(np.exp(rng.normal(-0.5, 1.0))), rng.random() < 0.12
    values = level(rng, n, size, walk, shocks) if walk or rng.random() < 0.75 else np.zeros(n)
    if not walk:
        values = values + (trend(rng, n, size) if rng.random() < 0.5 else 0.0) + noise(rng, n, loud)
        values = values + (season(rng, n, m) if m > 1 and rng.random() < 0.82 else 0.0)
    return measured(rng, disturbed(rng, values, size)), m, horizon


def rows(rng: np.random.Generator, series: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(r, F) numbers of steps, and (r,) what followed."""
    inputs, answers = [], []
    for _ in range(series):
        values, m, horizon = made(rng)
        for _ in range(CUTS):
            least = max(4, min(len(values) - horizon, int(1.3 * m) + 2))
            origin = int(rng.integers(least, len(values) - horizon + 1))
            frame = framed(values[:origin], m, horizon)
            inputs.append(frame.inputs.T)
            answers.append((values[origin : origin + horizon] - frame.reference) / frame.scale)
    x, y = (np.concatenate(part).astype(np.float32) for part in (inputs, answers))
    fine = np.isfinite(y) & np.isfinite(x).all(1) & (np.abs(y) < FARTHEST)
    return torch.from_numpy(x[fine]), torch.from_numpy(y[fine])


def pinball(told: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The mean over rows and quantiles."""
    levels, error = torch.tensor(LEVELS), right[:, None] - told
    return 2 * torch.maximum(levels * error, (levels - 1) * error).mean()


def widened(network: SeriesNet) -> None:
    """Quantiles that are farther from the median."""
    for part in (network.told.weight, network.told.bias):
        middle = part.data[MEDIAN].clone()
        part.data = middle + WIDER * (part.data - middle)


def main() -> None:
    """Make, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("src/headstart/bases/weights/series-s"))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(asked.seed)
    started = time.process_time()
    inputs, answers = rows(np.random.default_rng(asked.seed), SERIES)
    network = SeriesNet()
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS)
    for step in range(STEPS):
        some = torch.randint(0, len(inputs), (BATCH,))
        told = network(inputs[some][:, :, None])[:, -len(LEVELS) :]
        loss = pinball(told, answers[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0:
            print(f"{step:5d} {loss.item():.3f} {time.process_time() - started:.0f} s")
    widened(network)
    seconds = time.process_time() - started
    asked.out.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), asked.out / "model.safetensors")
    (asked.out / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n", "utf-8")
    parameters = sum(one.numel() for one in network.parameters())
    about = {"parameters": parameters, "series": SERIES, "rows": len(inputs), "wider": WIDER}
    (asked.out / "README.md").write_text(CARD.format(seconds=seconds, **about), "utf-8")
    print(f"{parameters:,} parameters, {len(inputs):,} rows of {NUMBERS}, {seconds:.0f} CPU seconds")


if __name__ == "__main__":
    main()
