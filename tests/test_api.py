"""The verbs in Python do what the commands do."""

from __future__ import annotations

import inspect
import json
import shutil

import pandas as pd
import pytest

import headstart
from headstart import api
from headstart.errors import BundleError, DataError, SettingsError, UnknownName


@pytest.fixture(scope="module")
def result(finished) -> api.Result:
    return api.Result(finished.folder, finished.read("result.json"))


def test_a_result_is_its_record_as_attributes(result, finished):
    record = finished.read("result.json")
    assert result.verdict.call == record["verdict"]["call"]
    assert result.verdict.sentence == record["verdict"]["sentence"]
    assert result.metric.value == record["metric"]["value"]
    assert result.chosen.arm == record["chosen"]["arm"]
    assert [arm.name for arm in result.arms] == [arm["name"] for arm in record["arms"]]
    assert (result.bundle / "bundle.json").is_file()
    assert result.report.is_file()


@pytest.mark.parametrize("given", ["tiny", ["tiny"], ("tiny",)])
def test_one_name_or_several_are_taken(monkeypatch, given):
    asked = []
    monkeypatch.setattr(api, "run_settings", asked.append)
    headstart.run("photos", base=given, strategy="frozen", out="somewhere")
    assert (asked[0].base, asked[0].strategy) == (("tiny",), ("frozen",))
    assert asked[0].out.name == "somewhere"


def test_wrong_values_are_refused_before_anything_is_read():
    with pytest.raises(SettingsError):
        headstart.run("no/such/folder", minutes=0)
    with pytest.raises(UnknownName):
        headstart.run("no/such/folder", strategy="magic")


def test_check_reads_folders_and_tables_alike(finished):
    names = sorted(finished.data.rglob("*.png"))
    table = pd.DataFrame({"file_name": map(str, names), "label": [name.parent.name for name in names]})
    assert headstart.check(table).fingerprint == headstart.check(finished.data).fingerprint
    with pytest.raises(DataError):
        headstart.check(table.drop(columns="label"))


def test_source_and_target_are_columns_of_every_verb(monkeypatch):
    asked = []
    monkeypatch.setattr(api, "run_settings", asked.append)
    headstart.run("pairs", columns={"text": "body"}, source="en", target="de")
    assert asked[0].columns == {"text": "body", "source": "en", "target": "de"}
    monkeypatch.setattr("headstart.partial.rank_alone", lambda settings, *_: asked.append(settings))
    api.rank("pairs", source="en", target="de")
    assert asked[1].columns == {"source": "en", "target": "de"}
    monkeypatch.setattr("headstart.pretraining.pretrain", lambda found, *_: asked.append(found) or (None, {}))
    api.pretrain("p", "o", task="translation", method="supervised", architecture="timm/x", source="en")
    assert asked[2].columns == {"source": "en"}


def test_bases_are_the_built_in_or_the_named(finished):
    assert "builtin/glyphs" in [card.name for card in api.catalog()]
    (card,) = api.catalog(str(finished.base))
    assert (card.name, card.input_size, card.modality) == (str(finished.base), 32, "image")
    with pytest.raises(UnknownName):
        api.catalog("no-such-base")


def test_a_verb_stays_a_verb_after_another_was_called(finished):
    headstart.check(finished.data)
    api.catalog()
    assert all(
        callable(getattr(headstart, name))
        for name in ("catalog", "check", "evaluate", "export", "predict", "run")
    )


def test_ranking_is_that_of_the_command(finished):
    found = api.rank(finished.data, base=str(finished.base), max_params="1G", max_latency="100s")
    assert [row["base"] for row in found["ranking"]] == [str(finished.base)]
    with pytest.raises(SettingsError, match="limit on latency"):
        api.rank(finished.data, max_latency="soon")


def test_predict_takes_paths_as_text_and_is_lazy(finished):
    picture = next(finished.data.rglob("*.png"))
    records = headstart.predict(str(finished.bundle), [str(picture)])
    assert iter(records) is records
    assert records.skipped == {}
    assert next(records)["input"] == str(picture)
    with pytest.raises(BundleError):
        headstart.predict(finished.data, [picture])


def test_evaluate_gives_plain_json(finished):
    record = headstart.evaluate(finished.bundle, finished.data)
    assert record["metric"]["n"] == 36
    assert json.loads(json.dumps(record)) == record


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
