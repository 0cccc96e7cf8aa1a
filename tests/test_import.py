"""Importing headstart, or asking for help, costs little and changes nothing."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HEADSTART = Path(sys.executable).with_name("headstart")
HEAVY = (
    "numpy",
    "torch",
    "torchvision",
    "timm",
    "transformers",
    "sklearn",
    "scipy",
    "pandas",
    "matplotlib",
    "onnxruntime",
)

STATE = """
import json, logging, os, sys, warnings
def state():
    root = logging.getLogger()
    return [dict(os.environ), [str(f) for f in warnings.filters], root.level, len(root.handlers)]
before = state()
{code}
modules = sorted({{name.split(".")[0] for name in sys.modules}})
print(json.dumps({{"changed": before != state(), "modules": modules}}))
"""

IMPORT = "import headstart"
HELP = """
import contextlib, io
sys.argv = ["headstart", "--help"]
from headstart.cli import main
with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
    main()
assert "run" in out.getvalue()
"""

TASKS = """
import headstart.pipeline
from headstart import registry
for name in registry.names("tasks"):
    registry.get("tasks", name)
"""
"""What a run imports before it knows its task."""


def after(code: str) -> dict:
    """What a new Python process looks like after it ran `code`."""
    command = [sys.executable, "-W", "error", "-c", STATE.format(code=code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("code", [IMPORT, HELP], ids=["import", "help"])
def test_nothing_heavy_is_imported_and_nothing_is_changed(code):
    found = after(code)
    assert "headstart" in found["modules"]
    assert not set(HEAVY) & set(found["modules"])
    assert not found["changed"], "the environment, the warning filters or the root logger"


def test_neither_a_run_nor_a_base_waits_for_libraries_of_others():
    """One process goes on from what every run imports to bases that need no more, and to one that does."""
    bases = ("at_hand('series')", "locate('builtin/series-s')", "locate('builtin/vision-s')")
    found = "from headstart.bases._at_hand import at_hand, locate\nassert "
    steps = [TASKS, *(found + one for one in bases)]
    tell = 'print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))'
    code = "\n".join(line for step in steps for line in ("import json, sys", step, tell))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    run, *series, pictures = (set(json.loads(line)) for line in done.stdout.splitlines())
    assert "torch" in run
    assert not {"torchvision", "transformers", "timm", "sympy", "triton"} & run
    for modules in series:
        assert not {"transformers", "timm"} & modules
    assert "timm" in pictures
    assert "transformers" not in pictures


@pytest.mark.parametrize(
    "code",
    ["import numpy", "os.environ['X'] = '1'", "warnings.simplefilter('ignore')", "logging.basicConfig()"],
)
def test_the_probe_sees_what_it_looks_for(code):
    found = after(code)
    assert found["changed"] or "numpy" in found["modules"]


def test_version_is_the_one_of_the_package():
    from importlib.metadata import version

    import headstart

    assert headstart.__version__ == version("headstart")


def test_help_takes_little_more_than_what_it_imports():
    """Work of the processor, not time: other processes beside it change nothing."""
    others = [name for name in after(HELP)["modules"] if name not in {"headstart", "__main__"}]
    known = [name for name in others if name.isidentifier() and find_spec(name)]
    bare = [sys.executable, "-c", f"import {', '.join(known)}"]
    shown, imported = (min(_work(command) for _ in range(5)) for command in ([HEADSTART, "--help"], bare))
    assert shown < 3 * imported


def _work(command: list[str | Path]) -> float:
    """Seconds of the processor that a command takes."""
    # Without PYTHONPATH: the tests' own start-up hook is not the command's.
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    before = _children()
    subprocess.run(command, capture_output=True, timeout=300, env=clean, check=True)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
