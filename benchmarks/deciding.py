"""How long until a verdict, and what ships then: looking after two seeds against six of every arm.

    python benchmarks/deciding.py --data DIR --out DIR [--minutes 3] [--jobs 1] [--cells NAME ...]

DIR of --data holds `image_classification` and `text_classification`. Each cell, a set whole or with ten
labels a class, is run twice on one thread: as a run is by default (`now`), and with `--set use=all`, which
trains all seeds of all arms that fit (`before`). The rule before called what six pairs and p < 0.05 of a
sign-flip test said. Where six do not fit into the minutes it called nothing; the time that six of every arm
would have taken follows from the seconds of those that did (marked ~). Seconds are from the start of the
program's clock to the end of the last training that the verdict needs: reading, ranking, planning and the
race are in them. A run that is in OUT is not run again.

A difference is clear where either run's is more than 3.3 of its standard errors from 0.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import seeds
from looking import CLEAR
from measuring import machine, table
from scipy.stats import norm, t

from headstart import stats
from headstart.types import MOST_SEEDS

BASES = {seeds.PICTURES: "builtin/efficientnet-lite0", seeds.TEXTS: "builtin/minilm"}
SETS = {seeds.PICTURES: ("hymenoptera", "trashnet", "sign_digits"), seeds.TEXTS: ("trec6", "sst2")}
SIZES = {"10": 10, "whole": 100_000}
"""Labels of a class, at most."""
RULES = {"now": "use=less", "before": "use=all"}


def main() -> None:
    """Run what is not there yet, then a line for each cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--cells", nargs="+", default=list(cells()), choices=list(cells()), metavar="NAME")
    asked = parser.parse_args()
    wanted = [(name, rule) for name in asked.cells for rule in RULES]
    with ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(lambda one: ran(*one, asked), wanted))
    found = {name: [told(name, rule, asked.out) for rule in RULES] for name in asked.cells}
    print(
        table(["cell", "clear", "now", "pairs", "s", "before", "pairs", "s", "ratio", "ships"], lines(found))
    )
    print(*summary(list(found.values())), sep="\n")
    print(f"\n{asked.minutes:g} minutes asked for, {asked.jobs} at a time, a thread each\n{machine()}")


def cells() -> dict[str, seeds.Cell]:
    """By name; the cheap ones first."""
    return {
        f"{name}-{size}": seeds.Cell(kind, name, BASES[kind], labels, whole=True)
        for size, labels in SIZES.items()
        for kind, names in SETS.items()
        for name in names
    }


def ran(name: str, rule: str, asked: argparse.Namespace) -> None:
    """One run, with a cache of its own."""
    cell, folder = cells()[name], asked.out / "runs" / f"{name}-{rule}"
    if (folder / "result.json").exists():
        return
    data = seeds.pictures(cell, asked) if cell.kind == seeds.PICTURES else seeds.texts(cell, asked)
    words = [
        "run",
        data,
        "--base",
        cell.base,
        "--minutes",
        asked.minutes,
        "--set",
        RULES[rule],
        "--out",
        folder,
    ]
    cache = str(asked.out / "cache" / f"{name}-{rule}")
    own = {**os.environ, "OMP_NUM_THREADS": "1", "HEADSTART_CACHE": cache}
    command = [sys.executable, "-m", "headstart", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True, env=own)
    print(name, rule, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Said:
    """What a rule said of a cell."""

    call: str
    delta: float
    error: float
    """Standard error of the difference."""
    pairs: int
    seconds: float
    fitted: bool
    """Did all pairs that the rule asks for fit into the minutes?"""
    value: float
    """Of what ships, on the test split."""

    @property
    def clear(self) -> bool:
        """Is the difference far from 0?"""
        return abs(self.delta) > CLEAR * self.error


def told(name: str, rule: str, out: Path) -> Said:
    """Of a run that is done."""
    folder = out / "runs" / f"{name}-{rule}"
    result = json.loads((folder / "result.json").read_text())
    verdict = result["verdict"]
    low, high = verdict["interval"]
    pairs, call, seconds = verdict["seeds"], verdict["call"], ended(folder / "log.jsonl", result)
    fitted = rule == "now" or pairs >= MOST_SEEDS
    if not fitted:
        seconds += sum(arm["seconds"] * (MOST_SEEDS / len(arm["seeds"]) - 1) for arm in result["arms"])
    if rule == "before" and not (fitted and verdict["p"] < 1 - stats.LEVEL):
        call = "undecided"
    error = (high - low) / (2 * norm.ppf(0.975))
    value = float(np.mean(shipped(result)["seeds"]))
    return Said(call, verdict["delta"], error, pairs, seconds, fitted, value)


def shipped(result: dict) -> dict:
    """The arm that ships."""
    return next(arm for arm in result["arms"] if arm["name"] == result["chosen"]["arm"])


def ended(log: Path, result: dict) -> float:
    """Seconds until the last seed of an arm was there; what ships and the curve come later."""
    arms = {arm["name"] for arm in result["arms"]}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    done = [one for one in events if one["event"] == "fitted"]
    seen = [one["elapsed"] for one in done if one["job"].rsplit("-", 1)[0] in arms]
    return float(max(seen))


def lines(found: dict[str, list[Said]]) -> Iterator[list[object]]:
    """A line for each cell."""
    for name, (now, before) in found.items():
        yield [
            name,
            "yes" if now.clear or before.clear else "",
            *(f"{now.call} {100 * now.delta:+.1f}", now.pairs, f"{now.seconds:.0f}"),
            *(f"{before.call} {100 * before.delta:+.1f}", before.pairs),
            f"{'' if before.fitted else '~'}{before.seconds:.0f}",
            f"{now.seconds / before.seconds:.2f}",
            f"{100 * (now.value - before.value):+.1f}",
        ]


def summary(found: list[list[Said]]) -> Iterator[str]:
    """The targets, one a line."""
    clear = [pair for pair in found if any(one.clear for one in pair)]
    for place, rule in enumerate(RULES):
        own = [pair[place] for pair in clear]
        open_ones = sum(one.call == "undecided" for one in own)
        yield f"* undecided though clear, {rule}: {open_ones} of {len(own)}"
    decided = [pair for pair in found if pair[0].call != "undecided"]
    ratio = np.median([now.seconds / before.seconds for now, before in decided])
    yield f"* median seconds to a verdict, of before, where decided now: {ratio:.2f} ({len(decided)} cells)"
    gains = np.array([now.value - before.value for now, before in found])
    half = t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    yield f"* value of what ships, now - before: {100 * gains.mean():+.1f} ± {100 * half:.1f} points"


if __name__ == "__main__":
    main()
