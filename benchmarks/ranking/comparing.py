"""The table: how well each way of choosing a base does against the truth.

Notation: b bases of one target.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import weightedtau

from headstart.ranking._prior import deviations, standings

Record = dict[str, Any]
SCORES = ("hscore", "knn", "logme", "ridge")


def family(target: str) -> str:
    """The data set that a target is of: what is known from it must not tell about it."""
    return target.split("-")[0].split("_")[0]


def truths(folder: Path) -> dict[str, dict[str, Record]]:
    """By target and base, what fine-tuning gave."""
    found: dict[str, dict[str, Record]] = {}
    for file in sorted(folder.glob("*.json")):
        record = json.loads(file.read_text())
        found.setdefault(record["target"], {})[Path(record["base"]).name] = record
    return found


def table(found: dict[str, dict[str, Record]], without: str | None = None) -> list[Record]:
    """The runs that priors come from, but for those of one data set."""
    return [
        {
            "set": family(target),
            "examples": next(iter(bases.values()))["examples"],
            "accuracy": {one["sha256"]: round(accuracy(one), 4) for one in bases.values()},
        }
        for target, bases in found.items()
        if family(target) != without
    ]


def names(found: dict[str, dict[str, Record]]) -> dict[str, str]:
    """Who is meant by the hashes of the table."""
    return {cell["sha256"]: name for cells in found.values() for name, cell in cells.items()}


def accuracy(cell: Record) -> float:
    """Mean over the seeds."""
    return float(np.mean(cell["finetune"]["accuracy"]))


Method = Callable[[list[Record]], np.ndarray]
"""The rows of one ranking to (b,) values, higher is better."""


def _score(name: str) -> Method:
    return lambda rows: np.array([row["scores"][name] for row in rows])


def _mean_rank(*names: str) -> Method:
    def values(rows: list[Record]) -> np.ndarray:
        return deviations(np.mean([standings(_score(name)(rows)) for name in names], axis=0))

    return values


METHODS: dict[str, Method] = {
    "headstart": lambda rows: np.array([row["value"] for row in rows]),
    "without the prior": _mean_rank(*SCORES),
    "static list (the prior alone)": lambda rows: np.array([row["prior"] for row in rows]),
    "biggest": lambda rows: np.array([row["parameters"] for row in rows]),
    "linear probe (ridge)": _score("ridge"),
    "LogME": _score("logme"),
    "H-score": _score("hscore"),
    "k-nearest": _score("knn"),
}


def row_of(method: Method, cells: dict[str, Record], record: Record) -> tuple[float, float]:
    """Weighted tau and regret@1 in points, on one target."""
    rows = record["rows"]
    true = np.array([accuracy(cells[row["base"]]) for row in rows])
    values = method(rows)
    best = np.flatnonzero(values == values.max())  # where it cannot say which, the mean of those
    return float(weightedtau(true, values).statistic), float(100 * (true.max() - true[best].mean()))


def interval(values: np.ndarray) -> str:
    """Mean and its 95 % bootstrap interval over the targets."""
    draws = np.random.default_rng(0).choice(values, (10_000, len(values))).mean(1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def report(found: dict[str, dict[str, Record]], chosen: list[Record], useless: str, far: str) -> list[str]:
    """The lines that are printed."""
    lines = ["| choose by | weighted τ | regret@1, points | worst |", "|---|---|---|---|"]
    for name, method in METHODS.items():
        taus, regrets = np.array([row_of(method, found[one["target"]], one) for one in chosen]).T
        lines.append(f"| {name} | {interval(taus)} | {interval(regrets)} | {regrets.max():.1f} |")
    raced = np.array([regret(found[one["target"]], one["chosen"]) for one in chosen])
    lines.append(f"| headstart, after the race | – | {interval(raced)} | {raced.max():.1f} |")
    shares = np.array([one["cpu"] / everything(found[one["target"]]) for one in chosen])
    ranking = np.array([one["cpu_rank"] / everything(found[one["target"]]) for one in chosen])
    half = sum(where(one, useless) < len(one["rows"]) / 2 for one in chosen)
    rubbish = [one for one in chosen if family(one["target"]) == "trashnet"]
    tied = sum(place(one, far) == place(one, best(found[one["target"]])) for one in rubbish)
    return [
        *lines,
        "",
        f"cost as a share of fine-tuning all: ranking {100 * ranking.mean():.1f} %, with the race "
        f"{100 * shares.mean():.1f} % ({100 * shares.min():.1f} to {100 * shares.max():.1f})",
        f"{useless} in the top half: {half} of {len(chosen)} targets",
        f"{far} tied with the best base on rubbish: {tied} of {len(rubbish)} targets",
        "",
        *details(found, chosen),
    ]


def details(found: dict[str, dict[str, Record]], chosen: list[Record]) -> list[str]:
    """By target: the best base, the first of the ranking, what the race chose."""
    lines = ["| target | best | ranked first | after the race | cost |", "|---|---|---|---|---|"]
    for one in chosen:
        cells = found[one["target"]]
        names = [best(cells), one["rows"][0]["base"], one["chosen"]]
        told = " | ".join(f"{name} {100 * accuracy(cells[name]):.1f}" for name in names)
        lines.append(f"| {one['target']} | {told} | {100 * one['cpu'] / everything(cells):.1f} % |")
    return lines


def best(cells: dict[str, Record]) -> str:
    """The base of greatest accuracy."""
    return max(cells, key=lambda name: accuracy(cells[name]))


def regret(cells: dict[str, Record], name: str) -> float:
    """Points below the best."""
    return 100 * (accuracy(cells[best(cells)]) - accuracy(cells[name]))


def everything(cells: dict[str, Record]) -> float:
    """CPU seconds of fine-tuning all bases."""
    return float(sum(cell["finetune"]["cpu"] for cell in cells.values()))


def where(record: Record, name: str) -> int:
    """Position in the order, from 0."""
    return [row["base"] for row in record["rows"]].index(name)


def place(record: Record, name: str) -> int:
    """Place in the ranking; equal for those that cannot be told apart."""
    return next(row["place"] for row in record["rows"] if row["base"] == name)
