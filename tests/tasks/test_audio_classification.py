"""A whole run on recordings: what ships predicts files, and says which it cannot use."""

import json

import pytest

import headstart as hs
import sounds


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    home = tmp_path_factory.mktemp("run")
    data = sounds.write_folder(home / "clips", per_class=10)
    (data / "low" / "silent.wav").write_bytes(sounds.wav(0 * sounds.tone()))
    (data / "low" / "broken.wav").write_bytes(b"RIFF")
    base = sounds.write_base(home / "base")
    result = hs.run(data, base=base, strategy="frozen", minutes=0.2, out=home / "run", seed=1)
    return home, result


def test_it_runs_and_what_ships_predicts(finished):
    home, result = finished
    said = json.loads((home / "run" / "result.json").read_text("utf-8"))
    assert said["task"] == "audio_classification"
    dropped = {item["file"]: item["reason"] for item in said["data"]["dropped"]["items"]}
    assert dropped == {
        "low/silent.wav": "silent: all its samples are the same",
        "low/broken.wav": "not a sound",
    }
    arms = {arm["name"] for arm in said["arms"]}
    assert {"majority", "band_levels", "knn", "frozen", "reinit"} <= arms
    fresh = sounds.write_folder(home / "fresh", per_class=3, seed=9)
    files = sorted(fresh.rglob("*.wav"))
    answers = list(result.model.predict([*files, home / "clips" / "low" / "broken.wav"]))
    assert answers[-1]["error"] == "not a sound"
    right = [one["label"] == file.parent.name for one, file in zip(answers, files, strict=False)]
    assert sum(right) >= 7


def test_the_report_shows_spectrograms_to_listen_to(finished):
    page = (finished[0] / "run" / "report.html").read_text("utf-8")
    assert "Audio classification" in page
    assert "data:image/jpeg" in page
    assert page.count("<audio controls") > 3


def test_the_bundle_is_exported_for_any_length(finished):
    home, _ = finished
    found = hs.export(home / "run" / "bundle", data=home / "clips")
    assert found["difference"] < 1e-3
