"""Does the ranking choose the right base? Every base is fine-tuned on every target to find out.

    python benchmarks/ranking --data DIR --weights DIR --out DIR [--prior prior.json]

Targets: image sets in DIR (`hymenoptera`, `trashnet`, `sign_digits`, and twice ten classes of
`tinyimagenet100a.zip`), each at two sizes. Bases: the real checkpoints in WEIGHTS, the built-in one,
networks that are pre-trained here on other classes of the zipped set, and random weights that call
themselves pre-trained. What is in OUT already is not made again; all of it takes about an hour on two cores.

Two processes at a time, one thread each; costs are CPU seconds. The prior that a target is ranked with
leaves out all targets of its data set. With --prior the table of all runs is written, as it ships.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import comparing
import zoo
from targets import TARGETS, made, unzipped

import headstart.bases

HERE = Path(__file__).parent
BUILT_IN = Path(headstart.bases.__file__).parent / "weights" / "glyphs"
FAR = "mobilenet_v2_inat_bird"
"""The base of another domain than rubbish."""


def main() -> None:
    """Make what is missing, then print the table."""
    asked = arguments()
    bases, targets = prepared(asked)
    truth = folder(asked.out / "truth")
    every(
        [HERE / "truth.py", target, base, asked.out / "cache", out]
        for target in targets
        for base in bases
        if not (out := truth / f"{target.name}-{base.name}.json").exists()
    )
    found = comparing.truths(truth)
    chosen = choices(asked.out, found, bases, targets)
    print("\n".join(comparing.report(found, chosen, zoo.USELESS, FAR)))
    print(f"\n{len(targets)} targets, {len(bases)} bases, {os.cpu_count()} processors.")
    if asked.prior:
        written = {
            "made_by": "python benchmarks/ranking",
            "names": comparing.names(found),
            "runs": comparing.table(found),
        }
        asked.prior.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image data sets")
    parser.add_argument("--weights", type=Path, required=True, help="folder of timm model folders")
    parser.add_argument("--out", type=Path, required=True, help="folder for bases, targets and results")
    parser.add_argument("--prior", type=Path, help="write the table of all runs here")
    return parser.parse_args()


def prepared(asked: argparse.Namespace) -> tuple[list[Path], list[Path]]:
    """The folders of all bases and of all targets."""
    tiny, made_in = unzipped(asked.data, folder(asked.out)), folder(asked.out / "bases")
    bases = [*zoo.shrunken(asked.weights, made_in), zoo.useless(made_in)]
    missing = [source.name for source in zoo.SOURCES if not (made_in / source.name).exists()]
    every([HERE / "zoo.py", name, tiny, made_in] for name in missing)
    bases += [*(made_in / source.name for source in zoo.SOURCES), BUILT_IN]
    targets = folder(asked.out / "targets")
    return bases, [made(target, asked.data, tiny, targets) for target in TARGETS]


def choices(out: Path, found: dict, bases: Sequence[Path], targets: Sequence[Path]) -> list[comparing.Record]:
    """What is chosen for each target, with a prior from the other data sets."""
    tables, chosen = folder(out / "tables"), folder(out / "chosen")
    for name in {comparing.family(target.name) for target in targets}:
        (tables / f"{name}.json").write_text(json.dumps({"runs": comparing.table(found, name)}))
    every(
        [
            *(HERE / "choosing.py", target, tables / f"{comparing.family(target.name)}.json"),
            *(out, *bases),
        ]
        for target in targets
        if not (out := chosen / f"{target.name}.json").exists()
    )
    return [json.loads((chosen / f"{target.name}.json").read_text()) for target in targets]


def every(commands: Iterable[Sequence[object]]) -> None:
    """Run Python on each of the commands, two at a time."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

    def run(words: Sequence[object]) -> None:
        subprocess.run([sys.executable, *map(str, words)], check=True, env=environment)

    with ThreadPoolExecutor(2) as two:
        list(two.map(run, commands))


def folder(path: Path) -> Path:
    """The folder, made where it is missing."""
    path.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    main()
