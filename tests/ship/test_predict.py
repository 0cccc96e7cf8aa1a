"""Predictions come in order, one for each input, whatever some of the inputs are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.errors import BundleError, DataError
from headstart.ship import predict as module
from headstart.ship.predict import Predictor, expand


@pytest.fixture(scope="module")
def predictor(finished) -> Predictor:
    return Predictor(finished.bundle)


@pytest.fixture(scope="module")
def pictures(finished) -> list[Path]:
    return sorted(finished.data.rglob("*.png"))


def test_a_record_has_label_probability_and_all_probabilities(predictor, pictures):
    (record,) = predictor.predict(pictures[:1])
    assert list(record) == ["input", "label", "probability", "probabilities", "abstain"]
    assert record["input"] == pictures[0].as_posix()
    assert record["probability"] == max(record["probabilities"].values())
    assert record["probabilities"][record["label"]] == record["probability"]
    assert list(record["probabilities"]) == ["circle", "square", "triangle"]


def test_it_abstains_below_the_threshold_of_the_bundle(predictor, pictures):
    asked = predictor.parts.facts["abstain"]
    assert asked["max_error"] == 0.05
    for threshold, unsure in ((0.0, False), (1.1, True), (None, True)):
        predictor.parts.facts["abstain"] = {**asked, "threshold": threshold}
        (record,) = predictor.predict(pictures[:1])
        assert record["abstain"] is unsure
    predictor.parts.facts.pop("abstain")
    (record,) = predictor.predict(pictures[:1])
    assert "abstain" not in record, "a bundle from before"
    predictor.parts.facts["abstain"] = asked


def test_batches_do_not_change_what_is_predicted(predictor, pictures, monkeypatch):
    together = list(predictor.predict(pictures))
    monkeypatch.setattr(module, "BATCH", 5)
    apart = list(predictor.predict(pictures))
    assert [record["input"] for record in together] == [path.as_posix() for path in pictures]
    assert [record["label"] for record in apart] == [record["label"] for record in together]
    np.testing.assert_allclose(
        [record["probability"] for record in apart],
        [record["probability"] for record in together],
        rtol=1e-4,
    )


def test_a_broken_file_is_an_error_in_its_place(predictor, pictures, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture")
    mixed = [broken, *pictures[:16], tmp_path / "gone.png", pictures[16], broken]
    records = list(predictor.predict(mixed))
    assert [record["input"] for record in records] == [path.as_posix() for path in mixed]
    assert ["error" in record for record in records] == [True, *[False] * 16, True, False, True]
    assert records[0] == {"input": broken.as_posix(), "error": "not an image"}
    plain = [record["label"] for record in predictor.predict(pictures[:17])]
    assert [record["label"] for record in records if "label" in record] == plain


def test_bytes_are_predicted_like_files(predictor, pictures):
    (from_file,) = predictor.predict(pictures[:1])
    (from_bytes,) = predictor.predict([pictures[0].read_bytes()])
    assert from_bytes == {**from_file, "input": "(bytes)"}


def test_predictions_come_as_they_are_ready(predictor, pictures, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 1)
    looked_at = []
    examine = predictor.task.examine
    monkeypatch.setattr(
        type(predictor.task), "examine", lambda self, source: looked_at.append(source) or examine(source)
    )
    assert next(predictor.predict(pictures))["label"]
    assert looked_at == pictures[:1]


def test_nothing_is_left_in_the_cache(predictor, pictures, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    list(predictor.predict(pictures[:2]))
    assert not (tmp_path / "cache").exists()


def test_outputs_are_finite_and_in_order(predictor, pictures):
    outputs = predictor.outputs(pictures[:3])
    assert outputs.shape == (3, 3)
    assert np.isfinite(outputs).all()
    np.testing.assert_allclose(predictor.outputs(pictures[2:3])[0], outputs[2], rtol=1e-4)


def test_what_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(BundleError):
        Predictor(tmp_path)


def test_folders_become_their_files_sorted_and_without_hidden_ones(tmp_path):
    for name in ("b/2.png", "b/1.png", "b/c/3.png", "b/.hidden.png", "a.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = expand([tmp_path / "b", str(tmp_path / "a.png")])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "b/1.png",
        "b/2.png",
        "b/c/3.png",
        "a.png",
    ]


def test_an_input_that_is_not_there_or_empty_is_an_error(tmp_path):
    with pytest.raises(DataError, match="nothing-here"):
        expand([tmp_path / "nothing-here"])
    with pytest.raises(DataError, match="nothing to predict"):
        expand([tmp_path])
    with pytest.raises(DataError):
        expand([])
