"""A model is loaded once, and answers as the verbs do."""

from __future__ import annotations

import io
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import dense
import headstart as hs
from headstart.errors import BundleError, ExportError, SettingsError, UnknownName
from headstart.shipping.bundles import export as exporting
from headstart.shipping.bundles.exported import Exported
from headstart.shipping.bundles.predict import Predictor
from texts import write_bundle


@pytest.fixture(scope="module")
def model(finished) -> hs.Model:
    return hs.load(finished.bundle)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> hs.Model:
    """One that takes texts."""
    return hs.load(str(write_bundle(tmp_path_factory.mktemp("texts") / "bundle")))


@pytest.fixture(scope="module")
def pictures(finished):
    return sorted(finished.data.rglob("*.png"))


def test_a_run_is_loaded_by_its_folder_or_its_bundle(model, finished, pictures):
    of_run = hs.load(str(finished.folder))
    assert of_run.folder == model.folder == finished.bundle
    assert of_run.predict(pictures[:2]) == model.predict(pictures[:2])
    assert next(hs.predict(finished.folder, pictures[0])) == model.predict(pictures[0])


def test_what_is_no_bundle_is_refused(finished):
    with pytest.raises(BundleError):
        hs.load(finished.data)
    with pytest.raises(BundleError):
        hs.load("no/such/run")


def test_it_says_what_it_is(model, reader, finished):
    assert model.task == "image_classification"
    assert model.labels == ("circle", "square", "triangle")
    assert model.card == (finished.bundle / "README.md").read_text("utf-8")
    assert (reader.task, set(reader.labels), reader.card) == ("text_classification", {"bad", "good"}, None)


def test_one_input_gives_one_record_whatever_it_is(model, pictures):
    path = pictures[0]
    image = Image.open(path)
    wanted = model.predict(path)
    for one in (
        str(path),
        f"{path.parent}/./{path.name}",
        path.read_bytes(),
        image,
        np.asarray(image.convert("RGB")),
    ):
        found = model.predict(one)
        assert isinstance(found, dict)
        assert found["probabilities"] == pytest.approx(wanted["probabilities"], abs=1e-6)
    assert wanted["input"] == path.as_posix()


def test_several_inputs_give_a_list_however_many_they_are(model, pictures, tmp_path):
    record = model.predict(pictures[0])
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(pictures[0], folder)
    table = pd.DataFrame({"file_name": [str(pictures[0])]})
    for several in ([pictures[0]], iter(pictures[:1]), table, {"file_name": [str(pictures[0])]}, folder):
        found = model.predict(several)
        assert isinstance(found, list)
        assert [one["probabilities"] for one in found] == [record["probabilities"]]
    assert len(model.predict(pictures[:3])) == 3


def test_a_file_that_cannot_be_read_is_an_error_in_its_place(model, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    found = model.predict(tmp_path / "broken.png")
    assert found.keys() == {"input", "error"}


def test_texts_and_tables_of_texts(reader, tmp_path):
    one = reader.predict("lovely songs")
    assert one["label"] == "good"
    assert reader.predict(["lovely songs"]) == [one]
    for text in (b"lovely songs", "lovely songs//./"):
        assert reader.predict(text)["label"] == "good"
    (tmp_path / "empty.csv").write_text("text\n")
    assert reader.predict(tmp_path / "empty.csv") == []
    pd.DataFrame({"body": ["lovely songs"]}).to_csv(tmp_path / "a.csv", index=False)
    for table in (tmp_path / "a.csv", pd.read_csv(tmp_path / "a.csv")):
        (found,) = reader.predict(table, columns={"text": "body"})
        assert found["probabilities"] == one["probabilities"]


def test_lines_of_standard_input_are_several(reader, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"-\n")))
    assert [record["input"] for record in reader.predict("-")] == ["-"]


def test_a_film_of_one_frame_is_several(model, tmp_path):
    dense.film(tmp_path / "a.mp4", frames=1)
    assert isinstance(model.predict(tmp_path / "a.mp4"), list)


