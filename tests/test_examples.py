"""The examples run as they stand."""

import subprocess
import sys
from pathlib import Path

import pytest

import serial
import tastes
from pictures import write_folder

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny_base):
    import headstart as hs

    folder = tmp_path_factory.mktemp("examples")
    data = write_folder(folder / "photos", per_class=8)
    return hs.pretrain(data, folder / "base", base=str(tiny_base), epochs=1).folder


def run(commands, name, *arguments, **instead):
    """The lines that an example prints, in a process of its own; with other code `instead` of some of it."""
    code = (EXAMPLES / name).read_text("utf-8")
    for old, new in instead.items():
        assert old in code
        code = code.replace(old, new)
    command = [commands / "python", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_base_loads_in_its_own_library(made):
    command = [sys.executable, "-W", "error", EXAMPLES / "load_a_base.py", made]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ResNet: ")


def test_series_are_forecast(commands, tmp_path):
    table = serial.write_table(tmp_path / "data", 4, 48)
    told = run(commands, "forecast.py", table, tmp_path / "run", "6", **{"minutes=1": "minutes=0.1"})
    assert " over " in told[0]
    assert [line.split(":")[0] for line in told[1:]] == [f"s{number} 2019-06-01" for number in range(4)]


def test_a_heap_is_explored(commands, tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=4)
    told = run(commands, "explore.py", data, tmp_path / "run", tiny_base)
    assert told[0] == "no clear groups in 12 examples: all are in one"
    assert [line.split(":")[0] for line in told[1:]] == ["cluster 1", "label first", "unlike the others"]


def test_a_model_is_adapted_to_another_domain(commands, tmp_path, made):
    write_folder(tmp_path / "source", per_class=8)
    write_folder(tmp_path / "target", per_class=12, seed=4)
    places = [tmp_path / name for name in ("source", "target", "run")]
    based = {"out=out": f"out=out, base={str(made)!r}"}
    told = "\n".join(run(commands, "adapt_domain.py", *places, **based))
    assert " ships: " in told
    assert "undecided: without labels" in told
    assert "label these first: " in told


def test_items_are_recommended(commands, tmp_path):
    target, source = tastes.write(tmp_path / "data")
    told = run(commands, "recommend.py", target, source, tmp_path / "run")
    assert [line.split(":")[0] for line in told[:4]] == ["all", "warm", "few", "cold"]
    assert len(told) == 4 + 120
    assert "(by " in told[4]


def test_what_is_said_becomes_subtitles(tmp_path):
    sys.path.insert(0, str(EXAMPLES))
    try:
        import transcribe
    finally:
        sys.path.remove(str(EXAMPLES))
    words = [{"word": str(n), "start": n + 2 * (n > 2), "end": n + 2 * (n > 2) + 0.5} for n in range(5)]
    assert [[word["word"] for word in line] for line in transcribe.lines(words)] == [
        ["0", "1", "2"],
        ["3", "4"],
    ]
    assert list(transcribe.lines([])) == []
    assert transcribe.clock(3725.5) == "01:02:05,500"


def test_examples_are_short():
    lines = {path.name: len(path.read_text().splitlines()) for path in EXAMPLES.glob("*.py")}
    assert lines
    assert max(lines.values()) <= 50
