"""Films that nobody took yet, ranked among themselves by what is said of them, for users who took others.

    python benchmarks/cold_films.py hidden --out FOLDER   a fifth of the films is hidden from all, twice
    python benchmarks/cold_films.py before --out FOLDER   films of validation that nobody took before it
    python benchmarks/cold_films.py late --out FOLDER     films of the test that nobody took before it

Films of the second half, as `recommending.py films` has them. Nothing is chosen here: each setting that a run
tries is told. `words` are genres and years, `texts` titles as a text base reads them.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import recommending
import torch
from scipy import sparse
from torch import Tensor

from headstart import data, ranking
from headstart.bases.networks.recommenders import Recommender
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.ratings.store import RatingsStore
from headstart.data.reading import Reading
from headstart.runtime import Clock, Silent, detect
from headstart.tasks import task_named
from headstart.tasks.baselines import profile
from headstart.tasks.fitters import factors, solved
from headstart.tasks.fitters.taken import Taken, taken

FOLDS = 5
TOP = 10
TOGETHER = 256


@dataclass(frozen=True)
class Cold:
    """What is asked: n users, and which of c films that nobody took each of them takes."""

    known: Taken
    films: np.ndarray
    """(c,) numbers."""
    histories: Tensor
    """(n, L) numbers from 1 on, 0 where there is none."""
    right: np.ndarray
    """(n, c) bool."""


def opened(out: Path) -> tuple[Bench, data.Splits]:
    """Films, and what is known of them."""
    options = recommending.films(out, "")
    target = options.pop("data")
    task = task_named("recommendation", options)
    splits = data.load(target, task, 0, Reading(options=options))
    passes = FrozenPass(Cache(), detect(Clock(), Silent()))
    base = factors.base(None, splits.examples, passes)
    return ranking.benches(task, splits, [base], passes)[0], splits


def hidden(bench: Bench, splits: data.Splits) -> Iterator[Cold]:
    """Of all that may be learned from, without a fifth of the films."""
    known = taken(bench.examples, bench.base.preprocess, bench.pool)
    number = np.array([zlib.crc32(name.encode()) % FOLDS for name in bench.base.preprocess.items])
    for fold in range(2):
        films = np.flatnonzero((number[: known.target.shape[1]] == fold) & (known.popularity > 0))
        kept = np.ones(known.target.shape[1], np.float32)
        kept[films] = 0
        left = sparse.csr_matrix(known.target.multiply(kept[None]))
        left.eliminate_zeros()
        right = known.target[:, films].toarray() > 0
        users = np.flatnonzero(right.any(1) & (left.getnnz(1) > 0))
        longest = int(left[users].getnnz(1).max())
        histories = np.zeros((len(users), longest), np.int64)
        for place, user in enumerate(users.tolist()):
            own = left.indices[left.indptr[user] : left.indptr[user + 1]]
            histories[place, : len(own)] = own + 1
        yield Cold(replace(known, target=left), films, torch.from_numpy(histories), right[users])


def before(bench: Bench, splits: data.Splits) -> Iterator[Cold]:
    """Of validation, films that nobody took in training."""
    yield _asked(bench, splits.train, splits.validation)


def late(bench: Bench, splits: data.Splits) -> Iterator[Cold]:
    """Of the test, films that nobody took in training or validation."""
    yield _asked(bench, bench.pool, splits.test)


def _asked(bench: Bench, learned: np.ndarray, asking: np.ndarray) -> Cold:
    how = bench.base.preprocess
    known = taken(bench.examples, how, learned)
    rows = [row for row in asking.tolist() if bench.examples.strata[row] != 2]
    asked = [[item for item in bench.examples.answers[row].numbers if item >= 0] for row in rows]
    films = np.array(sorted({item for own in asked for item in own if known.popularity[item] == 0}))
    right = np.array([np.isin(films, own) for own in asked])
    some = np.flatnonzero(right.any(1))
    store = RatingsStore([bench.examples.sources[rows[one]] for one in some], how)
    inputs = store.batch(np.arange(len(some))).long()
    return Cold(known, films, torch.where(inputs[:, 1] > 0, 0, inputs[:, 0]), right[some])


@torch.inference_mode()
def ndcg(network: Recommender, cold: Cold) -> np.ndarray:
    """(n,) NDCG@10 among the films."""
    worth = 1 / np.log2(np.arange(2, TOP + 2))
    found = []
    for start in range(0, len(cold.right), TOGETHER):
        ids = cold.histories[start : start + TOGETHER]
        scores = network.scored(ids, torch.zeros_like(ids, dtype=torch.bool))[0][:, cold.films].numpy()
        right = cold.right[start : start + TOGETHER]
        hits = np.take_along_axis(right, np.argsort(-scores, 1, kind="stable")[:, :TOP], 1)
        best = np.cumsum(worth)[np.minimum(TOP, right.sum(1)) - 1]
        found.append((hits * worth).sum(1) / best)
    return np.concatenate(found)


def arms(known: Taken) -> dict[str, Recommender]:
    """The profiles, and factors with each setting; with words alone and with all that is said."""
    bare = replace(known, texts=known.texts[:, :0])
    found = {
        "profile, words": profile.of_words(known)[1],
        "profile, words and texts": profile.of_both(known)[1],
    }
    for how in factors.TRIED:
        found[f"factors, words, penalty {how.penalty}"] = solved.scratch(bare, how)
        found[f"factors, words and texts, penalty {how.penalty}"] = solved.scratch(known, how)
    return found


def main() -> None:
    """One of the three."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["hidden", "before", "late"])
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    values: dict[str, list[np.ndarray]] = {}
    for cold in {"hidden": hidden, "before": before, "late": late}[asked.what](*opened(asked.out)):
        print(f"{len(cold.films)} films among themselves, {len(cold.right)} users")
        for name, network in arms(cold.known).items():
            values.setdefault(name, []).append(ndcg(network, cold))
    each = {name: np.concatenate(parts) for name, parts in values.items()}
    first = next(iter(each.values()))
    draws = np.random.default_rng(0).integers(len(first), size=(1000, len(first)))
    print(f"{'':48} NDCG@10  of the profile of words")
    for name, own in each.items():
        ratio = own[draws].mean(1) / first[draws].mean(1)
        low, high = np.quantile(ratio, (0.025, 0.975))
        print(f"{name:48} {own.mean():.4f}   {own.mean() / first.mean():.2f} [{low:.2f}, {high:.2f}]")


if __name__ == "__main__":
    main()
