"""Gradual unfreezing from the cache and without one: time and accuracy at equal epochs.

    python benchmarks/unfreezing.py --data DIR/hymenoptera --base BASE [--epochs 10] [--seeds 5] [--views 4]

The schedule is head, then head and last stage, `--epochs` each. Without a cache the frozen part is run at
every step of both (channels_last, batch 16, eval mode, no gradients: as fast as eager gets), on a fresh
view of each image; validation is looked at each epoch. With one, there is a pass for the plain view and
one for each of `--views` views, the head is solved, and the stage is trained from the cache. All times are
from images that nothing was computed for yet; both ways use the same split, seeds and learning rate.
Accuracy is on the test split, which chooses nothing.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from measuring import machine, opened, seconds, spread, table

from headstart.adaptation import Job, fit, outputs, strategy_named
from headstart.adaptation._boundaries import boundaries
from headstart.adaptation.base import Recipe
from headstart.adaptation.training.feed import LiveFeed
from headstart.bench import Bench
from headstart.runtime import using_threads
from headstart.types import FloatArray, Splits
from headstart.verification import interval_of

RATE = 3e-4


@dataclass(frozen=True)
class Run:
    """One seed, one way."""

    head: float
    """Seconds of the head's epochs, or of the passes and the solved head."""
    stage: float
    """Seconds of the last stage's epochs."""
    scores: FloatArray
    """(n,) 1 for a test image that is right, else 0."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked = parser.parse_args()
    print(machine() + "\n")
    with using_threads(asked.threads):
        pairs = [(run(asked, seed, live=False), run(asked, seed, live=True)) for seed in range(asked.seeds)]
    ours, theirs = zip(*pairs, strict=True)
    rows = []
    for name, value in (
        ("head (with the passes)", lambda one: one.head),
        ("last stage", lambda one: one.stage),
        ("schedule", lambda one: one.head + one.stage),
    ):
        cached, uncached = ([value(one) for one in way] for way in (ours, theirs))
        ratios = [slow / fast for fast, slow in zip(cached, uncached, strict=True)]
        rows.append([name, spread(cached), spread(uncached), spread(ratios, ".2f")])
    print(table(["", "cached, s", "uncached, s", "ratio"], rows))
    gain = np.stack([one.scores - other.scores for one, other in pairs])
    both, seeds = interval_of(gain), interval_of(gain.mean(1, keepdims=True))
    print(
        f"\naccuracy of {gain.shape[1]} test images: cached {np.mean([one.scores for one in ours]):.3f}, "
        f"uncached {np.mean([one.scores for one in theirs]):.3f}, difference {gain.mean():+.3f}; "
        f"95 % interval over seeds and images {both.low:+.3f} to {both.high:+.3f}, "
        f"over the {len(gain)} seeds alone {seeds.low:+.3f} to {seeds.high:+.3f}"
    )


def run(asked: argparse.Namespace, seed: int, live: bool) -> Run:
    """One seed with or without a cache, from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        bench, splits = opened(asked.data, asked.base, Path(folder) / "cache")
        top = boundaries(bench.base.card, len(splits.examples), math.inf)[0]
        recipe = Recipe(
            epochs=asked.epochs,
            batch=16,
            rate=RATE,
            cuts=(top,),
            size=bench.base.preprocess.size,
            views=0 if live else asked.views,
            live=live,
        )
        job = Job("finetune", strategy_named("finetune"), seed, recipe, splits.train, splits.validation)
        if live:
            head = seconds(lambda: head_epochs(bench, splits, seed, asked.epochs))
            bench.features()  # the solved head's pass is not counted: the epochs above stand for it
        else:
            head = seconds(lambda: passes(bench, job))
        fitted = None

        def train() -> None:
            nonlocal fitted
            fitted = fit(job, bench, Path(folder))

        stage = seconds(train)
        scores = bench.task.score.of(
            outputs(replace(fitted, job=replace(job, recipe=recipe)), bench, splits.test),
            bench.examples.answers[splits.test],
        )
        return Run(head, stage, scores)


def passes(bench: Bench, job: Job) -> None:
    """What the cached way computes before its first step."""
    stages = list(job.recipe.cuts)
    bench.features(stages)
    for view in job.views:
        bench.activations(bench.base.network(), bench.base.identity, stages, bench.pool, view)


def head_epochs(bench: Bench, splits: Splits, seed: int, epochs: int) -> None:
    """A linear head trained by steps on a frozen network that is run each time."""
    network = bench.base.network().to(memory_format=torch.channels_last)
    head = bench.task.answer.head(bench.base.card.width, bench.examples.categories)
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3)
    feed = LiveFeed(bench.subject(bench.base.preprocess.size).inputs, seed, "cpu")
    targets = torch.from_numpy(bench.examples.answers)
    order = np.random.default_rng(seed)
    for epoch in range(epochs):
        for step, rows in enumerate(np.array_split(order.permutation(splits.train), len(splits.train) // 16)):
            with torch.no_grad():
                features = network(feed.tensor(feed.fetch(rows, epoch, step)))
            loss = bench.task.answer.loss(head(features), targets[rows]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            for start in range(0, len(splits.validation), 16):
                head(network(feed.still(splits.validation[start : start + 16])))


if __name__ == "__main__":
    main()
