"""What `headstart` chooses for one target, from an empty cache: scores, ranking, race and their cost."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import torch

from headstart import adaptation, data
from headstart import ranking as rank
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.runtime import Clock, Runtime
from headstart.tasks.image_classification import plugin as images


def choose(target: Path, bases: list[Path], table: Path, out: Path) -> None:
    """Rank and race the bases; `table` holds the runs that priors come from."""
    known = json.loads(table.read_text())["runs"]
    splits = data.load(target, images)
    loaded = [load_base(str(base)) for base in bases]
    with tempfile.TemporaryDirectory() as folder:
        passes = FrozenPass(Cache(Path(folder) / "cache"), Runtime(threads=torch.get_num_threads()))
        kept = adaptation.planned(loaded, ["finetune"], len(splits.examples), passes.cache)
        trials = adaptation.trials(["finetune"], 0, Path(folder), Clock(1e4))
        started = time.process_time()
        candidates = rank.benches(images, splits, loaded, passes)
        ranking = rank.rank(candidates, known)
        ranked = time.process_time()
        rank.rank(candidates, known)
        again = time.process_time()
        choice = rank.choose(candidates, kept, trials, known)  # ranks from the cache once more
        race = time.process_time() - again - (again - ranked)
    record = {
        "target": target.name,
        "cpu_rank": ranked - started,
        "cpu": ranked - started + race,
        "chosen": name(choice.bench),
        "rows": [
            {
                "base": name(row.bench),
                "scores": row.scores,
                "prior": row.prior.mean,
                "value": row.value,
                "deviation": row.deviation,
                "place": row.place,
                "parameters": row.bench.base.card.parameters,
            }
            for row in ranking.rows
        ],
        "race": [
            {
                "base": name(runner.bench),
                "rounds": runner.rounds,
                "dropped": runner.dropped,
                "scores": [scores.tolist() for scores in runner.scores],
            }
            for runner in choice.runners
        ],
    }
    out.write_text(json.dumps(record), encoding="utf-8")


def name(bench) -> str:
    return Path(bench.base.name).name


if __name__ == "__main__":
    target, table, out, *bases = map(Path, sys.argv[1:])
    choose(target, bases, table, out)
