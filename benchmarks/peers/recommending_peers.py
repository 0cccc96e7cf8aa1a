"""Recommenders of other libraries on the cut of `recommending.py`, learned from the target alone as ours are.

    python benchmarks/peers/recommending_peers.py shops --out FOLDER
    python benchmarks/peers/recommending_peers.py films --out FOLDER

Each peer learns from what ours learn from, is tuned on the same validation users (its settings are in TRIED),
learns again from training and validation, and is asked for the same test users with their histories left out.
Of whom nothing is known everybody is recommended what is popular, by peers too: they have nothing to say.
`alone` is ours as it ships without a source: of each kind of users the arm that is best on validation.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import PureSVDModel
from scipy import sparse
from threadpoolctl import threadpool_limits

sys.path.append(str(Path(__file__).parents[1]))
from recommending import films, shops

from headstart import data, ranking, stats, tasks
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.ratings.histories import KINDS, History, decoded
from headstart.data.reading import Reading
from headstart.runtime import Clock, Silent, detect
from headstart.tasks.baselines import base as baselines
from headstart.tasks.fitters import factors
from headstart.tasks.scores.rankings import ndcg
from headstart.types import Splits

TOP = 10
Ranked = Callable[[sparse.csr_matrix, np.ndarray], np.ndarray]
"""What was taken by all users, and rows of some of them -> (n, 10) items."""
TRIED: dict[str, list[dict[str, float]]] = {
    "implicit ALS": [
        {"factors": size, "regularization": penalty, "alpha": alpha}
        for size in (32, 64)
        for penalty in (0.01, 0.1, 1.0)
        for alpha in (1, 10)
    ],
    "implicit cosine": [{"K": k} for k in (50, 200)],
    "implicit BM25": [{"K": k, "B": b} for k in (50, 200) for b in (0.2, 0.8)],
    "RecTools PureSVD": [{"factors": size} for size in (16, 32, 64, 128)],
}


def als(factors: int, **how: float) -> Ranked:
    """Factors, by `implicit`."""
    return lambda taken, rows: _implicit(
        AlternatingLeastSquares(factors=factors, iterations=15, num_threads=1, random_state=0, **how),
        taken,
        rows,
        recalculate_user=True,
    )


def cosine(**how: int) -> Ranked:
    """Neighbours, by `implicit`."""
    return lambda taken, rows: _implicit(CosineRecommender(num_threads=1, **how), taken, rows)


def bm25(**how: float) -> Ranked:
    """Neighbours of weighed items, by `implicit`."""
    return lambda taken, rows: _implicit(BM25Recommender(num_threads=1, **how), taken, rows)


def _implicit(model: object, taken: sparse.csr_matrix, rows: np.ndarray, **more: bool) -> np.ndarray:
    model.fit(taken, show_progress=False)
    items, scores = model.recommend(rows, taken[rows], N=TOP, filter_already_liked_items=True, **more)
    return np.where(np.isfinite(scores), items, -1)


def pure_svd(factors: int) -> Ranked:
    """PureSVD, by RecTools. (Its EASE inverts a matrix of all items, and was not run.)"""

    def ranked(taken: sparse.csr_matrix, rows: np.ndarray) -> np.ndarray:
        pairs = taken.tocoo()
        table = {Columns.User: pairs.row, Columns.Item: pairs.col, Columns.Weight: 1.0, Columns.Datetime: 0}
        frame = pd.DataFrame(table).astype({Columns.Datetime: "datetime64[ns]"})
        known = Dataset.construct(frame)
        told = PureSVDModel(factors=factors).fit(known)
        listed = told.recommend(rows, known, k=TOP, filter_viewed=True)
        found = np.full((taken.shape[0], TOP), -1)
        found[listed[Columns.User], listed[Columns.Rank] - 1] = listed[Columns.Item]
        return found[rows]

    return ranked


PEERS: dict[str, Callable[..., Ranked]] = {
    "implicit ALS": als,
    "implicit cosine": cosine,
    "implicit BM25": bm25,
    "RecTools PureSVD": pure_svd,
}


def opened(what: str, out: Path) -> tuple[Bench, Splits]:
    """The examples of a benchmark, cut as a run cuts them."""
    options = {"shops": shops, "films": films}[what](out, "")
    path = Path(options.pop("data"))
    task = tasks.task_named("recommendation", options)
    splits = data.load(path, task, 0, Reading(options=options))
    passes = FrozenPass(Cache(out / "cache"), detect(Clock(), Silent()))
    return ranking.benches(task, splits, [task.fitter.base(None, splits.examples)], passes)[0], splits


def matrix(bench: Bench, rows: np.ndarray) -> tuple[sparse.csr_matrix, dict[str, int]]:
    """What users took of what is learned from, and the row of each."""
    users: dict[str, int] = {}
    pairs = []
    for row in rows.tolist():
        known = decoded(bench.examples.sources[row])
        if isinstance(known, History):
            user = users.setdefault(known.user, len(users))
            pairs += [(user, item) for item in bench.examples.answers[row].numbers.tolist() if item >= 0]
    user, item = np.unique(np.array(pairs), axis=0).T
    shape = (len(users), len(bench.examples.categories))
    return sparse.csr_matrix((np.ones(len(user), np.float32), (user, item)), shape), users


def outputs(ranked: Ranked, bench: Bench, learned: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Lists of a peer as our score takes them, filled up by what is popular."""
    taken, users = matrix(bench, learned)
    found = baselines.get("popularity").fit(bench, learned).outputs(asked)
    numbers = np.array([users.get(decoded(bench.examples.sources[row]).user, -1) for row in asked.tolist()])
    known = np.flatnonzero((numbers >= 0) & (np.diff(taken.indptr)[numbers] > 0))
    found[known, 1 : TOP + 1, 0] = ranked(taken, numbers[known])
    return found


