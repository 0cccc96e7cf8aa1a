"""Whole runs that take seconds, because the plan is held short; and the command line, in and out of process.

The bounds of the planner are the only thing that is changed: a run is planned, trained and shipped by the
same code as a long one, and with minutes to spare its plan does not depend on the clock.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

import warm
from headstart import registry
from headstart.adaptation import _recipes
from headstart.bases.passes import engines
from headstart.cli import code
from pictures import write_folder

SHORT: dict[str, Any] = {
    "_recipes.WHOLE_EPOCHS": (1, 1),
    "_recipes.PART_EPOCHS": (1, 2),
    "_recipes.HEAD_EPOCHS": (1, 4),
    "_plan.MOST_SEEDS": 2,
    "_plan.FEWEST_SEEDS": 2,
    "_plan.CURVE_SEEDS": 1,
    "_costs.MIN_STEPS": 2,
    "training.loop.MIN_STEPS": 2,
    "training.speed.CLEARLY": 1e9,
}
"""Of the modules in `adaptation/`: two seeds, an epoch or two, hardly any steps; nothing in half precision,
whatever was measured."""
KILL = """
import os, signal
training.loop.SAVE_SECONDS = -1  # a checkpoint at every step
replace, seen = os.replace, []
def fatal(source, target):
    seen.append(os.path.basename(target))
    if seen.count({name!r}) == {time}:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = fatal
"""
"""Dies before the file `name` is written for the so-manieth time."""
PLENTY = "10"
"""Minutes that no short run comes near."""


def settled(raced: bool = False) -> Iterator[tuple[Any, str, Any]]:
    """What is set for short plans, as owner, name and value; `raced`: learning rates still race."""
    for path, value in SHORT.items():
        module, _, name = path.rpartition(".")
        yield importlib.import_module(f"headstart.adaptation.{module}"), name, value
    yield _recipes, "_quicker", lambda costs, name, cached, runs: cached  # views, whatever was measured
    yield engines, "rate", lambda *_: 1.0  # as quick as any, so that PyTorch is taken: others differ in bits
    yield from () if raced else one_rate()


def one_rate() -> Iterator[tuple[Any, str, Any]]:
    """Of each strategy its middle learning rate alone, so that none race: owner, name and value."""
    for strategy in registry.names("adaptation"):
        plugin = registry.get("adaptation", strategy)
        slower = replace(plugin, rates=plugin.rates[len(plugin.rates) // 2 :][:1])
        yield importlib.import_module(f"headstart.adaptation.{strategy}"), "plugin", slower


def settle(put: Callable[[Any, str, Any], object] = setattr, raced: bool = False) -> None:
    """Plan short runs in this process, at one thread: the same bits each time."""
    for owner, name, value in settled(raced):
        put(owner, name, value)
    torch.set_num_threads(1)


def shorten(patch: pytest.MonkeyPatch, raced: bool = False) -> None:
    """The same until the patch is undone."""
    settle(patch.setattr, raced)


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as one JSON document."""
        return json.loads(self.out)


def said(*arguments: object) -> Said:
    """Run a command here."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        left = code([str(word) for word in arguments])
    return Said(left, out.getvalue(), err.getvalue())


def said_outside(*arguments: object, cwd: Path, before: str = "", **environment: str) -> Said:
    """Run a command in a process of its own, short plans included; `before` is code that comes first."""
    tests = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})"
    start = "from headstart.cli import main\nmain()"
    program = f"{tests}\nimport stories\nstories.settle()\n{before}\n{start}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def said_apart(folder: Path, *arguments: object, cwd: Path, before: str = "", **environment: str) -> Said:
    """The same in a process that starts at once, by the `headstart` in `folder` (the fixture `commands`)."""
    start = "import warnings\nfrom headstart.adaptation import training\nwarnings.simplefilter('error')"
    done = subprocess.run(
        [folder / "headstart", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment, warm.BEFORE: f"{start}\n{before}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def refused(said: Said, expected: int = 1) -> None:
    """One `error:` and one `hint:` line end stderr; no other, nothing on stdout, no traceback."""
    lines = said.err.splitlines()
    assert said.code == expected, said
    assert said.out == ""
    assert [line.split(" ")[0] for line in lines[-2:]] == ["error:", "hint:"], said.err
    assert not [line for line in lines[:-2] if line.startswith(("error:", "hint:", "Traceback"))], said.err
    assert all(len(line.split(" ", 1)[1].strip()) > 5 for line in lines[-2:])
    assert "a bug in Headstart" not in said.err


@dataclass(frozen=True)
class Finished:
    """A finished run and what it was made of."""

    data: Path
    base: Path
    folder: Path
    said: Said

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle"

    @property
    def weights(self) -> bytes:
        return (self.bundle / "model.safetensors").read_bytes()

    def read(self, name: str) -> Any:
        """One of the run's JSON files."""
        return json.loads((self.folder / name).read_text("utf-8"))


def finish(home: Path, base: Path) -> Finished:
    """Run the whole story on three classes of a dozen pictures."""
    data, folder = write_folder(home / "photos", per_class=12), home / "run"
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        told = said("run", data, "--base", base, "--minutes", PLENTY, "--out", folder, "--json")
    assert told.code == 0, told.err
    return Finished(data, base, folder, told)


def timeless(value: Any) -> Any:
    """A record without what the clock says: every `seconds`, and what a plan expects and keeps back."""
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items() if key not in ("seconds", "shipping")}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def same_run(folder: Path, finished: Finished) -> None:
    """The same weights, arms, curves and predictions, bit for bit."""
    assert (folder / "bundle" / "model.safetensors").read_bytes() == finished.weights
    for name in ("result.json", "evidence.json"):
        again, first = json.loads((folder / name).read_text("utf-8")), finished.read(name)
        for part in ("arms", "verdict", "metrics", "chosen", "plan", "curves", "predictions"):
            assert timeless(again.get(part)) == timeless(first.get(part)), part
