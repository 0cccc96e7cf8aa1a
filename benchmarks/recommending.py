"""What another shop or an earlier year teaches a recommender, by kind of user.

    python benchmarks/recommending.py shops --out FOLDER     phones from sports: the same users, other items
    python benchmarks/recommending.py shops --draw b …       the same with other users held out
    python benchmarks/recommending.py shops --pretrained …   the same from a base of the source, not its table
    python benchmarks/recommending.py films --out FOLDER     second half from the first half
    python benchmarks/recommending.py made --pairs 10000000  time and memory of one factorisation
    python benchmarks/recommending.py parts --pairs 10000000 --out FOLDER   the same of what a run does once
    python benchmarks/recommending.py whole --pairs 1000000 --out FOLDER    the same of a whole run

`shops` has no time stamps, so that users are held out whole or but for two items; `films` is cut at two
times. Data: `recommender/` of the shared data.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np
from scipy import sparse

import headstart as hs
from headstart import data, ranking
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.data.reading import Reading
from headstart.runtime import Clock, Silent, detect
from headstart.tasks import task_named
from headstart.tasks.fitters import factors, solved
from headstart.tasks.fitters.taken import taken
from headstart.tasks.solvers.factorisation import Settings, factorised

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
DATA = SHARED / "data" / "recommender"
AT_ONCE = 100_000
"""Made rows that are written at once."""


def shops(out: Path, draw: str) -> dict[str, str]:
    """Both files of each shop as one table: no time stamps, so that users are drawn by their ids."""
    for name in ("phone", "sport"):
        parts = [
            (DATA / "amazon_sport_phone" / f"{name}_{part}.csv").read_text() for part in ("train", "test")
        ]
        rows = [draw + line.rpartition(",")[0] for part in parts for line in part.splitlines()[1:]]
        (out / f"{name}.csv").write_text("\n".join(["user_id,item_id", *rows]) + "\n")
    return {"data": str(out / "phone.csv"), "source_data": str(out / "sport.csv"), "shared": "users"}


def films(out: Path, draw: str) -> dict[str, str]:
    """Halves by time of one table: nothing is drawn."""
    folder = DATA / "movietweetings_100k"
    head, *rows = (folder / "ratings.csv").read_text().splitlines()
    rows.sort(key=lambda row: int(row.split(",")[3]))
    for name, part in (("old", rows[: len(rows) // 2]), ("new", rows[len(rows) // 2 :])):
        (out / f"{name}.csv").write_text("\n".join([head, *part]) + "\n")
    options = {"data": str(out / "new.csv"), "source_data": str(out / "old.csv"), "shared": "both"}
    return options | {"items": str(folder / "items.csv")}


def told(result: hs.Result) -> None:
    """The verdict, and each arm beside what is best without the source."""
    print(result.outcome.verdict.sentence)
    print(f"{'kind':6} {'arm':18} {'NDCG@10':>8} {'alone':>7} {'difference':>26}  call")
    for row in result.outcome.kinds:
        ends = f"{row.delta:+.4f} [{row.interval.low:+.4f}, {row.interval.high:+.4f}]"
        mark = "*" if row.ships else " "
        print(f"{row.kind:6} {row.arm + mark:18} {row.value:8.4f} {row.against:7.4f} {ends:>26}  {row.call}")
    names = ("recall", "coverage", "novelty", "ndcg_new")
    print(f"\n{'arm':18} " + " ".join(f"{name:>8}" for name in names))
    for arm in result.outcome.arms:
        told = arm.metrics or {}
        print(f"{arm.name:18} " + " ".join(f"{told.get(name, float('nan')):8.4f}" for name in names))


def made(pairs: int) -> None:
    """One factorisation of made pairs."""
    draws = np.random.default_rng(0)
    users, items = pairs // 40, max(1_000, pairs // 400)
    row = draws.integers(users, size=pairs)
    column = (items * draws.random(pairs) ** 3).astype(np.int64)
    taken = sparse.csr_matrix((np.ones(pairs, np.float32), (row, column)), (users, items))
    started = time.process_time()
    factorised(taken, Settings())
    print(f"{pairs} pairs: {time.process_time() - started:.0f} s of one core, {peak():.1f} GB at most")


def written(out: Path, pairs: int) -> dict[str, str]:
    """Made tables, with stamps: three quarters of the pairs in the target, the rest in a source before it."""
    draws, users, items = np.random.default_rng(0), pairs // 40, max(1_000, pairs // 400)
    for name, size, start in (
        ("source", pairs // 4, 1_000_000_000),
        ("target", 3 * pairs // 4, 1_100_000_000),
    ):
        with (out / f"{name}.csv").open("w") as table:
            table.write("user_id,item_id,timestamp\n")
            for first in range(0, size, AT_ONCE):
                many = min(AT_ONCE, size - first)
                user, when = draws.integers(users, size=many), start + draws.integers(90_000_000, size=many)
                item = (items * draws.random(many) ** 3).astype(np.int64)
                rows = zip(user.tolist(), item.tolist(), when.tolist(), strict=True)
                table.writelines(f"u{one},{name[0]}{other},{stamp}\n" for one, other, stamp in rows)
    return {"data": str(out / "target.csv"), "source_data": str(out / "source.csv"), "shared": "users"}


def parts(out: Path, pairs: int) -> None:
    """What a run does once, one thing after another: CPU seconds of each, and the peak of memory so far."""
    options, started = written(out, pairs), time.process_time()
    target = options.pop("data")

    def said(what: str) -> None:
        nonlocal started
        spent, started = time.process_time() - started, time.process_time()
        print(f"{what:40} {spent:8.1f} s {peak():6.2f} GB at most so far", flush=True)

    said("(nothing yet)")
    task = task_named("recommendation", options)
    splits = data.load(target, task, 0, Reading(options=options))
    said(f"read and cut, {len(splits.examples)} examples")
    passes = FrozenPass(Cache(out / "cache"), detect(Clock(), Silent()))
    base = factors.base(None, splits.examples, passes)
    (bench,) = ranking.benches(task, splits, [base], passes)
    said("numbers of items")
    known = taken(splits.examples, bench.base.preprocess, bench.pool)
    said(f"matrices of {known.target.nnz + known.source.nnz} pairs")
    network = solved.scratch(known, Settings())
    del known
    said("one factorisation, of a few dozen")
    outputs = factors.recommends(network, splits.examples, bench.base.preprocess, splits.test)
    said(f"lists of {len(outputs)} users")
    _, files = task.modality.kept(bench.base.preprocess, splits.examples).plain()
    said(f"{sum(map(len, files.values())) / 1e6:.0f} MB of what a bundle keeps")


def whole(out: Path, pairs: int) -> None:
    """A whole run: CPU seconds, and the peak of memory."""
    options, started = written(out, pairs), time.process_time()
    hs.run(options.pop("data"), out=out / "run", **options)
    print(f"{pairs} pairs: {time.process_time() - started:.0f} CPU s, {peak():.2f} GB at most")


def peak() -> float:
    """GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """One of these."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["shops", "films", "made", "parts", "whole"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--draw", default="", help="begins the ids of all users: others are held out")
    parser.add_argument("--pretrained", action="store_true", help="make a base of the source first")
    parser.add_argument("--pairs", type=int, default=1_000_000)
    asked = parser.parse_args()
    if asked.what == "made":
        made(asked.pairs)
        return
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.what in ("parts", "whole"):
        {"parts": parts, "whole": whole}[asked.what](asked.out, asked.pairs)
        return
    options = {"shops": shops, "films": films}[asked.what](asked.out, asked.draw)
    started = time.process_time()
    if asked.pretrained:
        options["base"] = str(hs.pretrain(options.pop("source_data"), asked.out / "base").folder)
    told(hs.run(options.pop("data"), out=asked.out / "run", **options))
    print(f"{time.process_time() - started:.0f} s of one core")


if __name__ == "__main__":
    main()
