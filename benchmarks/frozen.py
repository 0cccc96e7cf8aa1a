"""Frozen training against its peers: whole processes, from the start of the interpreter to the result.

    python benchmarks/frozen.py --data DIR --base WEIGHTS --peers-python PY --out runs.json

DIR holds image sets as folders of split folders, WEIGHTS is a timm model folder, and PY an interpreter
with `peers/requirements.txt`. Everything runs on the CPU. For each seed, one after the other: `headstart
adapt`, a plain PyTorch loop, Lightning, fastai. Runs that are already in runs.json are not repeated.

Who gets what. The peers learn on `train`, look at `val` after each epoch, and measure on `test`; without
`test` (hymenoptera) they measure on `val` as they go. Headstart gets `train` alone, copied to a new folder
and with a new cache: it wants a test split of its own, so one picture a class is held back from it, and it
cuts validation from the rest, then learns on all of that. It never sees the folder that accuracy is
measured on; `headstart evaluate` measures it afterwards. The peers measure inside their process, so times
are compared both without and with that second command.

The first --time-seeds seeds run alone and are timed; the others run two at a time with one thread each,
for accuracy only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scipy import stats

OURS = "headstart"
SCRIPTS = {"uncached": "uncached.py", "lightning": "lightning_frozen.py", "fastai": "fastai_frozen.py"}
TOOLS = (OURS, *SCRIPTS)
HELD_BACK = 1
"""Training pictures of each class that become the test split that `headstart adapt` wants."""
HEADER = """\
| set | tool | seconds: median (range) | CPU seconds | × ours | × ours with evaluate \
| accuracy | ours − it (95 %) |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Job:
    """One tool on one set with one seed."""

    set: str
    seed: int
    tool: str
    timed: bool


Run = dict[str, Any]


def main() -> None:
    """Run what is missing, keep every run, print the table."""
    asked = arguments()
    runs = json.loads(asked.out.read_text()) if asked.out.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        for run in missing(asked, runs, Path(folder)):
            runs.append(run)
            asked.out.write_text(json.dumps(runs, indent=1), encoding="utf-8")
            print("{set} seed {seed} {tool}: {accuracy:.3f}, {seconds:.1f} s".format(**run), file=sys.stderr)
    runs.sort(key=lambda run: TOOLS.index(run["tool"]))
    print(HEADER)
    for name in asked.sets:
        print("\n".join(rows(name, [run for run in runs if run["set"] == name])))
    print(f"\n{provenance(asked, runs)}")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image data sets")
    parser.add_argument("--base", type=Path, required=True, help="timm model folder")
    parser.add_argument("--peers-python", required=True, help="interpreter with peers/requirements.txt")
    parser.add_argument("--sets", nargs="*", default=("hymenoptera", "trashnet"))
    parser.add_argument("--tools", nargs="*", default=TOOLS, choices=TOOLS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--time-seeds", type=int, default=2, help="of these, how many are timed")
    parser.add_argument("--epochs", type=int, default=5, help="of the peers; ours solves its head")
    parser.add_argument("--minutes", type=float, default=10, help="budget of ours; it takes what it needs")
    parser.add_argument("--out", type=Path, required=True, help="JSON of all runs, added to")
    return parser.parse_args()


def missing(asked: argparse.Namespace, runs: list[Run], scratch: Path) -> Iterator[Run]:
    """The runs that are not there yet: the timed ones one at a time, then the others."""
    there = {(run["set"], run["seed"], run["tool"]) for run in runs}
    wanted = [job for job in jobs(asked) if (job.set, job.seed, job.tool) not in there]
    for name in {job.set for job in wanted if job.tool == OURS}:
        training_only(asked.data / name / "train", scratch / name)
    one = partial(start, asked=asked, scratch=scratch)
    timed = [job for job in wanted if job.timed]
    for tool in {job.tool for job in timed}:
        warm(tool, asked)
    yield from map(one, timed)
    with ThreadPoolExecutor(max_workers=2) as two:
        yield from two.map(one, [job for job in wanted if not job.timed])


def jobs(asked: argparse.Namespace) -> list[Job]:
    """Every job, the tools interleaved so that a busy minute does not hit one of them alone."""
    return [
        Job(name, seed, tool, seed < asked.time_seeds)
        for name in asked.sets
        for seed in range(asked.seeds)
        for tool in asked.tools
    ]


def training_only(train: Path, target: Path) -> None:
    """A data folder for ours: the training pictures, some of each class (by content hash) as its test."""
    for folder in sorted(path for path in train.iterdir() if path.is_dir()):
        by_hash = sorted(folder.iterdir(), key=lambda file: hashlib.sha256(file.read_bytes()).digest())
        for split, files in (("test", by_hash[:HELD_BACK]), ("train", by_hash[HELD_BACK:])):
            (target / split / folder.name).mkdir(parents=True)
            for file in files:
                shutil.copy(file, target / split / folder.name)


def warm(tool: str, asked: argparse.Namespace) -> None:
    """Import the tool once, so that its first timed start does not read its files from the disk."""
    ours = [sys.executable, "-c", "import headstart.partial, onnxruntime, timm"]
    process(ours if tool == OURS else [asked.peers_python, script(tool), "--help"], dict(os.environ))


def start(job: Job, asked: argparse.Namespace, scratch: Path) -> Run:
    """One job in a folder of its own."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    if not job.timed:
        environment["OMP_NUM_THREADS"] = "1"
    tool = ours if job.tool == OURS else peer
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        return {**vars(job), **tool(job, asked, environment, Path(folder))}


def ours(job: Job, asked: argparse.Namespace, environment: dict[str, str], folder: Path) -> Run:
    """`headstart adapt` with nothing cached, then `headstart evaluate` where the peers measure."""
    environment = {**environment, "HEADSTART_CACHE": str(folder / "cache")}
    headstart, bundle = [sys.executable, "-m", "headstart"], folder / "run" / "bundle"
    adapt = [*headstart, "adapt", folder.parent / job.set, "--base", asked.base, "--strategy", "frozen"]
    adapt += ["--minutes", asked.minutes, "--seed", job.seed, "--out", bundle.parent]
    adapted = process(adapt, environment)
    test = measured_on(asked.data / job.set)
    evaluated = process([*headstart, "evaluate", bundle, test, "--json"], environment)
    record = json.loads(evaluated["stdout"])
    if record["dropped"]:
        raise SystemExit(f"ours leaves out what the peers measure: {record['dropped']}")
    return {
        "version": json.loads((bundle / "bundle.json").read_text())["facts"]["headstart"],
        "accuracy": record["metrics"]["accuracy"],
        "seconds": adapted["seconds"],
        "seconds_with_evaluate": adapted["seconds"] + evaluated["seconds"],
        "cpu": adapted["cpu"],
    }


def peer(job: Job, asked: argparse.Namespace, environment: dict[str, str], folder: Path) -> Run:
    """A peer's script; it measures inside its process."""
    command = [asked.peers_python, script(job.tool), asked.data / job.set, asked.base]
    command += ["--seed", job.seed, "--epochs", asked.epochs, "--out", folder / "out.json"]
    done = process(command, environment)
    told = json.loads((folder / "out.json").read_text())
    return {
        **{key: told[key] for key in ("version", "accuracy", "epochs", "seconds_train", "seconds_total")},
        "seconds": done["seconds"],
        "seconds_with_evaluate": done["seconds"],
        "cpu": done["cpu"],
    }


def process(command: list[Any], environment: dict[str, str]) -> Run:
    """A whole process: what it printed, its wall-clock seconds and (alone) those of the processors."""
    started, before = time.monotonic(), os.times()
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
    seconds, after = time.monotonic() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])  # of the children that have ended, and theirs
    return {"stdout": done.stdout, "seconds": seconds, "cpu": cpu}


