"""Several targets on one backbone: a verdict and a bundle for each, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import languages
from benches import Killed
from headstart import api, multitask
from headstart.adaptation import _fit
from headstart.adaptation.training import loop as _loop
from headstart.errors import BaseError, SettingsError
from headstart.runtime import Silent, derive
from headstart.settings import Settings, read
from pictures import write_folder
from stories import refused, said


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    """Two sets of pictures with other classes."""
    folder = tmp_path_factory.mktemp("targets")
    first = write_folder(folder / "shapes", per_class=8)
    return first, write_folder(folder / "two", classes=("disc", "box"), per_class=8, seed=1)


def hurry(patch):
    patch.setattr(multitask, "SEEDS", 2)
    patch.setattr(multitask, "EPOCHS", (1, 1))
    patch.setattr(_loop, "MIN_STEPS", 2)
    torch.set_num_threads(1)


@pytest.fixture
def _hurry(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture(scope="module")
def shared(targets, tiny_base, tmp_path_factory):
    """A finished run: read it, do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        settings = Settings(None, base=(str(tiny_base),), out=tmp_path_factory.mktemp("run") / "out")
        return api.run_several(targets, settings)


def test_each_target_has_its_verdict_over_training_alone(shared):
    record = shared.record
    assert [row["name"] for row in record["targets"]] == ["shapes", "two"]
    for row in record["targets"]:
        verdict = row["verdict"]
        assert (verdict["transfer"], verdict["baseline"], verdict["seeds"]) == ("multi", "single", 2)
        assert verdict["call"] == "undecided", "two seeds decide nothing"
        assert verdict["delta"] == pytest.approx(row["arms"]["multi"] - row["arms"]["single"])
        better = max(row["validation"], key=row["validation"].__getitem__)
        assert row["validation"][row["chosen"]] == row["validation"][better]
    deltas = [row["verdict"]["delta"] for row in record["targets"]]
    assert record["mean_delta"] == pytest.approx(np.mean(deltas))
    assert json.loads((shared.folder / "result.json").read_text("utf-8")) == record
    assert not (shared.folder / "work").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("_hurry")
def test_paired_seeds_are_derived_from_that_of_the_run(targets, tiny_base, tmp_path, monkeypatch):
    """Counted up from it, runs with neighbouring seeds would share all trainings but one."""
    seen, made = set(), _fit.Training

    def watch(**given):
        seen.add(given["seed"])
        return made(**given)

    monkeypatch.setattr(_fit, "Training", watch)
    api.run_several(targets, Settings(None, base=(str(tiny_base),), seed=1, out=tmp_path / "out"))
    assert seen == {derive(1, "arm", number) for number in range(2)}
    assert not seen & {derive(0, "arm", number) for number in range(6)}


def test_each_bundle_predicts_its_own_classes(shared, targets):
    for row, data in zip(shared.record["targets"], targets, strict=True):
        labels = {folder.name for folder in data.iterdir()}
        found = list(api.predict(shared.folder / row["bundle"], [data]))
        assert len(found) == 8 * len(labels)
        assert {one["label"] for one in found} <= labels


def test_the_page_is_there(shared):
    page = (shared.folder / "report.html").read_text("utf-8")
    assert all(name in page for name in ("shapes", "two", "2 targets on one backbone"))


@pytest.mark.slow
@pytest.mark.usefixtures("_hurry")
def test_a_killed_run_goes_on_and_ends_the_same(targets, tiny_base, tmp_path, monkeypatch):
    # with the same cache: another engine of the frozen pass differs in the last bits
    whole = api.run_several(targets, Settings(None, base=(str(tiny_base),), out=tmp_path / "whole"))
    settings = Settings(None, base=(str(tiny_base),), out=tmp_path / "out")
    step, calls = _loop.Loop._step, []

    def mortal(loop, *arguments):
        calls.append(loop)
        if len(calls) == 30:
            raise Killed
        return step(loop, *arguments)

    monkeypatch.setattr(_loop.Loop, "_step", mortal)
    with pytest.raises(Killed):
        api.run_several(targets, settings)
    done = {path.name for path in (tmp_path / "out" / "work").glob("*.safetensors")}
    assert done
    monkeypatch.setattr(_loop.Loop, "_step", step)
    again = api.run_several(targets, settings)
    for name in ("targets", "rates", "mean_delta"):
        assert again.record[name] == whole.record[name]
    for row in again.record["targets"]:
        weights = [folder / row["bundle"] / "model.safetensors" for folder in (again.folder, whole.folder)]
        assert weights[0].read_bytes() == weights[1].read_bytes()


