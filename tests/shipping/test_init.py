"""The last stage: the report can be written anew, and the bundle's head is calibrated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from headstart.errors import RunError
from headstart.shipping import rerender


@pytest.fixture
def run(finished, tmp_path) -> Path:
    """A finished run's files that a report is made of."""
    for name in ("result.json", "evidence.json", "settings.json"):
        shutil.copy(finished.folder / name, tmp_path)
    return tmp_path


def test_the_report_written_anew_is_the_same(finished, run):
    assert rerender(run) == run / "report.html"
    written = (finished.folder / "report.html").read_text("utf-8")
    assert (run / "report.html").read_text("utf-8") == written.replace(str(finished.folder), str(run))


def test_the_report_says_of_what_when_and_where(finished):
    made = finished.read("settings.json")["made"]
    written = (finished.folder / "report.html").read_text("utf-8")
    assert f'<b class="text">{finished.data.name}</b>' in written
    for part in (made["date"], "seed 0", made["machine"]):
        assert f'<span class="text">{part}</span>' in written, part
    assert "made" not in finished.read("result.json")


def test_the_report_follows_the_result(run):
    result = json.loads((run / "result.json").read_text("utf-8"))
    result["verdict"]["sentence"] = "Pre-trained weights made tea."
    (run / "result.json").write_text(json.dumps(result))
    assert "Pre-trained weights made tea." in rerender(run).read_text("utf-8")


@pytest.mark.parametrize("name", ["result.json", "evidence.json"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{")], ids=["missing", "cut"])
def test_what_is_no_finished_run_is_refused(run, name, spoil):
    spoil(run / name)
    with pytest.raises(RunError, match="not a finished run") as caught:
        rerender(run)
    assert "finished run" in caught.value.hint
    assert not (run / "report.html").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RunError):
        rerender(tmp_path / "nothing")
