"""What most users took last."""

import numpy as np

from headstart.tasks.baselines import base
from tastes_bench import bench


def test_the_last_counts_where_stamps_say_so(tmp_path):
    made, splits = bench(tmp_path, stamps=True)
    early, late = (
        base.get(name).fit(made, splits.train).learned for name in ("popularity", "recent_popularity")
    )
    seen = [network.popularity.isfinite().sum() for network in (early, late)]
    assert 0 < seen[1] < seen[0]
    whole = base.get("recent_popularity").fit(made, made.pool).learned
    asked = np.unique(np.concatenate([made.examples.answers[row].numbers for row in splits.validation]))
    assert np.flatnonzero(whole.popularity.isfinite()).tolist() == asked.tolist()
