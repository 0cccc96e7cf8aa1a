"""A whole pre-training: what it refuses, what it leaves, and how it goes on after a kill."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import headstart as hs
from benches import Killed, Listening
from headstart import api, pretraining
from headstart.adaptation.training import loop as _loop
from headstart.bases import best, load_base
from headstart.bases.formats import fingerprints
from headstart.errors import BaseError, RunError, SettingsError
from headstart.pretraining import _folder, _plan
from headstart.pretraining._watch import Watch
from headstart.pretraining.supervised import Balanced
from headstart.tasks.image_classification import plugin as images
from makings import ARCHITECTURE, SCRATCH, contents, digests, loaded, make
from pictures import write_folder
from stories import refused, said


def test_the_result_says_what_happened(made, photos):
    record, splits = made.record, loaded(photos)
    assert record["schema"] == "headstart/pretrain/1"
    assert (record["method"], record["task"], record["seed"]) == ("supervised", "image_classification", 0)
    assert (record["architecture"]["name"], record["size"], record["base"]) == ("test_resnet", 32, None)
    (source,) = record["sources"]
    assert (source["train"], source["validation"]) == (len(splits.train), len(splits.validation))
    assert (source["classes"], source["metric"]) == (3, "accuracy")
    assert source["fingerprint"] == f"sha256:{splits.fingerprint}"
    assert (record["epochs"], record["steps"], record["cut_short"]) == (1, 2, False)
    assert len(record["losses"]["train"]) == len(record["losses"]["validation"]) == 1
    assert record["watched"][0].keys() == {"dimensions", "knn"}
    assert 2 < record["dimensions"] <= len(splits.train)
    assert 0 <= record["knn"] <= 1
    assert record["sha256"] == load_base(str(made.folder)).card.sha256


def test_what_is_kept_is_what_was_looked_at_and_measured(made, photos):
    """Features of the folder's base spread as the result says: nothing was lost on the way."""
    base, splits = load_base(str(made.folder)), loaded(photos)
    inputs = images.inputs(splits.examples, base.preprocess)
    found = Watch(inputs, splits.train, "cpu")(base.network())
    assert found["dimensions"] == pytest.approx(made.record["dimensions"], rel=1e-6)


@pytest.mark.parametrize("method", ["supervised", "vicreg"])
def test_what_was_trained_on_is_carried_along_and_the_test_split_is_not(photos, tmp_path, method):
    """With labels or without them, the split is that of a run with the seed."""
    made, splits = make(photos, tmp_path / "base", method, seed=3), loaded(photos, 3)
    seen = load_base(str(made.folder)).seen
    np.testing.assert_array_equal(
        seen, fingerprints.shortened(sorted(digests(splits, "train", "validation")))
    )
    assert not fingerprints.among(sorted(digests(splits, "test")), seen)
    assert made.record["trained_on"] == len(seen) == len(splits.train) + len(splits.validation)


def test_a_base_that_went_on_has_seen_what_the_first_one_saw(made, others, tmp_path):
    second = make(others, tmp_path / "second", base=str(made.folder))
    first, both = load_base(str(made.folder)), load_base(str(second.folder))
    own = fingerprints.shortened(sorted(digests(loaded(others), "train", "validation")))
    np.testing.assert_array_equal(both.seen, np.union1d(first.seen, own))
    assert both.card.source_data == "photos (supervised); others (supervised)"
    assert f"continued from `{made.folder}`" in (second.folder / "README.md").read_text("utf-8")
    assert both.card.sha256 != first.card.sha256


def test_a_run_that_tests_on_what_the_base_knows_is_refused(made, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert digests(loaded(photos, 1), "test") & digests(loaded(photos), "train", "validation")
    refused(done := said("run", photos, "--base", made.folder, "--seed", "1"))
    assert "was pre-trained on" in done.err
    assert "test split" in done.err
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def test_weights_do_not_depend_on_being_watched(made, photos, tmp_path):
    alone = make(photos, tmp_path / "alone", licence="CC0-1.0")
    assert alone.weights == made.weights
    assert alone.record["knn"] is None
    assert alone.record["watched"][0].keys() == {"dimensions"}


def test_a_probes_labels_are_not_learned(made, photos, tmp_path):
    """The same pictures under other labels: another accuracy at most."""
    shuffled = tmp_path / "shuffled"
    for number, file in enumerate(sorted(photos.rglob("*.png"))):
        (shuffled / f"class {number % 3}").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, shuffled / f"class {number % 3}" / file.name)
    assert make(photos, tmp_path / "base", probe=shuffled).weights == made.weights


def test_folders_of_others_are_refused(made, photos, others, tmp_path):
    before = contents(made.folder)
    with pytest.raises(RunError, match="finished"):
        make(photos, made.folder)
    assert contents(made.folder) == before
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="not a run of Headstart"):
        make(photos, tmp_path / "foreign")
    assert contents(tmp_path / "foreign") == {"thesis.txt": b"mine"}
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    shutil.copy(made.folder / "settings.json", unfinished)
    for data, changes in (
        (photos, {"epochs": 2}),
        (photos, {"seed": 1}),
        (photos, {"method": "vicreg"}),
        (others, {}),
    ):
        with pytest.raises(RunError, match="other settings or other data") as caught:
            make(data, unfinished, **{"probe": photos, "licence": "CC0-1.0", **changes})
        assert "--out" in caught.value.hint
    assert list(contents(unfinished)) == ["settings.json"]


