"""Every shop has every month, and all have the same season."""

from __future__ import annotations

import numpy as np
import pandas as pd

from headstart.samples import sales


def test_shops_share_their_season(tmp_path):
    sales.write(tmp_path, 0)
    table = pd.read_csv(tmp_path / "sales.csv", parse_dates=["ds"])
    assert table.groupby("unique_id").size().tolist() == [12 * sales.YEARS] * sales.SHOPS
    assert (table["y"] > 0).all()
    wide = np.log(table.pivot_table(index="ds", columns="unique_id", values="y"))
    seasons = wide.groupby(wide.index.month).mean()
    between = np.corrcoef((seasons - seasons.mean()).to_numpy().T)
    assert np.median(between[np.triu_indices(sales.SHOPS, 1)]) > 0.5