def peer(name: str, bench: Bench, splits: Splits) -> tuple[np.ndarray, dict[str, float]]:
    """(n,) NDCG@10 of test users of the settings that do best on validation, and these."""
    right = bench.examples.answers
    values = [
        ndcg(outputs(PEERS[name](**how), bench, splits.train, splits.validation), right[splits.validation])
        for how in TRIED[name]
    ]
    best = TRIED[name][int(np.argmax([one.mean() for one in values]))]
    return ndcg(outputs(PEERS[name](**best), bench, bench.pool, splits.test), right[splits.test]), best


def ours(bench: Bench, splits: Splits) -> dict[str, np.ndarray]:
    """(n,) NDCG@10 of test users by arm; `alone` is of each kind the best on validation."""
    right, looked, tested = bench.examples.answers, {}, {}
    kept = factors.fit("scratch", bench.examples, bench.base, splits.train, splits.validation)
    how = bench.base.preprocess
    for side, into in ((splits.validation, looked), (splits.test, tested)):
        into["scratch"] = ndcg(factors.outputs(kept, bench.examples, how, side), right[side])
        for name in baselines.fitting(bench.task.rivals, bench):
            into[name] = ndcg(baselines.get(name).fit(bench, splits.train).outputs(side), right[side])
    strata = bench.examples.strata
    alone = np.zeros(len(splits.test))
    for kind in range(len(KINDS)):
        before, after = strata[splits.validation] == kind, strata[splits.test] == kind
        best = max(looked, key=lambda name: looked[name][before].mean())
        alone[after] = tested[best][after]
    return {"alone": alone, **tested}


def main() -> None:
    """The table of one benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["shops", "films"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peer", nargs="*", choices=list(PEERS), default=list(PEERS))
    asked = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    asked.out.mkdir(parents=True, exist_ok=True)
    bench, splits = opened(asked.what, asked.out)
    with threadpool_limits(1):
        own = ours(bench, splits)
        print(f"ours: {', '.join(f'{name} {scores.mean():.4f}' for name, scores in own.items())}", flush=True)
        for name in asked.peer:
            started = time.process_time()
            scores, how = peer(name, bench, splits)
            told = []
            for against in ("alone", "scratch"):
                found, delta = stats.interval((own[against] - scores)[None]), (own[against] - scores).mean()
                told.append(f"{against} {delta:+.4f} [{found.low:+.4f}, {found.high:+.4f}]")
            seconds = time.process_time() - started
            print(f"{name:16} {scores.mean():.4f}  {'  '.join(told)}  {how}  {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