@pytest.fixture
def killed(monkeypatch):
    """`killed(step)`: the next training dies there; a checkpoint is written at every step."""
    monkeypatch.setattr(_loop, "SAVE_SECONDS", -1)
    step = _loop.Loop._step

    def go(at):
        def mortal(loop, *arguments):
            if loop.progress.steps == at:
                raise Killed
            return step(loop, *arguments)

        monkeypatch.setattr(_loop.Loop, "_step", mortal)
        return lambda: monkeypatch.setattr(_loop.Loop, "_step", step)

    return go


def test_it_goes_on_with_its_plan_and_its_time(photos, tmp_path, killed, monkeypatch):
    epochs = 4
    monkeypatch.setattr(_plan.Trial, "seconds", lambda *_: 60 * _plan.SHARE / 2 / epochs)
    heal = killed(5)
    with pytest.raises(Killed):
        make(photos, tmp_path / "cut", "vicreg", minutes=1, epochs=None)
    plan = json.loads((tmp_path / "cut" / "settings.json").read_text("utf-8"))["plan"]
    assert plan["recipe"]["epochs"] == epochs
    events = [json.loads(line) for line in (tmp_path / "cut" / "log.jsonl").read_text("utf-8").splitlines()]
    assert [event["event"] for event in events] == ["start", "epoch", "epoch"]
    heal()
    # this attempt is on a machine of another speed, and late
    monkeypatch.setattr(_plan.Trial, "seconds", lambda *_: 1e-9)
    late = {**events[-1], "elapsed": 59.99}
    with (tmp_path / "cut" / "log.jsonl").open("a") as log:
        log.write(json.dumps(late) + "\n")
    gone_on = make(photos, tmp_path / "cut", "vicreg", minutes=1, epochs=None)
    assert gone_on.read("settings.json")["plan"] == plan
    assert gone_on.record["cut_short"]
    assert gone_on.record["epochs"] == 3, "the epoch that passed the deadline was the last"
    assert not (tmp_path / "cut" / "work").exists()


def test_a_finished_training_is_not_done_again(photos, tmp_path, monkeypatch):
    write = _folder.write
    monkeypatch.setattr(_folder, "write", lambda *_: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        make(photos, tmp_path / "base")
    monkeypatch.setattr(_folder, "write", write)
    monkeypatch.setattr(_loop.Loop, "run", None)
    assert make(photos, tmp_path / "base").record["steps"] == 2


def test_the_deadline_cuts_more_epochs_than_it_has_time_for(photos, tmp_path):
    record = make(photos, tmp_path / "base", epochs=400, minutes=0.003).record
    assert record["cut_short"]
    assert 1 <= record["epochs"] < 400


def test_a_loss_that_is_no_number_leaves_no_base(photos, tmp_path, monkeypatch):
    loss = Balanced.loss
    monkeypatch.setattr(Balanced, "loss", lambda *all_: loss(*all_) * torch.nan)
    with pytest.raises(BaseError, match="stopped being a number") as caught:
        make(photos, tmp_path / "base")
    assert caught.value.hint
    assert not (tmp_path / "base" / "model.safetensors").exists()


def test_it_says_what_it_does(photos, tmp_path):
    voice = Listening()
    make(photos, tmp_path / "base", reporter=voice)
    assert voice.notes == [f"supervised: {len(loaded(photos).train)} examples, 1 epochs of batches of 12"]


def test_in_python_the_method_follows_from_the_data(photos, tmp_path):
    write_folder(tmp_path / "heap", classes=("all",), per_class=4)
    short = {"architecture": ARCHITECTURE, "size": 32, "epochs": 1}
    with_labels = hs.pretrain(photos, tmp_path / "a", **short)
    without = hs.pretrain(str(tmp_path / "heap"), str(tmp_path / "b"), **short)
    assert isinstance(with_labels, hs.Pretrained)
    assert (with_labels.record["method"], without.record["method"]) == ("supervised", "vicreg")
    assert (with_labels.folder, without.folder) == (tmp_path / "a", tmp_path / "b")
    again = hs.pretrain([photos], tmp_path / "c", base=with_labels.folder, epochs=1)
    assert again.record["base"] == str(with_labels.folder)


def test_in_python_the_best_built_in_base_is_gone_on_from(monkeypatch, photos, tmp_path):
    seen = []
    monkeypatch.setattr(pretraining, "pretrain", lambda *given: seen.append(given[0]) or (tmp_path, {}))
    hs.pretrain(photos, tmp_path)
    hs.pretrain(photos, tmp_path, architecture=ARCHITECTURE, method="rotation")
    assert [(one.base, one.architecture, one.method) for one in seen] == [
        (best("image"), None, "supervised"),
        (None, ARCHITECTURE, "rotation"),
    ]
    for nothing in ([], ()):
        with pytest.raises(SettingsError, match="nothing to pre-train on"):
            api.pretrain(nothing, tmp_path, task="image_classification")


@pytest.mark.slow
def test_two_processes_train_together_and_one_base_comes_out(photos, others, tmp_path):
    words = ("pretrain", photos, others, "--out", tmp_path / "base", *SCRATCH, "--epochs", 1, "--devices", 2)
    command = [sys.executable, "-m", "headstart", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    alone = make([photos, others], tmp_path / "alone")
    assert record["epochs"] == alone.record["epochs"] == 1
    assert len(record["sources"]) == 2
    assert load_base(str(tmp_path / "base")).receipt.fraction == 1.0
    assert not (tmp_path / "base" / "work").exists()