def test_what_one_target_holds_out_no_other_trains_on(targets, tiny_base, tmp_path):
    first, other = targets
    settings = Settings(None, base=(str(tiny_base),))
    _, _, _, (splits, _) = multitask._opened(targets, settings, Silent())
    held = np.setdiff1d(np.arange(len(splits.examples)), [*splits.train, *splits.validation])
    more = shutil.copytree(other, tmp_path / "more")
    for row in held:
        shutil.copy(splits.examples.sources[row], more / "box" / f"copy-{row}.png")
    digests = {splits.examples.digests[row] for row in held}

    def used(*data):
        found = multitask._opened(data, settings, Silent())[3][0]
        return {found.examples.digests[row] for row in [*found.train, *found.validation]}

    assert digests & used(more, other), "some would be trained on"
    assert not digests & used(more, first)


def test_the_shared_arm_ships_each_targets_own_head(targets, tiny_base, tmp_path, monkeypatch):
    hurry(monkeypatch)
    better = SimpleNamespace(multi=1.0, single=0.0)
    looked = multitask.verification.looked
    arms = iter(["single", "single", "multi", "multi"] * 2)
    monkeypatch.setattr(
        multitask.verification,
        "looked",
        lambda *given: replace(looked(*given), validation=getattr(better, next(arms))),
    )
    settings = Settings(None, base=(str(tiny_base),), out=tmp_path / "out")
    made = api.run_several(targets, settings)
    assert [row["chosen"] for row in made.record["targets"]] == ["multi", "multi"]
    for row, data in zip(made.record["targets"], targets, strict=True):
        labels = {folder.name for folder in data.iterdir()}
        found = list(api.predict(made.folder / row["bundle"], [data]))
        assert {one["label"] for one in found} <= labels
        assert set(found[0]["probabilities"]) == labels


def test_targets_without_classes_are_refused(tmp_path):
    folders = [languages.write_label_sets(tmp_path / name, 20, seed) for seed, name in enumerate("ab")]
    base = languages.write(tmp_path / "base", "minilm")[0]
    done = said("run", *folders, "--base", base, "--minutes", "1", "--out", tmp_path / "run")
    refused(done)
    assert "several targets need classes" in done.err


def test_what_cannot_share_is_refused(targets, tiny_base, tmp_path):
    for data, bases, message in (
        ((targets[0], targets[0]), (str(tiny_base),), "the same data"),
        (targets, (str(tiny_base), "builtin/glyphs"), "share one base, 2 were given"),
    ):
        with pytest.raises(SettingsError, match=message):
            api.run_several(data, Settings(None, base=bases, out=tmp_path / "out"))
    for names in (("frozen",), ("refine",), ("finetune", "warm_init")):
        settings = Settings(None, base=(str(tiny_base),), strategy=names, out=tmp_path / "out")
        with pytest.raises(SettingsError, match="one strategy that trains the base"):
            api.run_several(targets, settings)
    settings = Settings(None, base=(str(tiny_base),), strategy=("lora",), out=tmp_path / "out")
    with pytest.raises(BaseError, match="linear layer"):
        api.run_several(targets, settings)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("_hurry")
def test_another_strategy_may_be_named(targets, tiny_base, tmp_path):
    settings = Settings(None, base=(str(tiny_base),), strategy=("warm_init",), out=tmp_path / "out")
    found = api.run_several(targets, settings)
    assert found.record["strategy"] == "warm_init"
    assert len(found.record["targets"]) == 2


def test_its_settings_are_not_those_of_one_target(shared):
    with pytest.raises(SettingsError, match="several targets"):
        read(shared.folder / "settings.json")


@pytest.mark.usefixtures("_hurry")
def test_the_command_says_a_line_for_each_and_where_the_bundles_are(targets, tiny_base, tmp_path):
    done = said("run", *targets, "--base", tiny_base, "--out", tmp_path / "out", "--require-gain")
    assert done.code == 3, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("shapes: sharing is undecided")
    assert lines[1].startswith("two: sharing is undecided")
    assert sum(line.startswith("bundle") for line in lines) == 2
    refused(said("run", targets[0], tmp_path / "nowhere", "--base", tiny_base))
