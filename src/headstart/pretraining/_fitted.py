"""A base of what is fitted at once: nothing is trained by steps, and what is left is a bundle.

A recommender of one shop or one year is made so, for another one to begin with. It predicts, too.
"""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from .. import data as stage
from .. import ranking
from ..adaptation import whole_model
from ..bases.networks.costs import fingerprint
from ..bases.passes.frozen import FrozenPass
from ..bench import Bench
from ..cache import Cache
from ..data.reading import Reading
from ..parallel import Progress
from ..runs import open_run
from ..runtime import Clock, Reporter, detect
from ..shipping import MAX_ERROR, pack_final
from ..sources import names_of
from ..tasks import task_named
from ..tasks.base import Task
from ..types import Splits
from ..version import VERSION
from ._asked import SCHEMA, Asked

ALONE = "scratch"
"""The way of a fitter that needs no source."""


def fitted(asked: Asked, reporter: Reporter, progress: Progress) -> tuple[Path, dict[str, object]]:
    """Fit what learns from one data set alone and write it as a bundle in a folder.

    Nothing is held out: what it is worth is judged on the target, and a source lacks whatever it does not
    learn. Settings are chosen on what else would be validation or tested, before that is learned from.

    Raises:
        HeadstartError: the data or the folder cannot be used.
    """
    task, started = task_named(asked.task, asked.options), time.monotonic()
    fitter = task.fitter
    assert fitter is not None
    reading = Reading(columns=asked.columns, options=asked.options)
    splits = _all_of(stage.load(asked.data[0], task, asked.seed, reading, progress), task)
    prints = {"fingerprint": f"sha256:{splits.fingerprint}"}
    folder = open_run(asked.out, asked.out.name, asked.identity(None) | prints)
    passes = FrozenPass(Cache(), detect(Clock(asked.minutes), reporter, folder.log))
    (bench,) = ranking.benches(task, splits, [fitter.base(None, splits.examples, passes)], passes)
    kept = fitter.fit(ALONE, splits.examples, bench.base, splits.train, splits.validation)
    final = whole_model(*fitter.model(kept), bench)
    pack_final(bench, splits, final, ALONE, (), asked.task, folder, MAX_ERROR)
    outputs = fitter.outputs(kept, splits.examples, bench.base.preprocess, splits.validation)
    value = task.score.value(outputs, splits.examples.answers[splits.validation])
    result = _record(asked, splits, bench, value) | {
        "architecture": asdict(final.architecture),
        "sha256": fingerprint(final.backbone.state_dict()),
        "seconds": round(time.monotonic() - started, 1),
    }
    folder.finish(result)
    return folder.path, result


def _all_of(splits: Splits, task: Task) -> Splits:
    """The splits with all that is not in training as validation; every item may be recommended."""
    rows = np.arange(len(splits.examples))
    targets = task.answer.learned(splits.examples.targets, rows)
    return splits.but(
        examples=replace(splits.examples, targets=targets), validation=np.setdiff1d(rows, splits.train)
    )


def _record(asked: Asked, splits: Splits, bench: Bench, value: float) -> dict[str, object]:
    """What `result.json` says of data and task, as after any pre-training."""
    return {
        "schema": SCHEMA,
        "headstart": VERSION,
        "method": asked.method,
        "task": asked.task,
        "seed": asked.seed,
        "licence": asked.licence,
        "sources": [
            {
                "name": names_of(asked.data)[0],
                "train": len(splits.train),
                "validation": len(splits.validation),
                "classes": len(splits.examples.categories),
                "metric": bench.task.score.name,
                "value": value,
                "fingerprint": f"sha256:{splits.fingerprint}",
            }
        ],
        "dropped": {"count": len(splits.dropped), "items": [asdict(item) for item in splits.dropped]},
        "trained_on": len(bench.pool),
        "dimensions": None,
        "knn": None,
    }


__all__ = ["fitted"]
