"""What the built-in bases are worth: every base on real sets of photographs, by how many labels there are.

    python benchmarks/bases.py table --data DIR --out DIR [--minutes 3]
    python benchmarks/bases.py few --data DIR --weights DIR --out DIR [--minutes 3]
    python benchmarks/bases.py selftaught --data DIR --out DIR [--minutes 3]
    python benchmarks/bases.py multitask --data DIR --out DIR [--minutes 10]
    python benchmarks/bases.py permuted --data DIR --out DIR [--minutes 3]

`table`: each built-in base × each set × 50 and 100 % of its labels: `headstart run` with the strategies
frozen and finetune; its reference arms are trained with their own learning rates.
`few`: 10 labels a class, which is about a tenth of these sets; beside the built-in bases the same networks
with random weights (the arm `reinit`) and real ImageNet weights: which part of ImageNet's gain over scratch
does a drawn world reach?
`selftaught`: VICReg from random weights on a set's own training pictures without labels, then 10 labels each.
`multitask`: the sets at 10 labels a class on one shared backbone, each against training it alone.
`permuted`: a supervised base of permuted labels; it must never be said to help.

A set's own test split is measured on, whole; labels are taken from the rest of it by a fixed shuffle. What
is in OUT is not run again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from measuring import machine, table

SETS = ("hymenoptera", "trashnet", "sign_digits")
BASES = ("builtin/vision-s", "builtin/vision-m")
IMAGENET = "mobilenet_v2_imagenet"
SHARES = (0.5, 1.0)
FEW = 10
"""Labels a class."""
TRANSFER = ("frozen", "finetune")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("table", "few", "selftaught", "multitask", "permuted"))
    parser.add_argument("--data", type=Path, required=True, help="folder of image sets")
    parser.add_argument("--weights", type=Path, help="folder of real weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--base", nargs="+", default=BASES, help="built-in bases, or folders")
    parser.add_argument("--strategy", nargs="+", default=TRANSFER, help="transfer arms")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--minutes", type=float, default=3.0, help="of each run")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    verbs = {
        "table": shares,
        "few": few,
        "selftaught": selftaught,
        "multitask": multitask,
        "permuted": permuted,
    }
    verbs[asked.what](asked)
    print(f"\n{machine()}; {asked.minutes:g} minutes a run, one thread each, {asked.jobs} at a time")


def shares(asked: argparse.Namespace) -> None:
    """Every base × set × share of the labels."""
    jobs = [(base, name, share) for base in asked.base for name in SETS for share in SHARES]

    def go(job: tuple[str, str, float]) -> dict:
        base, name, share = job
        data = some(asked.data / name, asked.out / "data" / f"{name}-{share:g}", share=share)
        return ran(asked, data, base, f"{base}-{name}-{share:g}")

    rows = [
        [base, name, f"{share:.0%}", *line(found)] for (base, name, share), found in each(asked, go, jobs)
    ]
    print(table(["base", "set", "labels", *LINE], rows))


def few(asked: argparse.Namespace) -> None:
    """Ten labels a class, beside random and ImageNet weights."""
    imagenet = str(asked.weights / IMAGENET)
    jobs = [(base, name) for base in (*asked.base, imagenet) for name in SETS]

    def go(job: tuple[str, str]) -> dict:
        base, name = job
        data = some(asked.data / name, asked.out / "data" / f"{name}-{FEW}", labels=FEW)
        return ran(asked, data, base, f"{Path(base).name}-{name}-few")

    found = dict(each(asked, go, jobs))
    rows = [[Path(base).name, name, *line(one)] for (base, name), one in found.items()]
    print(table(["base", "set", *LINE], rows))
    for base in asked.base:
        own, best = (np.array([reached(found[key, name]) for name in SETS]) for key in (base, imagenet))
        scratch, idle = (
            np.array([value(found[base, name], arm) for name in SETS]) for arm in ("scratch", "reinit")
        )
        print(f"{base} over its own network from scratch: {spread(own - scratch)}")
        print(f"the same strategy on random weights: {spread(idle - scratch)}")
        print(f"{IMAGENET} over that: {spread(best - scratch)}")
        print(f"share of ImageNet's gain: {(own - scratch).mean() / (best - scratch).mean():.0%}")
    hurt = [key for key, one in found.items() if key[0] in asked.base and below(one)]
    print(f"shipped arm significantly below scratch: {len(hurt)} of {len(asked.base) * len(SETS)} runs")


def selftaught(asked: argparse.Namespace) -> None:
    """VICReg on a set's own pictures, then ten labels a class."""

    def go(name: str) -> dict:
        folder = asked.out / "bases" / f"{name}-taught"
        data = some(asked.data / name, asked.out / "data" / f"{name}-{FEW}", labels=FEW)
        if not (folder / "result.json").exists():
            start = ("--architecture", "timm/resnet10t", "--size", 64, "--method", "vicreg")
            command(
                *("pretrain", unlabelled(asked, name), "--out", folder, *start),
                *("--minutes", 2 * asked.minutes),
            )
        return ran(asked, data, str(folder), f"taught-{name}")

    found = dict(each(asked, go, SETS))
    print(table(["set", *LINE], [[name, *line(one)] for name, one in found.items()]))
    gains = np.array([gain(found[name]) for name in SETS])
    print(f"self-taught on its own pictures, over scratch: {spread(gains)}")


