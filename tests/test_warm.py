"""A command that starts at once does what a command of its own does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def typed(line: str, folder: Path, cwd: Path, given: str = "", **environment: str):
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        env={**os.environ, "PATH": path, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_it_says_the_same_and_ends_with_the_same_code(commands, tmp_path):
    own = Path(sys.executable).parent
    for line in ("headstart report nowhere", "headstart no-such-verb"):
        found, expected = (typed(line, folder, tmp_path) for folder in (commands, own))
        assert (found.returncode, found.stdout, found.stderr) == (
            expected.returncode,
            expected.stdout,
            expected.stderr,
        )


def test_folder_and_redirections_are_those_of_the_shell(commands, image_folder, tmp_path):
    image_folder("photos")
    done = typed("headstart check photos --json > found.json", commands, tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "found.json").read_text().startswith("{")


def test_the_environment_is_the_shell_s(commands, image_folder, tmp_path):
    image_folder("photos")
    line = "headstart rank photos --base builtin/glyphs"
    assert typed(line, commands, tmp_path, HEADSTART_CACHE=str(tmp_path / "own")).returncode == 0
    assert any((tmp_path / "own").iterdir())


def test_it_ends_when_the_tests_are_gone():
    program = (
        "import sys, os, time, warm\nwarm.PATIENCE = 0.1\n"
        "with warm.commands(ready=False) as folder:\n    print(folder, flush=True)\n    time.sleep(60)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ["PYTHONPATH"]])
    start = [sys.executable, "-c", program]
    tests = subprocess.Popen(start, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    folder = tests.stdout.readline().strip()
    tests.send_signal(signal.SIGKILL)
    tests.wait()
    tests.stdout.close()
    end = time.monotonic() + 60
    while _used(folder) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _used(folder)


def _used(folder: str) -> bool:
    """Does a process still listen there?"""
    return f"{folder}/socket" in Path("/proc/net/unix").read_text()
