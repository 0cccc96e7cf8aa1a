"""The nearest training examples are those of the run, and none that it tested."""

from __future__ import annotations

import json
import shutil

import pytest

from headstart.errors import RunError
from headstart.models import load
from headstart.serving.nearest import SHOWN, of_run


@pytest.fixture(scope="module")
def near(finished):
    return of_run(finished.folder, load(finished.folder))


def test_an_example_is_nearest_to_itself_and_what_was_tested_is_not_there(near, finished):
    assert len(near) == finished.read("result.json")["data"]["train"]
    source, label = near._known.sources[3], near._known.labels[3]
    found = near.to(source)
    assert len(found) == SHOWN
    assert found[0]["similarity"] == pytest.approx(1.0, abs=1e-3)
    assert found[0]["right"] == label == source.parent.name
    assert found[0]["picture"].startswith("data:image/")
    assert [one["similarity"] for one in found] == sorted((one["similarity"] for one in found), reverse=True)
    tested = {row["file"] for row in finished.read("evidence.json")["predictions"]}
    assert not tested & {one.relative_to(finished.data).as_posix() for one in near._known.sources}


def test_bundles_alone_and_other_answers_have_none(finished):
    with pytest.raises(RunError):
        of_run(None, load(finished.bundle))


def test_data_that_changed_are_refused(finished, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    settings = json.loads((folder / "settings.json").read_text())
    (folder / "settings.json").write_text(json.dumps({**settings, "fingerprint": "sha256:other"}))
    with pytest.raises(RunError, match="changed"):
        of_run(folder, load(folder))