def multitask(asked: argparse.Namespace) -> None:
    """The sets together, against each alone."""
    data = [some(asked.data / name, asked.out / "data" / f"{name}-{FEW}", labels=FEW) for name in SETS]
    folder = asked.out / "runs" / "multitask"
    if not (folder / "result.json").exists():
        command("run", *data, "--base", asked.base[0], "--minutes", asked.minutes, "--out", folder)
    result = json.loads((folder / "result.json").read_text())
    rows = [
        [
            row["name"],
            f"{row['arms']['single']:.3f}",
            f"{row['arms']['multi']:.3f}",
            points(row["verdict"]),
            row["verdict"]["call"],
            row["verdict"]["seeds"],
            row["chosen"],
        ]
        for row in result["targets"]
    ]
    print(table(["target", "alone", "together", "difference", "verdict", "seeds", "shipped"], rows))
    print(f"mean difference {100 * result['mean_delta']:+.1f} points")


def permuted(asked: argparse.Namespace) -> None:
    """A base of labels that mean nothing, judged by runs."""
    folder = asked.out / "bases" / "permuted"
    if not (folder / "result.json").exists():
        nonsense = shuffled(asked.data / "trashnet", asked.out / "data" / "permuted")
        command(
            "pretrain",
            nonsense,
            "--out",
            folder,
            "--architecture",
            "timm/resnet10t",
            "--size",
            64,
            "--minutes",
            2 * asked.minutes,
        )
    names = [name for name in SETS if name != "trashnet"]
    jobs = [(name, labels) for name in names for labels in (FEW, 20)]

    def go(job: tuple[str, int]) -> dict:
        name, labels = job
        data = some(asked.data / name, asked.out / "data" / f"{name}-{labels}", labels=labels)
        return ran(asked, data, str(folder), f"permuted-{name}-{labels}")

    found = dict(each(asked, go, jobs))
    print(table(["set", "labels a class", *LINE], [[*key, *line(one)] for key, one in found.items()]))
    calls = [one["verdict"]["call"] for one in found.values()]
    print(f"said to help: {calls.count('helps')} of {len(calls)}")


LINE = (
    "frozen",
    "finetune",
    "warm_init",
    "scratch",
    "random weights",
    "verdict",
    "difference to the reference",
    "seeds",
    "shipped",
)


def line(result: dict) -> list[object]:
    """The cells of one run."""
    names = (*TRANSFER, "warm_init", "scratch", "reinit")
    arms = ["" if math.isnan(one := value(result, name)) else f"{one:.3f}" for name in names]
    verdict = result["verdict"]
    return [
        *arms,
        verdict["call"],
        f"{points(verdict)} to {verdict['baseline']}",
        verdict["seeds"],
        result["chosen"]["arm"],
    ]


