"""What it adds to the spread of a verdict that the paired seeds of a run share their augmented views.

    python benchmarks/views.py --data DIR --out DIR [--draws 6] [--seeds 6]

Cached views are drawn once a run, so that the frozen pass is paid once. What one draw of them does to an arm
is then no part of how its seeds differ. Here `finetune` and `reinit` of each cell are trained with every seed
on every draw of the views. Of each table of draws by seeds, of an arm's test score and of the difference of
the two: the variance of draws and of seeds (unbiased, two crossed random effects), and the first in parts
of the second.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from measuring import machine
from seeds import EPOCHS, PICTURES, SIZES, WHOLE, Cell, pictures

from headstart import adaptation, partial
from headstart.adaptation import Job, train_arm
from headstart.runs import open_run
from headstart.runtime import Clock, Silent, derive
from headstart.settings import Settings
from headstart.story import Run, planned

SETS = ("hymenoptera", "trashnet", "sign_digits")
VIEWS = 2


def main() -> None:
    """Every cell that has no file yet, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=6)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for labels in SIZES:
        for base in WHOLE[PICTURES]:
            for one in SETS:
                cell = Cell(PICTURES, one, base, labels, whole=True)
                path = asked.out / f"{cell.name}.npz"
                if not path.exists():
                    np.savez_compressed(path, **trained(cell, asked))
                    print(cell.name, file=sys.stderr, flush=True)
    table(asked.out)
    print(f"\n{machine()}")


def trained(cell: Cell, asked: argparse.Namespace) -> dict[str, np.ndarray]:
    """(draws, seeds) test scores of both arms."""
    folder = asked.out / "work" / cell.name
    shutil.rmtree(folder, ignore_errors=True)
    settings = Settings(
        pictures(cell, asked),
        task=cell.kind,
        base=(cell.base,),
        strategy=("finetune",),
        out=folder,
        minutes=6.0,
    )
    clock = Clock(settings.minutes)
    beginning = partial.opened(settings, Silent())
    settings = partial.resolved(settings, beginning.task)
    run = Run(settings, open_run(folder, cell.name, {}), clock, Silent())
    work = planned(beginning, run)
    clock.budget = float("inf")
    recipe = work.plan.recipes["finetune"]
    print(cell.name, recipe)
    recipe = replace(recipe, epochs=EPOCHS, views=VIEWS, live=False)
    recipes = {**work.plan.recipes, "finetune": recipe}
    plan = replace(
        work.plan,
        threads=1,
        processes=1,
        seeds=asked.seeds,
        first=asked.seeds,
        curve_seeds=0,
        recipes=recipes,
    )
    found: dict[str, list[list[float]]] = {"finetune": [], "reinit": []}
    right = work.bench.examples.answers[work.splits.test]
    for draw in range(asked.draws):
        Job.views = property(  # the same jobs on other views
            lambda job, draw=draw: [derive(job.run, "views", draw, n) for n in range(job.recipe.views)]
        )
        place = run.folder.work / str(draw)
        place.mkdir(parents=True, exist_ok=True)
        for name, rows in found.items():
            arm = train_arm(name, "finetune", work.bench, work.splits, plan, place)
            tests = [adaptation.outputs(one, work.bench, work.splits.test) for one in arm.fitted]
            rows.append([float(work.bench.task.score.of(one, right).mean()) for one in tests])
    return {name: np.array(rows) for name, rows in found.items()}


def table(folder: Path) -> None:
    """Variances of every cell, and of all together."""
    print(f"{'cell':<28}{'of':<12}{'sd of draws':>12}{'sd of seeds':>12}{'draws/seeds':>12}")
    sums = np.zeros(2)
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as kept:
            scores = {name: kept[name] for name in kept.files}
        scores["difference"] = scores["finetune"] - scores["reinit"]
        for name, one in scores.items():
            draws, seeds = effects(one)
            sums += (draws, seeds) if name == "difference" else (0, 0)
            print(f"{path.stem:<28}{name:<12}{sd(draws):>12.4f}{sd(seeds):>12.4f}{draws / seeds:>12.2f}")
    print(f"{'all differences':<40}{'':>24}{sums[0] / sums[1]:>12.2f}")


def effects(scores: np.ndarray) -> tuple[float, float]:
    """Variance of draws and of seeds (a seed's own and its interaction with a draw), unbiased."""
    d, s = scores.shape
    both = scores - scores.mean(0) - scores.mean(1)[:, None] + scores.mean()
    rest = float((both**2).sum() / ((d - 1) * (s - 1)))
    draws = float(scores.mean(1).var(ddof=1)) - rest / s
    seeds = float(scores.mean(0).var(ddof=1)) - rest / d
    return draws, max(seeds, 0.0) + rest


def sd(variance: float) -> float:
    """Its root, with the sign."""
    return float(np.sign(variance) * np.sqrt(abs(variance)))


if __name__ == "__main__":
    main()