def script(tool: str) -> Path:
    """A peer's script."""
    return Path(__file__).parent / "peers" / SCRIPTS[tool]


def measured_on(data: Path) -> Path:
    """The folder that accuracy is measured on."""
    return next(data / split for split in ("test", "val") if (data / split).is_dir())


def rows(name: str, runs: list[Run]) -> list[str]:
    """The lines of one set."""
    tools = dict.fromkeys(run["tool"] for run in runs)
    return [f"| {name} | {tool} | {times(tool, runs)} | {accuracies(tool, runs)} |" for tool in tools]


def times(tool: str, runs: list[Run]) -> str:
    """Wall-clock and processor seconds, and how many times ours they are, of the timed runs."""
    timed = [run for run in runs if run["timed"]]
    its, own = ([run for run in timed if run["tool"] == which] for which in (tool, OURS))
    if not its:
        return "– | – | – | –"
    seconds = [run["seconds"] for run in its]
    spread = f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
    ratios = [ratio(its, own, "seconds"), ratio(its, own, "seconds_with_evaluate")]
    return f"{spread} | {statistics.median(run['cpu'] for run in its):.1f} | {' | '.join(ratios)}"


def ratio(its: list[Run], own: list[Run], key: str) -> str:
    """Median over median."""
    if not own:
        return "–"
    return f"{statistics.median(run[key] for run in its) / statistics.median(run[key] for run in own):.2f}"


def accuracies(tool: str, runs: list[Run]) -> str:
    """Mean accuracy, and the paired difference of ours to it with a t interval over the seeds."""
    its, own = ({run["seed"]: run["accuracy"] for run in runs if run["tool"] == of} for of in (tool, OURS))
    mean = f"{statistics.mean(its.values()):.3f} (n = {len(its)})"
    differences = [own[seed] - its[seed] for seed in sorted(its.keys() & own.keys())]
    if tool == OURS or not differences:
        return f"{mean} | –"
    return f"{mean} | {statistics.mean(differences):+.3f} {interval(differences)}"


def interval(differences: list[float]) -> str:
    """95 % t interval of the mean; it speaks of the seeds, not of other test pictures."""
    if len(differences) < 2:
        return "(one seed)"
    half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    mean = statistics.mean(differences)
    return f"({mean - half:+.3f} to {mean + half:+.3f})"


def provenance(asked: argparse.Namespace, runs: list[Run]) -> str:
    """Versions, and who was given what."""
    versions = {run["tool"]: run["version"] for run in runs}
    tools = "; ".join(f"{tool} {version}" for tool, version in versions.items())
    given = "; ".join(given_of(asked.data / name) for name in asked.sets)
    return f"{tools}.\n{given}. Peers: {asked.epochs} epochs. {os.cpu_count()} processors."


def given_of(data: Path) -> str:
    """How many pictures each side learned on, and where it was measured."""
    classes = sum(path.is_dir() for path in (data / "train").iterdir())
    learned, test = len(list(data.glob("train/*/*"))), measured_on(data)
    return (
        f"{data.name}: peers learned on {learned} pictures, ours on at most {learned - HELD_BACK * classes}, "
        f"measured on {len(list(test.glob('*/*')))} of `{test.name}`"
    )


if __name__ == "__main__":
    main()
