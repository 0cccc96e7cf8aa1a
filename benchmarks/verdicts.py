"""Is the verdict right? Planted cells, simulated nulls, and how often intervals hold the truth.

    python benchmarks/verdicts.py cells --data DIR --out DIR [--ranking DIR] [--minutes 1.2] [--jobs 2]
    python benchmarks/verdicts.py nulls --data DIR --base BASE
    python benchmarks/verdicts.py coverage

`cells`: `headstart run` where the answer is known beforehand or measured by a second run. Bases: ImageNet's
EfficientNet-Lite0, and `thin`, which `benchmarks/ranking` (its OUT is --ranking; without it, its cells are
left out) pre-trained on other classes of Tiny ImageNet: both should help on photographs; `builtin/glyphs`,
near on handwritten digits and far on photographs; the same network with random weights that call themselves
pre-trained; and the same network trained on labels that mean nothing. Every cell is run twice, with other
seeds and other pictures in training and test. A run's call is held against the other run's difference: where
that is more than 3.3 of this run's standard errors from 0, the call should say so.

`nulls`: two arms that differ by nothing but luck. Both are heads on a random eighth of the cached features,
drawn anew for each seed, on the same training pictures; 1,000 times on other pictures.

`coverage`: tables of seeds by items are drawn from known means, and the interval asked whether it holds them;
once with so many seeds, once looked at from two seeds on, as a run does, until it is clear or there are six.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from looking import CLEAR, looked
from measuring import opened, table
from safetensors.torch import load_file, save_file
from scipy.stats import norm, ttest_1samp
from torch.nn import functional

import headstart.bases
from headstart import looks, stats
from headstart.bases.networks.glyphnet import GlyphNet
from headstart.tasks.solvers import linear
from headstart.types import MOST_SEEDS

GLYPHS = Path(headstart.bases.__file__).parent / "weights" / "glyphs"
CELLS = {
    "imagenet": {"hymenoptera": (12, 60), "trashnet": (12,), "sign_digits": (12, 40)},
    "thin": {"tiny_third": (8, 24), "tiny_fourth": (8, 24), "hymenoptera": (12, 60), "trashnet": (12,)},
    "glyphs": {"digits": (4, 12), "sign_digits": (12, 40), "trashnet": (12,)},
    "random": {"digits": (12,), "sign_digits": (12, 40), "trashnet": (12, 40), "hymenoptera": (12,)},
    "permuted": {"sign_digits": (12, 40), "trashnet": (12,), "hymenoptera": (12,)},
}
"""Labels of a class, by base and set."""
MOST_CLASSES, TEST = 6, 40


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("cells", "nulls", "coverage"))
    parser.add_argument("--data", type=Path, help="folder of image sets (cells), or one image set (nulls)")
    parser.add_argument("--ranking", type=Path, help="OUT of benchmarks/ranking (cells)")
    parser.add_argument("--base", help="for the nulls")
    parser.add_argument("--out", type=Path, help="folder for runs; what is there is not run again")
    parser.add_argument("--minutes", type=float, default=1.2)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (cells)")
    asked = parser.parse_args()
    {"cells": cells, "nulls": nulls, "coverage": coverage}[asked.what](asked)


@dataclass(frozen=True)
class Cell:
    """One base on one set with so many labels."""

    base: str
    set: str
    labels: int

    def name(self, run: int) -> str:
        """Of its folders."""
        return f"{self.base}-{self.set}-{self.labels}-{run}"


def cells(asked: argparse.Namespace) -> None:
    """Run every cell twice, then hold the calls against each other."""
    asked.out.mkdir(parents=True, exist_ok=True)
    sets = {"digits": digits(asked.out / "digits")}
    sets |= {name: asked.data / name for name in ("sign_digits", "trashnet", "hymenoptera")}
    bases = {
        "imagenet": "builtin/efficientnet-lite0",
        "glyphs": GLYPHS,
        "random": unlearned(asked.out / "random"),
        "permuted": permuted(asked.out / "permuted"),
    }
    if asked.ranking:
        bases["thin"] = asked.ranking / "bases" / "tiny_first_thin"
        sets |= {name: asked.ranking / "targets" / f"{name}-35" for name in ("tiny_third", "tiny_fourth")}
    planned = [
        Cell(base, name, labels) for base in bases for name, sizes in CELLS[base].items() for labels in sizes
    ]
    jobs = [(cell, run) for run in range(2) for cell in planned]

    def go(job: tuple[Cell, int]) -> None:
        cell, run = job
        folder, data = asked.out / "runs" / cell.name(run), asked.out / "data" / cell.name(run)
        if (folder / "result.json").exists():
            return
        some(sets[cell.set], data, cell.labels, run)
        words = [
            "run",
            data,
            "--base",
            bases[cell.base],
            "--minutes",
            asked.minutes,
            "--seed",
            run,
            "--out",
            folder,
        ]
        command = [sys.executable, "-m", "headstart", *map(str, words)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        print(cell.name(run), file=sys.stderr, flush=True)

    with ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(go, jobs))
    found = {
        (cell, run): json.loads((asked.out / "runs" / cell.name(run) / "result.json").read_text())
        for cell, run in jobs
    }
    print(
        table(
            [
                "base",
                "set",
                "labels a class",
                "run",
                "call",
                "difference",
                "seeds",
                "the other run",
                "clear",
                "right",
            ],
            list(judged(found)),
        )
    )
    print(*summary(found), sep="\n")


def judged(found: dict) -> Iterator[list[object]]:
    """A line for each run."""
    for (cell, run), result in found.items():
        verdict, other = result["verdict"], found[cell, 1 - run]["verdict"]
        low, high = verdict["interval"]
        clear, right = against(verdict, other)
        yield [
            *(cell.base, cell.set, cell.labels, run, verdict["call"]),
            f"{100 * verdict['delta']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})",
            *(
                verdict["seeds"],
                f"{100 * other['delta']:+.1f}",
                "yes" if clear else "",
                "yes" if right else "no",
            ),
        ]


def against(verdict: dict, other: dict) -> tuple[bool, bool]:
    """Is the difference that the other run found clear for this one, and is the call then right?"""
    low, high = verdict["interval"]
    error = (high - low) / (2 * norm.ppf(0.975))
    if abs(other["delta"]) <= CLEAR * error:
        wrong = {"helps": other["delta"] < 0, "hurts": other["delta"] > 0}
        return False, not wrong.get(verdict["call"], False)
    return True, verdict["call"] == ("helps" if other["delta"] > 0 else "hurts")


def summary(found: dict) -> Iterator[str]:
    """The targets, one a line."""
    pairs = [(result, found[cell, 1 - run]) for (cell, run), result in found.items()]
    said = [against(one["verdict"], other["verdict"]) for one, other in pairs]
    clear = [right for is_clear, right in said if is_clear]
    yield f"\n{len(found)} runs of {len(found) // 2} cells"
    yield f"clear differences called rightly: {sum(clear)} of {len(clear)}"
    some = [
        right for (is_clear, right), (one, _) in zip(said, pairs, strict=True) if is_clear and enough(one)
    ]
    yield f"of those, with two seeds or more: {sum(some)} of {len(some)}"
    lucky = [one["verdict"]["call"] for (cell, _), one in found.items() if cell.base == "random"]
    yield f"random weights said to help: {lucky.count('helps')} of {len(lucky)} runs"
    worse = sum(map(below, found.values()))
    yield f"shipped arm significantly below the best arm: {worse} of {len(found)} runs"
    yield f"runs with two seeds or more: {sum(map(enough, found.values()))} of {len(found)}"


def enough(result: dict) -> bool:
    """Are there so many seeds that a verdict is possible?"""
    return bool(result["verdict"]["seeds"] >= looks.FIRST)


def below(result: dict) -> bool:
    """Is the shipped arm below the best one on test, clearly so over the seeds that both have?"""
    arms = {arm["name"]: np.array(arm["seeds"]) for arm in result["arms"] if arm["name"] != "knn"}
    shipped = arms[result["chosen"]["arm"]]
    best = max(arms.values(), key=np.mean)
    count = min(len(shipped), len(best))
    difference = best[:count] - shipped[:count]
    if count < 2 or not difference.any():
        return False
    return bool(difference.mean() > 0.005 and ttest_1samp(difference, 0).pvalue < 0.05)


def some(source: Path, target: Path, labels: int, run: int) -> None:
    """A folder with `train` and `test`: other pictures in each run, as far as there are enough."""
    shutil.rmtree(target, ignore_errors=True)
    folders: dict[str, list[Path]] = {}
    for folder in sorted([*source.glob("*/"), *source.glob("*/*/")]):
        files = sorted(file for file in folder.iterdir() if file.is_file())
        if files and folder.name not in ("train", "val", "test"):
            folders.setdefault(folder.name, []).extend(files)
    for label in sorted(folders)[:MOST_CLASSES]:
        files = folders[label]
        random.Random(0).shuffle(files)
        half = files[run::2]
        test = half[: min(TEST, len(half) // 3)]
        for split, chosen in (("test", test), ("train", half[len(test) :][:labels])):
            (target / split / label).mkdir(parents=True)
            for file in chosen:
                shutil.copy(file, target / split / label / f"{file.parent.parent.name}-{file.name}")


def digits(folder: Path) -> Path:
    """The demo's handwritten digits."""
    if not folder.exists():
        from headstart import demo

        demo.digits(folder)
    return folder


