"""`python -m headstart` is the command line."""

from __future__ import annotations

import subprocess
import sys


def test_the_module_is_the_command():
    known, unknown = (
        subprocess.run(
            [sys.executable, "-m", "headstart", *words], capture_output=True, text=True, timeout=300
        )
        for words in (["--help"], ["rum"])
    )
    assert (known.returncode, known.stderr) == (0, "")
    assert known.stdout.startswith("Usage: headstart ")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("error: ")
