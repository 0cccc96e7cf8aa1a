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


def test_series_are_forecast(tmp_path):
    import serial

    table = serial.write_table(tmp_path / "data", 4, 48)
    code = (EXAMPLES / "forecast.py").read_text("utf-8").replace("minutes=1", "minutes=0.1")
    (tmp_path / "forecast.py").write_text(code, "utf-8")
    command = [sys.executable, "-W", "error", tmp_path / "forecast.py", table, tmp_path / "run", "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert " over " in told[0]
    assert [line.split(":")[0] for line in told[1:]] == [f"s{number} 2019-06-01" for number in range(4)]


def test_a_heap_is_explored(tmp_path, tiny_base):
    from pictures import write_folder

    data = write_folder(tmp_path / "photos", per_class=4)
    command = [sys.executable, "-W", "error", EXAMPLES / "explore.py", data, tmp_path / "run", tiny_base]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0] == "no clear groups in 12 examples: all are in one"
    assert [line.split(":")[0] for line in told[1:]] == ["cluster 1", "label first", "unlike the others"]


def test_a_model_is_adapted_to_another_domain(tmp_path, made):
    from pictures import write_folder

    write_folder(tmp_path / "source", per_class=8)
    write_folder(tmp_path / "target", per_class=12, seed=4)
    code = (
        (EXAMPLES / "adapt_domain.py").read_text("utf-8").replace("out=out", f"out=out, base={str(made)!r}")
    )
    (tmp_path / "adapt_domain.py").write_text(code, "utf-8")
    places = [tmp_path / name for name in ("source", "target", "run")]
    command = [sys.executable, "-W", "error", tmp_path / "adapt_domain.py", *places]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert " ships: " in done.stdout
    assert "undecided: without labels" in done.stdout
    assert "label these first: " in done.stdout


def test_items_are_recommended(tmp_path):
    import tastes

    target, source = tastes.write(tmp_path / "data")
    command = [sys.executable, "-W", "error", EXAMPLES / "recommend.py", target, source, tmp_path / "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
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
