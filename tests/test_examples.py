"""The examples run as they stand."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny_base):
    import headstart as hs
    from pictures import write_folder

    folder = tmp_path_factory.mktemp("examples")
    data = write_folder(folder / "photos", per_class=8)
    return hs.pretrain(data, folder / "base", base=str(tiny_base), epochs=1).folder


def test_a_base_loads_in_its_own_library(made):
    command = [sys.executable, "-W", "error", EXAMPLES / "load_a_base.py", made]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ResNet: ")


def test_examples_are_short():
    lines = {path.name: len(path.read_text().splitlines()) for path in EXAMPLES.glob("*.py")}
    assert lines
    assert max(lines.values()) <= 50
