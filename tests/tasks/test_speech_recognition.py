"""A whole run on made sentences: what ships says their words, and which files it cannot use."""

import json

import numpy as np
import pytest

import headstart as hs
import sounds
from headstart import data, registry
from headstart.tasks.scores.words import of_words
from stories import PLENTY, said, shorten


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    home = tmp_path_factory.mktemp("run")
    folder = sounds.write_words(home / "said", 24)
    with (folder / "metadata.csv").open("a", encoding="utf-8") as table:
        table.write("\nsilent.wav,low,voice 9\nbroken.wav,low,voice 9")
    (folder / "silent.wav").write_bytes(sounds.wav(0 * sounds.tone()))
    (folder / "broken.wav").write_bytes(b"RIFF")
    base = sounds.write_base(home / "base")
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        options = ("--group", "speaker", "--minutes", PLENTY, "--json")
        done = said("run", folder, "--base", base, *options, "--out", home / "run")
    assert done.code == 0, done.err
    return home, done.json


def test_it_compares_the_arms_by_word_errors(finished):
    _, result = finished
    assert result["task"] == "speech_recognition"
    assert result["metric"]["name"] == "word_errors"
    assert {"letter_errors", "words_added", "words_left_out", "words_replaced"} <= result["metrics"].keys()
    arms = [arm["name"] for arm in result["arms"]]
    assert arms == ["majority_words", "nearest_words", "frozen", "finetune", "scratch"]
    dropped = {item["file"]: item["reason"] for item in result["data"]["dropped"]["items"]}
    assert dropped == {
        "silent.wav": "silent: all its samples are the same",
        "broken.wav": "not a sound",
    }


def test_random_weights_are_not_said_to_help(finished):
    assert finished[1]["verdict"]["call"] != "helps"


def test_a_fresh_model_says_what_the_run_measured(finished):
    home, result = finished
    rows = json.loads((home / "run" / "evidence.json").read_text("utf-8"))["predictions"]
    model = hs.load(home / "run")
    answers = list(model.predict([home / "said" / row["file"] for row in rows]))
    assert [one["transcription"] for one in answers] == [row["predicted"] for row in rows]
    found = of_words([row["predicted"] for row in rows], [row["label"] for row in rows]).mean()
    assert result["metric"]["value"] == pytest.approx(found)


def test_the_report_marks_errors_and_plays_sounds(finished):
    page = (finished[0] / "run" / "report.html").read_text("utf-8")
    assert "Speech recognition" in page
    assert "word error rate" in page
    assert "is missing]" in page or "is too much]" in page or ", not " in page
    assert page.count("<audio controls") > 1


def test_the_bundle_is_exported_for_any_length(finished):
    home, _ = finished
    assert hs.export(home / "run" / "bundle", data=home / "said")["difference"] < 1e-3


def test_speakers_stay_on_one_side(finished):
    task = registry.get("tasks", "speech_recognition")
    splits = data.load(finished[0] / "said", task, reading=data.Reading(group="speaker"))
    groups = np.array(splits.examples.groups)
    assert not set(groups[splits.test]) & set(groups[np.concatenate([splits.train, splits.validation])])