def unlearned(folder: Path) -> Path:
    """The settings of glyphs and random weights."""
    return copied(folder, lambda state: _network(0).state_dict())


def permuted(folder: Path) -> Path:
    """The same network, trained to tell random pictures by labels that mean nothing."""
    return copied(folder, lambda state: _memorised())


def copied(folder: Path, weights) -> Path:
    if not folder.exists():
        folder.mkdir(parents=True)
        shutil.copy(GLYPHS / "config.json", folder)
        state = {
            name: value.contiguous()
            for name, value in weights(load_file(GLYPHS / "model.safetensors")).items()
        }
        save_file(state, folder / "model.safetensors", {"format": "pt"})
    return folder


def _network(seed: int) -> GlyphNet:
    torch.manual_seed(seed)
    return GlyphNet(**json.loads((GLYPHS / "config.json").read_text())["model_args"])


def _memorised() -> dict[str, torch.Tensor]:
    network = _network(1)
    pictures, labels = torch.randn(512, 3, 32, 32), torch.randint(0, 10, (512,))
    pictures = functional.avg_pool2d(pictures, 5, stride=1, padding=2) * 3
    head = torch.nn.Linear(network(pictures[:2]).shape[1], 10)
    optimizer = torch.optim.AdamW([*network.parameters(), *head.parameters()], lr=2e-3)
    network.train()
    for _ in range(15):
        for rows in torch.randperm(512).split(64):
            loss = functional.cross_entropy(head(network(pictures[rows])), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.state_dict()


def nulls(asked: argparse.Namespace) -> None:
    """False calls between arms that are the same but for luck."""
    with tempfile.TemporaryDirectory() as folder:
        bench, _ = opened(asked.data, asked.base, Path(folder))
        features = np.array(bench.features(), dtype=np.float64)
    targets, k = bench.examples.answers, len(bench.examples.categories)
    draws, width = np.random.default_rng(0), features.shape[1]
    calls = []
    for _ in range(asked.rounds):
        order = draws.permutation(len(targets))
        test, rest = order[: len(order) // 2], order[len(order) // 2 :]
        scores = np.empty((2, 6, len(test)))
        for seed in range(6):
            train = draws.choice(rest, len(rest) // 2, replace=False)
            for arm in range(2):
                seen = draws.choice(width, width // 8, replace=False)
                head = linear.solve(features[np.ix_(train, seen)], targets[train], k)
                scores[arm, seed] = head.outputs(features[np.ix_(test, seen)]).argmax(1) == targets[test]
        difference = scores[0] - scores[1]
        calls.append(looked(difference)[0])
    wrong = sum(call != "undecided" for call in calls)
    print(f"{wrong} of {len(calls)} nulls were called ({100 * wrong / len(calls):.1f} %)")


def coverage(asked: argparse.Namespace) -> None:
    """Of 95 % intervals of paired differences, by simulation."""
    stats.REPLICATES = 1_000
    rows = []
    for s, n in ((2, 40), (2, 150), (2, 600), (3, 150), (6, 40), (6, 150), (6, 600)):
        for shift, seeds, items in ((0.0, 0.05, 0.3), (0.0, 0.3, 0.3), (0.5, 0.1, 0.5), (1.5, 0.3, 0.5)):
            draws = np.random.default_rng(0)
            held = [held_once(draws, s, n, shift, seeds, items) for _ in range(asked.rounds)]
            ended, called = (
                zip(*(held_at_last(draws, n, shift, seeds, items) for _ in range(asked.rounds)), strict=True)
                if s == 6
                else ((), ())
            )
            last = [f"{100 * np.mean(ended):.1f} %", f"{100 * np.mean(called):.1f} %"] if s == 6 else ["", ""]
            rows.append([s, n, shift, seeds, items, f"{100 * np.mean(held):.1f} %", *last])
    print(
        table(
            ["seeds", "items", "shift", "spread of seeds", "of items", "held", "at the last look", "called"],
            rows,
        )
    )
    print("shift and spreads are on the scale of a probit, whose items have a standard deviation of 1.2")


def held_once(draws: np.random.Generator, s: int, n: int, shift: float, seeds: float, items: float) -> bool:
    difference, truth = drawn(draws, s, n, shift, seeds, items)
    found = stats.interval(difference)
    return bool(found.low <= truth <= found.high)


def held_at_last(
    draws: np.random.Generator, n: int, shift: float, seeds: float, items: float
) -> tuple[bool, bool]:
    """Looked at from two seeds on: does the interval at the end hold the truth, and is there a call?"""
    difference, truth = drawn(draws, MOST_SEEDS, n, shift, seeds, items)
    call, count = looked(difference)
    found = stats.interval(difference[:count])
    return bool(found.low <= truth <= found.high), call != "undecided"


def drawn(
    draws: np.random.Generator, s: int, n: int, shift: float, seeds: float, items: float
) -> tuple[np.ndarray, float]:
    """(s, n) differences of two arms, and the true one."""
    hard, arms = draws.normal(0, 1.2, n), []
    for mean in (1.2 + shift, 1.2):
        own, luck, rest = (
            draws.normal(0, items, n),
            draws.normal(0, seeds, (s, 1)),
            draws.normal(0, 0.5, (s, n)),
        )
        arms.append((mean + hard + own + luck + rest > 0).astype(float))
    spread = np.sqrt(1.2**2 + items**2 + seeds**2 + 0.5**2)
    truth = norm.cdf((1.2 + shift) / spread) - norm.cdf(1.2 / spread)
    return arms[0] - arms[1], float(truth)


if __name__ == "__main__":
    main()
