"""Forecasts of other people's libraries, for the series and cuts that `forecasting_peers.py write` wrote.

    python forecasting_peers.py CASES.json --out FORECASTS.json [--peers AutoETS AutoTheta …]

AutoETS, AutoTheta and SeasonalNaive are those of statsforecast, with the season that the cases name and else
as they come: each series is fitted by itself. NHITS is that of neuralforecast: one network for all series of
the file, twice the horizon as its input, each window scaled (`robust`), and else its own defaults (1,000
steps); series that are too short are filled up in front. Stamps are whole numbers. Where a model fails on a
series, its forecast is that of the season before, and how often that was is written (`failed`). `seconds` are
those of the processor, loading the library aside. What is in FORECASTS.json of other peers stays there.
"""

import argparse
import json
import logging
import os
import time
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ.update(NIXTLA_ID_AS_COL="1", CUDA_VISIBLE_DEVICES="")

import numpy as np
import pandas as pd

LOCAL = ("AutoETS", "AutoTheta", "SeasonalNaive")
NETWORKS = ("NHITS",)


def main() -> None:
    """Forecast with each, and write them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peers", nargs="+", choices=(*LOCAL, *NETWORKS), default=(*LOCAL, *NETWORKS))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = json.loads(asked.cases.read_text())
    rows = [
        pd.DataFrame({"unique_id": one["series"], "ds": np.arange(len(one["known"])), "y": one["known"]})
        for one in cases
    ]
    table, horizon, season = pd.concat(rows, ignore_index=True), len(cases[0]["after"]), cases[0]["season"]
    found = json.loads(asked.out.read_text()) if asked.out.is_file() else {}
    for peer in asked.peers:
        forecast = local if peer in LOCAL else network
        found[peer] = forecast(peer, table, horizon, season)
        print(f"{peer}: {found[peer]['seconds']:.1f} CPU s, failed {found[peer]['failed']}", flush=True)
        asked.out.write_text(json.dumps(found))


def local(peer: str, table: pd.DataFrame, horizon: int, season: int) -> dict[str, object]:
    """Each series by itself."""
    from statsforecast import StatsForecast, models

    model = getattr(models, peer)(season_length=season)
    before = models.SeasonalNaive(season_length=season)
    before.alias = "before"
    started = time.process_time()
    told = StatsForecast(models=[model], freq=1, n_jobs=1, fallback_model=before).forecast(
        df=table, h=horizon
    )
    seconds = time.process_time() - started
    again = StatsForecast(models=[before], freq=1, n_jobs=1).forecast(df=table, h=horizon)["before"]
    forecasts = by_series(told, peer)
    dull = by_series(told.assign(before=again.to_numpy()), "before")
    failed = 0 if peer == "SeasonalNaive" else sum(forecasts[name] == dull[name] for name in forecasts)
    about = f"statsforecast {version('statsforecast')}"
    return {"forecasts": forecasts, "seconds": seconds, "failed": failed, "version": about}


def network(peer: str, table: pd.DataFrame, horizon: int, season: int) -> dict[str, object]:
    """One network for all series."""
    import torch
    from neuralforecast import NeuralForecast, models

    torch.set_num_threads(1)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    model = getattr(models, peer)(
        h=horizon,
        input_size=2 * horizon,
        scaler_type="robust",
        start_padding_enabled=True,
        random_seed=0,
        accelerator="cpu",
        **quiet,
    )
    started = time.process_time()
    forecaster = NeuralForecast(models=[model], freq=1)
    forecaster.fit(df=table)
    told = forecaster.predict()
    seconds = time.process_time() - started
    about = f"neuralforecast {version('neuralforecast')}"
    return {"forecasts": by_series(told, peer), "seconds": seconds, "failed": 0, "version": about}


def by_series(told: pd.DataFrame, column: str) -> dict[str, list[float]]:
    """The forecasts of a long table, in order of time."""
    return {str(name): part[column].tolist() for name, part in told.sort_values("ds").groupby("unique_id")}


if __name__ == "__main__":
    main()