def points(verdict: dict) -> str:
    """The difference and its interval in points."""
    low, high = verdict["interval"]
    return f"{100 * verdict['delta']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def gain(result: dict) -> float:
    """Of the transfer arm that validation chose, over scratch."""
    return reached(result) - value(result, "scratch")


def reached(result: dict) -> float:
    """The mean on test of the transfer arm that validation chose."""
    return value(result, result["verdict"]["transfer"])


def spread(gains: np.ndarray) -> str:
    """The mean in points, and each set's."""
    return f"{100 * gains.mean():+.1f} points ({', '.join(f'{100 * one:+.1f}' for one in gains)})"


def value(result: dict, name: str) -> float:
    """An arm's mean on test; NaN where the time did not suffice for it."""
    return next((arm["value"] for arm in result["arms"] if arm["name"] == name), math.nan)


def below(result: dict) -> bool:
    """Is the arm that ships below scratch in every paired seed of six?"""
    arms = {arm["name"]: np.array(arm["seeds"]) for arm in result["arms"]}
    shipped, scratch = arms[result["chosen"]["arm"]], arms["scratch"]
    count = min(len(shipped), len(scratch))
    return bool(count >= 6 and (shipped[:count] < scratch[:count]).all())


def each(asked: argparse.Namespace, go: Callable[..., dict], jobs: Sequence) -> Iterator[tuple]:
    """Some jobs at a time; results in order."""
    with ThreadPoolExecutor(asked.jobs) as pool:
        yield from zip(jobs, pool.map(go, jobs), strict=True)


def ran(asked: argparse.Namespace, data: Path, base: str, name: str) -> dict:
    """The result of a run, done now or before."""
    folder = asked.out / "runs" / name.replace("/", "-")
    if not (folder / "result.json").exists():
        strategies = [word for one in asked.strategy for word in ("--strategy", one)]
        command("run", data, "--base", base, *strategies, "--minutes", asked.minutes, "--out", folder)
    return json.loads((folder / "result.json").read_text())


def command(*words: object) -> None:
    """One command of Headstart with one thread."""
    line = [sys.executable, "-m", "headstart", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if done.returncode:
        raise SystemExit(f"{' '.join(line)}\n{done.stderr}")
    print(" ".join(map(str, words)), file=sys.stderr, flush=True)


def some(source: Path, target: Path, share: float = 1.0, labels: int | None = None) -> Path:
    """A folder with `train` and `test`: the set's own test split, and some labels of the rest."""
    if target.exists():
        return target
    train, test = split(source)
    for label, files in train.items():
        files = sorted(files)
        random.Random(0).shuffle(files)
        chosen = files[:labels] if labels else files[: max(3, round(share * len(files)))]
        copied(chosen, target / "train" / label)
    for label, files in test.items():
        copied(files, target / "test" / label)
    return target


def split(source: Path) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """By class, files to train on and files to measure on."""
    test = next(name for name in ("test", "val") if (source / name).is_dir())
    sides: tuple[dict, dict] = ({}, {})
    for side in sorted(one for one in source.iterdir() if one.is_dir()):
        for folder in sorted(one for one in side.iterdir() if one.is_dir()):
            own = sides[side.name == test].setdefault(folder.name, [])
            own.extend(file for file in folder.iterdir() if file.is_file())
    return sides


def unlabelled(asked: argparse.Namespace, name: str) -> Path:
    """A heap of a set's training pictures."""
    target = asked.out / "data" / f"{name}-heap"
    if not target.exists():
        copied([file for files in split(asked.data / name)[0].values() for file in files], target)
    return target


def shuffled(source: Path, target: Path) -> Path:
    """A set's training pictures under labels that mean nothing."""
    if not target.exists():
        train = split(source)[0]
        labels = [label for label, files in train.items() for _ in files]
        random.Random(0).shuffle(labels)
        files = [file for files in train.values() for file in files]
        for label in train:
            copied([file for file, own in zip(files, labels, strict=True) if own == label], target / label)
    return target


def copied(files: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder / f"{file.parent.parent.name}-{file.parent.name}-{file.name}")


if __name__ == "__main__":
    main()
