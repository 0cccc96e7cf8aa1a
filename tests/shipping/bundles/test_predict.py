"""Predictions come in order, one for each input, whatever some of the inputs are."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

import dense
from headstart.bases.bundle import WEIGHTS
from headstart.data.answers import boxes, masks
from headstart.data.asked import Asked, Input
from headstart.data.images.decode import decode
from headstart.data.items import digest
from headstart.data.reading import Reading
from headstart.errors import BundleError, DataError, RunError, SettingsError
from headstart.shipping.bundles import bundle, export, exported
from headstart.shipping.bundles import predict as module
from headstart.shipping.bundles.predict import Predictor
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
    examine = predictor.task.modality.examine
    monkeypatch.setattr(
        type(predictor.task.modality),
        "examine",
        lambda self, source: looked_at.append(source) or examine(source),
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
    given = ["so dull", tmp_path / "a.csv", tmp_path / "b.txt", "", "nul\0"]
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
        reader.asked([tmp_path / "gone"])
    with pytest.raises(DataError, match="`body`"):
        reader.asked(["fine"], Reading(columns={"body": "text"}))
    with pytest.raises(DataError):
        predictor.asked("a text")


def test_sources_may_be_strings(reader, predictor, pictures):
    assert [one["label"] for one in reader.predict(["lovely", b"awful and cold"])] == ["good", "bad"]
    (by_name,), (by_path,) = predictor.predict([str(pictures[0])]), predictor.predict([pictures[0]])
    assert by_name == by_path


def test_texts_of_a_window_are_sorted_by_length_and_answered_in_order(reader, monkeypatch):
    texts = [f"{'lovely ' if row % 3 else 'dull '}{'film ' * (37 * row % 11)}" for row in range(100)]
    plain = [next(reader.asked(text)) for text in texts]
    widths = []
    answers = type(reader.task.answer).answers
    monkeypatch.setattr(
        type(reader.task.answer),
        "answers",
        lambda *given: widths.append(given[2].shape[1]) or answers(*given),
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
    for name, live, most in (("lines", True, 16), ("table", False, 16 * reader.task.modality.together)):
        asked = Asked(endless(name), live)
        monkeypatch.setattr(type(reader.task), "asked", lambda self, *_, asked=asked: asked)
        assert next(reader.asked(["-"]))["label"] == "good"
        assert taken[name] == most


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory, tiny_base) -> Predictor:
    return Predictor(
        dense.write_bundle(tmp_path_factory.mktemp("masks") / "bundle", "segmentation", tiny_base)
    )


@pytest.fixture(scope="module")
def detector(tmp_path_factory, tiny_base) -> Predictor:
    return Predictor(
        dense.write_bundle(tmp_path_factory.mktemp("boxes") / "bundle", "object_detection", tiny_base)
    )


def opened(path: str) -> np.ndarray:
    """What a picture's file holds, as it is."""
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """Smaller and larger than the input, and one that lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        dense.picture(tmp_path / "in" / "a.png"),
        dense.picture(tmp_path / "in" / "b.jpg", (40, 30), 1),
        dense.picture(tmp_path / "in" / "c.jpg", (300, 200), 2, exif=exif),
    ]


def test_a_mask_has_the_pictures_own_size_and_is_enlarged_before_a_class_is_chosen(segmenter, photos):
    records = list(segmenter.predict(photos))
    inputs = segmenter.task.unanswered(photos, segmenter.parts.preprocess).batch(np.arange(3))
    with torch.no_grad():
        outputs = segmenter.network(inputs)
    for record, path, one in zip(records, photos, outputs, strict=True):
        width, height = decode(path).size
        mask = masks.indexed(record["mask"], segmenter.parts.labels)
        assert mask.shape == (height, width)
        whole = functional.interpolate(one[None], (height, width), mode="bilinear", align_corners=False)[0]
        assert (mask == whole.argmax(0).numpy()).mean() > 0.999
        for number, label in enumerate(segmenter.parts.labels):
            assert record["shares"][label] == pytest.approx((mask == number).mean())
    assert decode(photos[2]).size == (200, 300)
    assert len(np.unique(masks.indexed(records[2]["mask"], segmenter.parts.labels))) > 1


def test_what_is_measured_has_the_size_of_the_input(segmenter, photos):
    assert masks.mask_of(segmenter.outputs(photos)[0])[0].shape == (dense.SIDE, dense.SIDE)


def test_masks_are_drawn_into_files_that_records_name(segmenter, photos, tmp_path):
    plain = list(segmenter.asked([tmp_path / "in"]))
    (tmp_path / "in" / "broken.png").write_bytes(b"")
    drawn = list(segmenter.asked([tmp_path / "in"], draw=tmp_path / "out"))
    assert [("error" in one) for one in drawn] == [False, False, True, False]
    for one, before in zip([one for one in drawn if "error" not in one], plain, strict=True):
        assert (one["input"], one["shares"]) == (before["input"], before["shares"])
        assert one["mask"] == (tmp_path / "out" / f"{Path(one['input']).stem}.mask.png").as_posix()
        expected = masks.indexed(before["mask"], segmenter.parts.labels)
        np.testing.assert_array_equal(opened(one["mask"]), expected)
        assert opened(one["picture"]).shape[:2] == expected.shape


def test_boxes_are_drawn_at_the_pictures_own_size(detector, photos, tmp_path, monkeypatch):
    monkeypatch.setattr("headstart.tasks.answers.boxes.SHOWN", 0.0)
    records = list(detector.asked(photos, draw=tmp_path / "out"))
    assert any(one["boxes"] for one in records)
    for one, path in zip(records, photos, strict=True):
        shown, plain = opened(one["picture"]), np.asarray(decode(path))
        assert shown.shape == plain.shape
        assert (shown == plain).all() == (not one["boxes"])


def test_where_nothing_can_be_drawn_nothing_is_predicted(predictor, segmenter, photos, monkeypatch):
    monkeypatch.setattr(Predictor, "_computed", lambda *_: pytest.fail("predicted"))
    with pytest.raises(SettingsError, match="image_classification cannot be drawn"):
        predictor.asked(photos, draw=photos[0].parent / "out")
    with pytest.raises(RunError, match="not empty"):
        segmenter.asked(photos, draw=photos[0].parent)
    with pytest.raises(RunError, match="cannot be written"):
        segmenter.asked(photos, draw=photos[0] / "out")


@pytest.mark.parametrize("name", ["predictor", "segmenter", "detector"])
def test_a_film_is_answered_frame_by_frame(name, request, tmp_path):
    path = dense.film(tmp_path / "film.avi", frames=20)
    one = request.getfixturevalue(name)
    records = list(one.asked(path))
    assert [record["input"] for record in records] == [f"{path} frame {number}" for number in range(1, 21)]
    assert not any("error" in record for record in records)


def test_frames_of_a_film_are_drawn(segmenter, tmp_path):
    path = dense.film(tmp_path / "film.avi", frames=3)
    records = list(segmenter.asked(path, draw=tmp_path / "out"))
    assert [Path(one["picture"]).name for one in records] == [f"film-00000{n}.png" for n in (1, 2, 3)]
    assert opened(records[2]["mask"]).shape == (48, 64)


def test_a_broken_film_has_its_frames_and_then_an_error(predictor, tmp_path):
    whole = dense.film(tmp_path / "film.avi", frames=40).read_bytes()
    (tmp_path / "film.avi").write_bytes(whole[: int(0.8 * len(whole))])
    *before, last = predictor.asked(tmp_path / "film.avi")
    assert len(before) > 3
    assert all("label" in record for record in before)
    assert list(last) == ["input", "error"]
    assert last["input"] == (tmp_path / "film.avi").as_posix()


def arrays(n, taken=None):
    for number in range(n):
        if taken is not None:
            taken.append(number)
        yield np.full((30, 40, 3), number % 256, np.uint8)


def test_a_stream_answers_each_frame_and_lets_its_source_wait(predictor):
    taken = []
    records = predictor.stream(arrays(100, taken))
    assert next(records)["input"] == "frame 1"
    assert len(taken) <= 5
    rest = list(records)
    assert [one["input"] for one in rest] == [f"frame {number}" for number in range(2, 101)]
    assert {one["dropped"] for one in rest} == {0}
    assert (
        rest[0]["label"]
        == next(predictor.predict([module.as_picture(np.ones((30, 40, 3), np.uint8))]))["label"]
    )


def test_a_stream_of_the_newest_drops_old_frames_and_counts_them(predictor):
    used, made = threading.Event(), threading.Event()

    def camera():
        yield from arrays(1)
        used.wait(60)
        yield from arrays(200)
        made.set()

    records = predictor.stream(camera(), newest=True)
    first = next(records)
    assert (first["input"], first["dropped"]) == ("frame 1", 0)
    used.set()
    assert made.wait(60)
    rest = [(one["input"], one["dropped"]) for one in records]
    assert rest == [("frame 200", 198), ("frame 201", 198)]


def test_a_frame_that_is_none_is_an_error_in_its_place(predictor, reader):
    good = np.zeros((30, 40, 3), np.uint8)
    records = list(predictor.stream([good, good[..., 0], good]))
    assert ["error" in one for one in records] == [False, True, False]
    assert "expected a frame" in records[1]["error"]
    assert records[1]["input"] == "frame 2"
    with pytest.raises(SettingsError, match="takes no frames"):
        reader.stream([good])


@pytest.mark.parametrize("name", ["segmenter", "detector"])
def test_an_exported_graph_answers_the_same(name, request, photos, tmp_path, tiny_base):
    plain = request.getfixturevalue(name)
    folder = dense.write_bundle(tmp_path / "bundle", plain.parts.task, tiny_base)
    graph, _ = export._graph(bundle.read(folder)[1], plain.parts)
    known = {WEIGHTS: digest(folder / WEIGHTS), exported.GRAPH: digest(graph)}
    export._written(folder, graph, {"schema": exported.SCHEMA, "sha256": known}, None)
    other = Predictor(folder)
    assert isinstance(other.network, exported.Exported)
    for found, right in zip(other.outputs(photos), plain.outputs(photos), strict=True):
        if name == "detector":
            assert numbers(found) == pytest.approx(numbers(right), abs=1e-4)
            assert len(numbers(right)) > 5
        else:
            labels = plain.parts.labels
            assert (masks.indexed(found, labels) == masks.indexed(right, labels)).mean() > 0.99


def numbers(answer):
    """All of them in an answer of boxes."""
    return [value for box in boxes.boxes_of(answer) for value in box[1:]]
