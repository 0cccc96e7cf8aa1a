"""Test labels are for measuring: with others, everything but what is measured on them stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pictures import CLASSES, write_folder
from stories import PLENTY, said, shorten

MEASURED = {
    "data.fingerprint",
    "metric.value",
    "metric.interval",
    "metrics",
    "verdict",
    "labels",
    "abstain.error",
}
"""Of result.json; and of each arm its test values."""
OF_ARMS = ("value", "interval", "seeds")


@pytest.fixture(scope="module")
def runs(finished, tmp_path_factory) -> list[Path]:
    """Two runs on the same pictures; in the second, the test folders have each other's names."""
    home, folders = tmp_path_factory.mktemp("leak"), []
    for name in ("true", "swapped"):
        data = write_folder(home / name, per_class=10, splits=("train", "test"))
        if name == "swapped":
            (data / "test").rename(data / "old")
            for label, other in zip(CLASSES, [*CLASSES[1:], CLASSES[0]], strict=True):
                (data / "test").mkdir(exist_ok=True)
                (data / "old" / label).rename(data / "test" / other)
            (data / "old").rmdir()
        folders.append(home / f"run-{name}")
        with pytest.MonkeyPatch.context() as patch:
            shorten(patch, raced=True)
            # that no other strategy sees a test label either: tests/contracts/test_strategies.py
            asked = ["--base", finished.base, "--strategy", "frozen", "--strategy", "finetune"]
            done = said("run", data, *asked, "--minutes", PLENTY, "--out", folders[-1])
        assert done.code == 0, done.err
    return folders


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every leaf by its path; what the clock says is left out."""
    if isinstance(value, dict) and path not in MEASURED:
        return {k: v for key, one in value.items() for k, v in flat(one, f"{path}.{key}".strip(".")).items()}
    return {} if "second" in path else {path: value}


def test_the_model_that_ships_is_the_same_bit_for_bit(runs):
    first, second = ((run / "bundle" / "model.safetensors").read_bytes() for run in runs)
    assert first == second
    facts = [json.loads((run / "bundle" / "bundle.json").read_text("utf-8"))["facts"] for run in runs]
    assert facts[0]["abstain"] == facts[1]["abstain"]


def test_nothing_in_the_result_moves_but_what_is_measured(runs):
    results = [json.loads((run / "result.json").read_text("utf-8")) for run in runs]
    arms = [result.pop("arms") for result in results]
    for result in results:
        del result["ranking"], result["plan"]  # theirs are asked for below
    first, second = map(flat, results)
    assert {path for path in first if first[path] != second[path]} <= MEASURED
    assert first["metric.value"] != second["metric.value"], "the labels were swapped"
    for one, other in zip(*arms, strict=True):
        kept = [
            {k: v for k, v in arm.items() if k not in (*OF_ARMS, "seconds", "given")} for arm in (one, other)
        ]
        assert kept[0] == kept[1]


def test_choices_are_the_same(runs):
    settings = [json.loads((run / "settings.json").read_text("utf-8")) for run in runs]
    assert settings[0]["ranking"]["chosen"] == settings[1]["ranking"]["chosen"]
    rows = [
        [(row["base"], row["scores"], row["ranks"]) for row in one["ranking"]["rows"]] for one in settings
    ]
    assert rows[0] == rows[1]
    recipes = [one["plan"]["recipes"] for one in settings]
    assert recipes[0] == recipes[1]
    losses = [races(run) for run in runs]
    assert losses[0] == losses[1]
    assert {"finetune", "scratch"} <= losses[0].keys()
    assert all(len(raced) == 3 for raced in losses[0].values())


def races(run: Path) -> dict[str, dict[str, float]]:
    """By arm, the validation losses of the learning rates that raced."""
    events = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    return {event["arm"]: event["losses"] for event in events if event["event"] == "race"}
