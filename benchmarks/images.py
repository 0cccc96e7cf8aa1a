"""Whole runs on real image folders, and cut to ten labels a class: accuracy, verdict, time.

    python benchmarks/images.py --data DIR --base DIR/mobilenet_v2_imagenet --minutes 10

DIR holds image data sets as folders of split folders. The cut sets keep ten training images of each
class and the test split; validation is then cut from those ten. Each run is the command line's own, and
every test picture is predicted once more, alone, through `headstart predict`'s code.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from headstart.shipping.bundles.predict import Predictor

SETS = ("hymenoptera", "trashnet", "sign_digits")
PER_CLASS = 10
HEADER = (
    "set            images  accuracy  interval       verdict    delta  interval      seeds  minutes  alone"
)


def main() -> None:
    """Run what was asked for and print one row per run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image data sets")
    parser.add_argument("--base", required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--sizes", nargs="*", default=("whole", "cut"), choices=("whole", "cut"))
    parser.add_argument("--out", type=Path, default=None, help="keep the run folders here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = asked.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        print(HEADER)
        for name, data in data_sets(asked, Path(folder)):
            print(row(name, run(data, out / name, asked), data, out / name), flush=True)


def data_sets(asked: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Each set whole, then cut."""
    if "whole" in asked.sizes:
        yield from ((name, asked.data / name) for name in asked.sets)
    if "cut" in asked.sizes:
        yield from (
            (f"{name}-{PER_CLASS}", cut(asked.data / name, scratch / "cut" / name)) for name in asked.sets
        )


def cut(whole: Path, small: Path) -> Path:
    """A copy with ten training images a class (the first by content hash) and the test split."""
    test = next(split for split in ("test", "val") if (whole / split).is_dir())
    shutil.copytree(whole / test, small / "test")
    for folder in sorted((whole / "train").iterdir()):
        target = small / "train" / folder.name
        target.mkdir(parents=True)
        by_hash = sorted(folder.iterdir(), key=lambda file: hashlib.sha256(file.read_bytes()).digest())
        for file in by_hash[:PER_CLASS]:
            shutil.copy(file, target)
    return small


def run(data: Path, out: Path, asked: argparse.Namespace) -> dict:
    """`headstart run` on one folder; its JSON with the wall-clock minutes."""
    command = [sys.executable, "-m", "headstart", "run", str(data), "--base", asked.base, "--json"]
    command += ["--minutes", str(asked.minutes), "--seed", str(asked.seed), "--out", str(out)]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return {**json.loads(done.stdout), "minutes": (time.monotonic() - started) / 60}


def row(name: str, result: dict, data: Path, out: Path) -> str:
    """One line of the table."""
    metric, verdict = result["metric"], result["verdict"]
    images = sum(result["data"][split] for split in ("train", "validation", "test"))
    return (
        f"{name:<14} {images:>6}  {metric['value']:8.3f}  {span(metric['interval'])}  {verdict['call']:<9} "
        f"{verdict['delta']:+6.3f}  {span(verdict['interval'])}  {verdict['seeds']:>4} "
        f"{result['minutes']:8.1f}  {agreement(data, out)}   {result['chosen']['arm']}"
    )


def agreement(data: Path, out: Path) -> str:
    """How many test pictures get the label alone that they got in the run."""
    known = json.loads((out / "evidence.json").read_text())["predictions"]
    predictor = Predictor(out / "bundle")
    alone = [next(predictor.predict([data / one["file"]]))["label"] for one in known]
    same = sum(label == one["predicted"] for label, one in zip(alone, known, strict=True))
    return f"{same}/{len(known)}"


def span(interval: list[float]) -> str:
    """An interval in six characters a side."""
    return "{:+.3f} {:+.3f}".format(*interval)


if __name__ == "__main__":
    main()