def test_a_stream_computes_when_it_is_asked(model, pictures, monkeypatch):
    computed = []
    plain = model.predictor._records
    monkeypatch.setattr(model.predictor, "_records", lambda *given: computed.append(1) or plain(*given))
    records = model.stream(pictures[:2])
    assert computed == []
    assert [record["input"] for record in records] == [path.as_posix() for path in pictures[:2]]
    assert computed == [1]


def test_nothing_is_loaded_again(model, finished, pictures, monkeypatch):
    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(Predictor, "__init__", fail)
    model.predict(pictures[0])
    list(model.stream(pictures[:1]))
    assert model.evaluate(finished.data).metric.n == 36


def test_evaluate_is_that_of_the_verb(model, finished):
    assert model.evaluate(finished.data) == hs.evaluate(finished.folder, finished.data)


def test_after_an_export_the_graph_answers(finished, pictures, tmp_path):
    copy = hs.load(shutil.copytree(finished.bundle, tmp_path / "bundle"))
    plain = copy.predict(pictures[0])
    assert not isinstance(copy.predictor.network, Exported)
    record = copy.export(finished.data, out=tmp_path / "mine.onnx")
    assert record["n"] > 0
    assert (tmp_path / "mine.onnx").is_file()
    assert isinstance(copy.predictor.network, Exported)
    assert copy.predict(pictures[0])["probabilities"] == pytest.approx(plain["probabilities"], abs=1e-3)


def test_an_export_that_is_refused_leaves_a_model_that_answers(finished, pictures, tmp_path, monkeypatch):
    copy = hs.load(shutil.copytree(finished.bundle, tmp_path / "bundle"))
    copy.export(finished.data)
    monkeypatch.setattr(exporting, "LARGEST", -1.0)
    with pytest.raises(ExportError):
        copy.export(finished.data)
    assert not isinstance(copy.predictor.network, Exported)
    assert copy.predict(pictures[0])["label"] in copy.labels
    with pytest.raises(SettingsError):
        copy.export(finished.data, to="telegram")


@pytest.mark.parametrize(
    ("method", "typed", "meant"),
    [
        ("predict", "colums", "columns"),
        ("stream", "drw", "draw"),
        ("evaluate", "colums", "columns"),
        ("export", "otu", "out"),
    ],
)
def test_a_typo_gets_a_hint(model, method, typed, meant):
    with pytest.raises(UnknownName) as caught:
        getattr(model, method)("photos", **{typed: "x"})
    assert caught.value.hint == f"did you mean `{meant}`?"


def test_it_shows_itself(model, finished):
    assert repr(model) == f"Model({str(finished.bundle)!r}, task='image_classification', labels=3)"
    shown = model._repr_html_()
    facts = model.predictor.parts.facts
    for text in (
        model.task,
        "circle, square, triangle",
        f"{facts['arm']} on {facts['base']}",
        str(model.folder),
    ):
        assert f"<td>{text}</td>" in shown


def test_many_labels_are_cut_and_all_are_escaped(model, monkeypatch):
    monkeypatch.setattr(hs.Model, "labels", tuple(f"<{number}>" for number in range(25)))
    shown = model._repr_html_()
    assert "&lt;19&gt; and 5 more" in shown
    assert "<1" not in shown
    assert "&lt;20" not in shown


def test_answers_become_a_table(model, pictures):
    table = model.stream(pictures[:3]).to_frame()
    assert table["label"].isin(model.labels).all()
    assert {f"probabilities.{label}" for label in model.labels} <= set(table.columns)


def test_the_head_reads_features_that_the_bundle_gives(model, pictures):
    features = model.predictor.features(pictures[:3])
    assert features.shape == (3, model.predictor.parts.width)
    with torch.inference_mode():
        outputs = model.predictor.head(torch.from_numpy(features).float())
    np.testing.assert_allclose(outputs.numpy(), model.predictor.outputs(pictures[:3]), rtol=1e-4, atol=1e-4)
