"""Examples are looked up again in the data of a run, and shown only where they are still the same."""

from __future__ import annotations

import json
import shutil

import pytest

from headstart.comparison import compare
from pairs_of_runs import answering


@pytest.fixture(scope="module")
def two(finished, tmp_path_factory):
    home = tmp_path_factory.mktemp("two")
    return answering(finished.folder, home / "old", (0, 1)), answering(finished.folder, home / "new", ())


def moved(run, data):
    """The run says that its data were elsewhere."""
    file = run / "settings.json"
    settings = json.loads(file.read_text("utf-8"))
    settings["settings"]["data"] = data
    file.write_text(json.dumps(settings), "utf-8")


def test_data_that_are_gone_are_a_note_and_names_are_still_told(two, finished, tmp_path):
    gone = answering(finished.folder, tmp_path / "gone", ())
    moved(gone, str(tmp_path / "no-such-folder"))
    found = compare(two[0], gone)
    assert len(found.gained) == 2
    assert not any(one.picture for one in found.gained)
    assert any("named, but not shown" in note for note in found.notes)
    assert compare(two[0], gone, data=finished.data).gained[0].picture
    moved(gone, None)
    assert any("--data" in note for note in compare(two[0], gone).notes)
    shutil.rmtree(gone / "bundle")
    assert len(compare(two[0], gone, data=finished.data).gained) == 2, "the answers are there all the same"


def test_an_example_of_other_content_is_not_shown(two, finished, tmp_path):
    data = shutil.copytree(finished.data, tmp_path / "photos")
    first = compare(*two).gained[0].file
    (data / first).write_bytes((data / compare(*two).gained[1].file).read_bytes())
    found = compare(*two, data=data)
    assert found.gained[0].picture is None
    assert found.gained[1].picture
