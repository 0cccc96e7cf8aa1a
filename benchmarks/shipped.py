"""Is what ships as good as its arm's seeds? The test value of bundles against the mean of the seeds' models.

    python benchmarks/shipped.py read DIR
    python benchmarks/shipped.py run DIR [--data DIR] [--tasks TASK ...] [--runs 3] [--minutes 0.6]

`read` takes every `result.json` below DIR that is of a finished run and prints, for each, what the bundle
does on the test split, the mean of its arm's seeds there, their difference in points, and which weights ship.
At the end the mean difference with its 95 % interval over the runs, and how many runs lie below the interval
of their arm. A baseline that ships is learned anew in the same way and is left out.
`run` makes short runs below DIR first, RUNS of each development set with other seeds; what is there is not
repeated. Of tables each run takes FEW rows, of lines as many pairs. DATA holds `data` and `weights`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measuring import machine, table
from scipy import stats

import headstart as hs
from headstart.errors import HeadstartError

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
SETS = {
    "image_classification": ("hymenoptera", "sign_digits", "trashnet"),
    "text_classification": ("sst2", "trec6", "subjectivity"),
    "object_detection": ("bccd", "playing_cards"),
    "segmentation": ("nuclei", "membrane_em"),
    "translation": ("multi30k",),
}
MOBILENET = "mobilenet_v2_imagenet"
BASES = {"image_classification": MOBILENET, "object_detection": MOBILENET, "segmentation": MOBILENET}
"""Below `weights`; other tasks take what is at hand."""
FEW = 600
"""Texts of a run: they are cut anew by each seed."""


def main() -> None:
    """Run what is missing if asked to, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("read", "run"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=SHARED, help="folder with `data` and `weights`")
    parser.add_argument("--tasks", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--runs", type=int, default=3, help="of each set")
    parser.add_argument("--minutes", type=float, default=0.6, help="of each run")
    asked = parser.parse_args()
    if asked.what == "run":
        make(asked)
    rows = list(found(asked.folder))
    if not rows:
        raise SystemExit(f"no finished run below {asked.folder}")
    print(
        table(
            ["run", "task", "arm", "shipped", "mean of seeds", "points", "weights"],
            [line(*row) for row in rows],
        )
    )
    print(f"\n{summary([result for _, result in rows])} {machine()}.")


def make(asked: argparse.Namespace) -> None:
    """The runs that are not there yet."""
    for task in asked.tasks:
        base = str(asked.data / "weights" / BASES[task]) if task in BASES else ()
        for name in SETS[task]:
            for seed in range(asked.runs):
                out = asked.folder / f"{name}-{seed}"
                if (out / "result.json").exists():
                    continue
                try:
                    hs.run(
                        some(asked.data / "data" / task / name, seed),
                        task=task,
                        base=base,
                        minutes=asked.minutes,
                        seed=seed,
                        out=out,
                    )
                except HeadstartError as error:
                    print(f"{out.name}: {error}", file=sys.stderr)


def some(folder: Path, seed: int) -> Any:
    """A data set as it is, or FEW rows of its training table or of its training lines."""
    if (folder / "train.csv").is_file():
        return pd.read_csv(folder / "train.csv").sample(FEW, random_state=seed)
    if (folder / "train.en").is_file():
        sides = {"source": "train.en", "target": "train.de"}
        lines = {side: (folder / name).read_text("utf-8").splitlines() for side, name in sides.items()}
        return pd.DataFrame(lines).sample(FEW, random_state=seed)
    return folder


def found(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Finished runs whose arm has seeds, by name."""
    for path in sorted(folder.rglob("result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        if str(result.get("schema", "")).startswith("headstart/result/") and seeds_of(result)["given"]:
            yield path.parent.name, result


def seeds_of(result: dict[str, Any]) -> dict[str, Any]:
    """The arm that ships; `given` also where it has no steps but is no baseline."""
    (arm,) = [one for one in result["arms"] if one["name"] == result["chosen"]["arm"]]
    return {**arm, "given": arm["given"] or result["chosen"]["strategy"] or arm["name"] == "scratch"}


def difference(result: dict[str, Any]) -> float:
    """Of what ships to the mean of its arm's seeds, in points; positive is better."""
    sign = 1 if result["metric"]["higher_is_better"] else -1
    return 100 * sign * float(result["metric"]["value"] - np.mean(seeds_of(result)["seeds"]))


def below(result: dict[str, Any]) -> bool:
    """Is what ships outside the interval of its arm, on the wrong side?"""
    low, high = seeds_of(result)["interval"]
    value, up = result["metric"]["value"], result["metric"]["higher_is_better"]
    return bool(value < low if up else value > high)


def line(name: str, result: dict[str, Any]) -> list[str]:
    """One run."""
    arm, weights = seeds_of(result), result["chosen"].get("weights") or {}
    which = (
        f"seed {weights['seed']} of {weights['of']}: {weights['why']}"
        if weights.get("seed")
        else weights.get("what", "–")
    )
    values = (f"{result['metric']['value']:.3f}", f"{np.mean(arm['seeds']):.3f} ({len(arm['seeds'])})")
    mark = " (below its interval)" if below(result) else ""
    return [name, result["task"], arm["name"], *values, f"{difference(result):+.1f}{mark}", which]


def summary(results: list[dict[str, Any]]) -> str:
    """The mean difference, with its t interval over the runs."""
    differences = [difference(one) for one in results]
    mean, out = float(np.mean(differences)), sum(map(below, results))
    half = stats.t.ppf(0.975, len(results) - 1) * stats.sem(differences) if len(results) > 1 else float("nan")
    return (
        f"{len(results)} runs: {mean:+.2f} points ({mean - half:+.2f} to {mean + half:+.2f}); "
        f"{out} below by more than their interval."
    )


if __name__ == "__main__":
    main()
