"""Predictions come in order, one for each input, whatever some of the inputs are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.data.asked import Asked, Input
from headstart.data.reading import Reading
from headstart.errors import BundleError, DataError
from headstart.ship import predict as module
from headstart.ship.predict import Predictor
from texts import write_bundle


@pytest.fixture(scope="module")
def predictor(finished) -> Predictor:
    return Predictor(finished.bundle)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Predictor:
    """One that takes texts."""
    return Predictor(write_bundle(tmp_path_factory.mktemp("texts") / "bundle"))


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


def test_texts_tables_and_files_are_answered_in_order(reader, tmp_path):
    (tmp_path / "a.csv").write_text("body\nlovely songs\n\n \nawful and cold\n")
    (tmp_path / "b.txt").write_text("a warm\nheart")
    given = ["so dull", tmp_path / "a.csv", str(tmp_path / "b.txt"), "", "nul\0"]
    records = list(reader.asked(given, Reading(columns={"text": "body"})))
    table, file = (tmp_path / "a.csv").as_posix(), (tmp_path / "b.txt").as_posix()
    assert [(one["input"], one.get("label"), one.get("error")) for one in records] == [
        ("so dull", "bad", None),
        (f"{table} row 1", "good", None),
        (f"{table} row 2", None, "no text"),
        (f"{table} row 3", "bad", None),
        (file, "good", None),
        ("", None, "empty"),
        ("nul\0", None, "holds NUL bytes"),
    ]
    assert list(records[0]) == ["input", "label", "probability", "probabilities", "abstain"]


def test_one_text_is_an_input_and_not_its_letters(reader):
    (record,) = reader.asked("lovely")
    assert (record["input"], record["label"], record["abstain"]) == ("lovely", "good", False)
    assert next(reader.asked(["unheard-of"]))["abstain"] is True


def test_what_is_named_is_checked_before_anything_is_predicted(reader, predictor, tmp_path):
    with pytest.raises(DataError):
        reader.asked(["fine", tmp_path / "gone"])
    with pytest.raises(DataError, match="`body`"):
        reader.asked(["fine"], Reading(columns={"body": "text"}))
    with pytest.raises(DataError):
        predictor.asked("a text")


def test_texts_of_a_window_are_sorted_by_length_and_answered_in_order(reader, monkeypatch):
    texts = [f"{'lovely ' if row % 3 else 'dull '}{'film ' * (37 * row % 11)}" for row in range(100)]
    plain = [next(reader.asked(text)) for text in texts]
    widths = []
    answers = type(reader.task).answers
    monkeypatch.setattr(
        type(reader.task), "answers", lambda *given: widths.append(given[2].shape[1]) or answers(*given)
    )
    together = list(reader.asked(texts))
    assert [one["input"] for one in together] == texts
    assert [one["label"] for one in together] == [one["label"] for one in plain]
    for one, other in zip(together, plain, strict=True):
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-5)
    assert len(widths) == 7
    assert widths == sorted(widths, reverse=True)
    np.testing.assert_allclose(
        np.exp(reader.outputs([text.encode() for text in texts])).argmax(1),
        [reader.parts.labels.index(one["label"]) for one in plain],
    )


def test_live_lines_are_answered_a_batch_at_a_time_and_a_million_texts_a_window(reader, monkeypatch):
    def endless(name):
        for number in range(10**6):
            taken[name] = number + 1
            yield Input(str(number), b"lovely")

    taken = {}
    for name, live, most in (("lines", True, 16), ("table", False, 16 * reader.task.together)):
        asked = Asked(endless(name), live)
        monkeypatch.setattr(type(reader.task), "asked", lambda self, *_, asked=asked: asked)
        assert next(reader.asked(["-"]))["label"] == "good"
        assert taken[name] == most
