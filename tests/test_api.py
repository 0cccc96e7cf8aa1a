"""The verbs in Python do what the commands do."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import shutil
from pathlib import Path

import pandas as pd
import pytest

import headstart
from headstart import api, pipeline, registry
from headstart.cli.after import after
from headstart.cli.bundles import bundles
from headstart.cli.commands import app
from headstart.errors import BundleError, DataError, SettingsError, UnknownName
from headstart.measured import Evaluation
from headstart.plain import plain, read
from headstart.runtime import Silent
from headstart.spoken import Terminal

COMMANDS = {
    one.callback.__name__: one for group in (app, bundles, after) for one in group.registered_commands
}
TYPED_ONLY = {
    "run": {"settings", "require_gain", "unlabelled", "labelled_target", "source_data"},
    "check": {"source_data"},
    "predict": {"out", "user"},
}
"""Files, an exit code, a target (`run_domains`), an option of a part: Python has them in other ways."""
VERBS = sorted(name for name in headstart.__all__ if name.islower() and not name.startswith("_"))
EMPTY = {"ranking": [], "biggest": "b", "static_list": [], "left_out": []}
"""A ranking without a base."""


@pytest.mark.parametrize("given", ["tiny", ["tiny"], ("tiny",)])
def test_one_name_or_several_are_taken(monkeypatch, given):
    asked = []
    monkeypatch.setattr(api, "run_settings", asked.append)
    headstart.run("photos", base=given, strategy="frozen", out="somewhere")
    assert (asked[0].base, asked[0].strategy) == (("tiny",), ("frozen",))
    assert asked[0].out.name == "somewhere"


def test_every_keyword_arrives(monkeypatch, finished):
    asked = []
    monkeypatch.setattr(api, "run_settings", asked.append)
    monkeypatch.setattr("headstart.partial.rank_alone", lambda *given: asked.append(given[0]) or EMPTY)
    monkeypatch.setattr(
        "headstart.partial.adapt_alone", lambda *given: asked.append(given[0]) or finished.bundle
    )
    begun = {"task": "t", "seed": 7, "group": "g"}
    alone = {**begun, "minutes": 2.5, "out": Path("o"), "head": "fpn"}
    headstart.run("photos", **alone, margin=1.5, max_error=2, metric="auc")
    headstart.rank("photos", **begun, metric="auc")
    headstart.adapt("photos", base="b", strategy="frozen", **alone, metric="auc")
    for settings, given in zip(asked, (alone | {"margin": 1.5, "max_error": 2}, begun, alone), strict=True):
        assert {name: getattr(settings, name) for name in given} == given
        assert settings.options == {"metric": "auc"}
    assert (asked[2].base, asked[2].strategy) == (("b",), ("frozen",))


def test_every_keyword_of_a_pretraining_arrives(monkeypatch):
    asked = []
    monkeypatch.setattr("headstart.pretraining.pretrain", lambda found, *_: asked.append(found) or (None, {}))
    given = {
        "task": "image_classification",
        "method": "supervised",
        "architecture": "timm/x",
        "size": 64,
        "epochs": 3,
    }
    given |= {"minutes": 2.5, "seed": 7, "probe": "p", "licence": "MIT", "devices": 2, "on": "ray"}
    headstart.pretrain("photos", "o", **given)
    assert {name: getattr(asked[0], name) for name in given} == given


def test_wrong_values_are_refused_before_anything_is_read():
    with pytest.raises(SettingsError):
        headstart.run("no/such/folder", minutes=0)
    with pytest.raises(UnknownName):
        headstart.run("no/such/folder", strategy="magic")


@pytest.mark.parametrize(
    ("verb", "given", "hint"),
    [
        (headstart.run, {"margn": 1}, "did you mean `margin`?"),
        (headstart.check, {"grup": "a"}, "did you mean `group`?"),
        (headstart.rank, {"max_param": "1M"}, "did you mean `max_params`?"),
        (headstart.run, {"metrik": "auc"}, "did you mean `metric`?"),
    ],
)
def test_a_typo_gets_the_nearest_keyword_or_option(verb, given, hint):
    (name,) = given
    with pytest.raises(UnknownName, match=f"no keyword or option `{name}`") as caught:
        verb("no/such/folder", **given)
    assert caught.value.hint == hint


@pytest.mark.parametrize("verb", sorted(COMMANDS.keys() & set(VERBS)))
def test_a_verb_takes_what_its_command_takes(verb):
    typed = set(inspect.signature(COMMANDS[verb].callback).parameters) - TYPED_ONLY.get(verb, set())
    assert typed - {"json"} <= set(inspect.signature(getattr(headstart, verb)).parameters)


def test_a_keyword_of_another_verb_is_none_of_this_one():
    with pytest.raises(UnknownName) as caught:
        headstart.check("no/such/folder", margin=1)
    assert "group" in caught.value.hint
    assert "margin" not in caught.value.hint


def test_check_reads_folders_and_tables_alike(finished):
    names = sorted(finished.data.rglob("*.png"))
    table = pd.DataFrame({"file_name": map(str, names), "label": [name.parent.name for name in names]})
    assert headstart.check(table).fingerprint == headstart.check(finished.data).fingerprint
    with pytest.raises(DataError):
        headstart.check(table.drop(columns="label"))


def test_columns_are_named_alike_to_every_verb(monkeypatch):
    asked, pairs = [], {"source": "en", "target": "de"}
    monkeypatch.setattr(api, "run_settings", asked.append)
    headstart.run("pairs", columns={**pairs, "split": 3})
    assert asked[0].columns == {**pairs, "split": "3"}
    monkeypatch.setattr("headstart.partial.rank_alone", lambda settings, *_: asked.append(settings) or EMPTY)
    headstart.rank("pairs", columns=pairs)
    assert asked[1].columns == pairs
    monkeypatch.setattr("headstart.pretraining.pretrain", lambda found, *_: asked.append(found) or (None, {}))
    how = {"task": "translation", "method": "supervised", "architecture": "timm/x"}
    headstart.pretrain("p", "o", **how, columns=pairs)
    assert asked[2].columns == pairs


def test_a_column_that_is_given_as_a_keyword_is_told_its_place():
    with pytest.raises(UnknownName) as caught:
        headstart.run("pairs", source="en")
    assert caught.value.hint == "it is what we call a column: columns={'source': 'en'}"


def test_bases_are_the_built_in_or_the_named(finished):
    assert "builtin/glyphs" in [card.name for card in headstart.list_bases()]
    (card,) = headstart.list_bases(str(finished.base))
    assert (card.name, card.input_size, card.modality) == (str(finished.base), 32, "image")
    with pytest.raises(UnknownName):
        headstart.list_bases("no-such-base")


def test_a_verb_stays_a_verb_after_another_was_called(finished):
    headstart.check(finished.data)
    headstart.list_bases()
    for part in pkgutil.iter_modules(headstart.__path__, "headstart."):
        if not part.name.endswith(("__main__", "cli")):
            importlib.import_module(part.name)
    assert [name for name in VERBS if not inspect.isfunction(getattr(headstart, name))] == []


def test_ranking_is_that_of_the_command(finished):
    found = headstart.rank(finished.data, base=str(finished.base), max_params="1G", max_latency="100s")
    assert [row.base for row in found.ranking] == [str(finished.base)]
    with pytest.raises(SettingsError, match="limit on latency"):
        headstart.rank(finished.data, max_latency="soon")


def test_adapt_gives_a_model_and_no_verdict(finished, short, tmp_path):
    out = tmp_path / "alone"
    model = headstart.adapt(
        finished.data, base=finished.base, strategy="frozen", minutes=10, out=str(out), merge_labels=True
    )
    assert isinstance(model, headstart.Model)
    assert model.folder == out / "bundle"
    assert (model.predictor.parts.facts["arm"], model.labels) == ("frozen", ("circle", "square", "triangle"))
    assert not (out / "result.json").exists()
    assert model.card is None
    with pytest.raises(TypeError, match="strategy"):
        headstart.adapt(finished.data, base=finished.base)


def test_tasks_have_a_line_each():
    found = headstart.list_tasks()
    assert list(found) == registry.names("tasks")
    assert "one label for each" in found["image_classification"]
    assert all(10 < len(line) < 110 for line in found.values())


def test_predict_takes_paths_as_text_and_is_lazy(finished):
    picture = next(finished.data.rglob("*.png"))
    records = headstart.predict(str(finished.bundle), [str(picture)])
    assert iter(records) is records
    assert records.skipped == {}
    assert next(records)["input"] == str(picture)
    with pytest.raises(BundleError):
        headstart.predict(finished.data, [picture])


def test_evaluate_gives_records(finished):
    found = headstart.evaluate(finished.bundle, finished.data)
    assert found.metric.n == 36
    assert read(Evaluation, json.loads(json.dumps(plain(found)))) == found


def test_export_takes_paths_as_text_and_gives_plain_json(finished, tmp_path):
    bundle = shutil.copytree(finished.bundle, tmp_path / "bundle")
    record = headstart.export(str(bundle), "onnx", str(finished.data), out=str(tmp_path / "mine.onnx"))
    assert json.loads((bundle / "export.json").read_text("utf-8")) == record
    assert (tmp_path / "mine.onnx").is_file()
    with pytest.raises(SettingsError, match="--data"):
        headstart.export(bundle)
    with pytest.raises(DataError, match="no column"):
        headstart.export(bundle, data=finished.data, columns={"text": "body"})


def test_everything_public_is_there_and_documented():
    for name in headstart.__all__:
        public = getattr(headstart, name)
        assert name.startswith("__") or inspect.getdoc(public)


@pytest.mark.parametrize(("progress", "spoken"), [(True, Terminal), (False, Silent)])
def test_progress_is_told_where_it_is_asked_for(monkeypatch, progress, spoken):
    heard = []
    monkeypatch.setattr(
        pipeline, "run", lambda settings, reporter, begun: heard.append(reporter) or (Path("x"), {})
    )
    api.run("photos", progress=progress)
    assert isinstance(heard[0], spoken)
