"""What people say is right is saved where `run` reads it, and nowhere else."""

from __future__ import annotations

import base64
import csv
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ExifTags, Image

import sounds
from headstart import registry, tasks
from headstart.data.answers.boxes import boxes_of
from headstart.data.answers.masks import indexed
from headstart.data.reading import PLAIN
from headstart.errors import DataError, RunError
from headstart.models import load
from headstart.serving import corrections as module
from headstart.serving.corrections import Corrections
from headstart.serving.refusals import Refused
from headstart.serving.sent import Sent, text_of
from stories import said


@pytest.fixture
def of_texts(reviews, tmp_path):
    return Corrections(tmp_path / "corrections", load(reviews))


@pytest.fixture
def of_pictures(finished, tmp_path):
    return Corrections(tmp_path / "corrections", load(finished.bundle))


@pytest.fixture(scope="module")
def drawn(finished):
    return [file.read_bytes() for file in sorted(finished.data.rglob("*.png"))]


def rows(corrections):
    with corrections.table.open(encoding="utf-8", newline="") as stream:
        return [*csv.reader(stream)]


def test_texts_are_a_table_that_run_reads(of_texts):
    for number in range(12):
        of_texts.add(text_of(f'text, "{number}"\nof two lines'), ("good", "bad")[number % 2])
    of_texts.add(text_of("text"), "good")
    of_texts.add(text_of("text"), "bad")
    assert rows(of_texts)[0] == ["text", "label"]
    assert rows(of_texts)[-1] == ["text", "bad"], "what was said last"
    assert len(of_texts) == 13
    told = said("check", of_texts.folder, "--json").json
    assert told["labels"] == ["bad", "good"]
    assert sum(told[side] for side in ("train", "validation", "test")) == 13


def test_pictures_are_files_beside_a_table_that_run_reads(of_pictures, drawn):
    for number, content in enumerate(drawn):
        of_pictures.add(Sent("../../../x.png", content), ("circle", "square")[number % 2])
    names = [row[0] for row in rows(of_pictures)[1:]]
    assert sorted(one.name for one in of_pictures.folder.iterdir()) == sorted([*names, "metadata.csv"])
    assert all(name.endswith(".png") and "/" not in name for name in names)
    told = said("check", of_pictures.folder, "--json").json
    assert told["labels"] == ["circle", "square"]
    assert sum(told[side] for side in ("train", "validation", "test")) == len(drawn)


@pytest.mark.parametrize("name", ["a.csv", "a", "a.PNG/../../b", "a.sh", "..", "a.\0png", "a.png\n"])
def test_of_a_name_nothing_but_a_known_ending_is_taken(of_pictures, drawn, name):
    saved = of_pictures.add(Sent(name, drawn[0]), "circle")
    assert saved.removesuffix(".png").isalnum()
    assert {one.name for one in of_pictures.folder.iterdir()} == {saved, "metadata.csv"}


def test_a_service_that_is_started_again_goes_on(of_pictures, drawn, finished):
    of_pictures.add(Sent("a.png", drawn[0]), "circle")
    again = Corrections(of_pictures.folder, load(finished.bundle))
    again.add(Sent("b.png", drawn[0]), "square")
    again.add(Sent("c.png", drawn[1]), "square")
    assert [row[1] for row in rows(again)[1:]] == ["square", "square"]


@pytest.mark.parametrize("right", ["cat", "", None, 3, ["circle"], "../circle"])
def test_only_labels_of_the_model_are_right(of_pictures, drawn, right):
    with pytest.raises(DataError):
        of_pictures.add(Sent("a.png", drawn[0]), right)
    assert not of_pictures.folder.exists()


def test_what_the_model_cannot_use_is_not_saved(of_pictures, of_texts):
    for corrections, content, right in ((of_pictures, b"no picture", "circle"), (of_texts, b" ", "good")):
        with pytest.raises(DataError):
            corrections.add(Sent("a.png", content), right)
        assert not corrections.folder.exists()


def test_there_is_an_end_to_them(of_texts, of_pictures, drawn, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    of_texts.add(text_of("a b"), "good")
    with pytest.raises(Refused):
        of_texts.add(text_of("b c"), "good")
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    with pytest.raises(Refused):
        of_pictures.add(Sent("a.png", drawn[0]), "circle")


def test_a_table_of_somebody_else_is_left_alone(reviews, tmp_path):
    folder = tmp_path / "corrections"
    folder.mkdir()
    (folder / "train.csv").write_text("my,own\n1,2\n")
    with pytest.raises(RunError):
        Corrections(folder, load(reviews))
    assert (folder / "train.csv").read_text() == "my,own\n1,2\n"


def test_a_place_that_cannot_be_written_is_said(reviews, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError):
        Corrections(tmp_path / "file" / "corrections", load(reviews)).add(text_of("a b"), "good")


def test_over_http(pictures, texts, drawn):
    file = {"name": "x.png", "base64": base64.b64encode(drawn[0]).decode()}
    told = pictures.json("/corrections", {"file": file, "right": "circle"})
    assert (told.status, told.json["folder"]) == (200, f"{pictures.folder.parent.name}/corrections")
    assert (pictures.folder / told.json["saved"]).read_bytes() == drawn[0]
    assert texts.json("/corrections", {"text": "a b", "right": "good"}).status == 200
    for wrong in (
        {"text": "a"},
        {"text": "a", "right": "x"},
        {"text": 1, "right": "good"},
        {"file": file, "right": "good"},
    ):
        assert texts.json("/corrections", wrong).status == 422
    assert texts.ask("/corrections", b"a", "text/plain").status == 415


def painted(mask, classes=("a", "b"), mode="L"):
    """What a page tells of a mask."""
    stream = io.BytesIO()
    Image.fromarray(mask).convert(mode).save(stream, "PNG")
    return {"classes": [*classes], "png": base64.b64encode(stream.getvalue()).decode()}


RIGHT = {
    "class": "b",
    "classes": ["b", "a"],
    "number": 2.5,
    "text": "two words",
    "boxes": [{"label": "a", "box": [1, 2, 5.5, 6]}, {"label": "b", "box": [0, 0, 3, 3]}],
    "mask": painted(np.eye(8, dtype=np.uint8)),
}
PLAIN_ONES = {"class": "a", "classes": ["a"], "boxes": [], "mask": painted(np.zeros((8, 8), np.uint8))}


def sent(task, number):
    """An example of any task."""
    if task.modality.sent.texts:
        return text_of(f"the text of number {number} is one of many")
    if task.modality.sent.entry == "sound":
        return Sent("a.wav", sounds.wav(sounds.tone(300 + 50 * number)))
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (10 * number, 0, 0)).save(stream, "PNG")
    return Sent("a.png", stream.getvalue())


CORRECTED = [one for one in registry.names("tasks") if registry.get("tasks", one).answer.correction]


@pytest.mark.parametrize("name", CORRECTED)
def test_every_task_finds_its_corrections_again(tmp_path, name):
    task = registry.get("tasks", name)
    model = SimpleNamespace(labels=("a", "b"), predictor=SimpleNamespace(task=task))
    saved = Corrections(tmp_path / "corrections", model)
    right = RIGHT[task.answer.correction]
    for number in range(12):
        other = PLAIN_ONES.get(task.answer.correction, right)
        saved.add(sent(task, number), right if number % 2 else other)
    assert tasks.infer(saved.folder) == name
    listing = task.reader.read(saved.folder, PLAIN)
    assert len(listing.rows) == 12
    assert not listing.dropped
    assert len({row.label for row in listing.rows}) == (1 if right == other else 2)


@pytest.fixture
def of_boxes(tmp_path):
    task = registry.get("tasks", "object_detection")
    model = SimpleNamespace(labels=("cat", "dog"), predictor=SimpleNamespace(task=task))
    return lambda: Corrections(tmp_path / "corrections", model)


def photograph(orientation):
    """As a phone writes it: 40 by 20 pixels as they are stored."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stream = io.BytesIO()
    Image.new("RGB", (40, 20)).save(stream, "JPEG", exif=exif)
    return Sent("a.jpg", stream.getvalue())


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 20)), (6, (20, 40))])
def test_boxes_come_back_where_they_were_drawn_on_the_upright_picture(of_boxes, orientation, size):
    of_boxes().add(photograph(orientation), [{"label": "dog", "box": [5, 4, 15, 16]}])
    task = registry.get("tasks", "object_detection")
    (row,) = task.reader.read(of_boxes().folder, PLAIN).rows
    ((name, *corners, _),) = boxes_of(row.label)
    assert name == "dog"
    width, height = size
    assert corners == pytest.approx([5 / width, 4 / height, 15 / width, 16 / height])


def test_what_is_said_of_boxes_again_replaces_what_was_said(of_boxes):
    first = photograph(1)
    of_boxes().add(first, [])
    of_boxes().add(first, [{"label": "cat", "box": [1, 1, 2, 2]}])
    lines = of_boxes().table.read_text("utf-8").splitlines()
    assert [json.loads(line)["objects"]["categories"] for line in lines] == [["cat"]]
    of_boxes().table.write_text("[1]\n")
    with pytest.raises(RunError, match="no list of corrections"):
        of_boxes()


@pytest.mark.parametrize(
    "right",
    [
        "cat",
        {"label": "cat"},
        [{"label": "cow", "box": [1, 1, 2, 2]}],
        [{"label": "cat", "box": [1, 1, 1, 2]}],
        [{"label": "cat", "box": [1, 1, float("nan"), 2]}],
        [{"label": "cat", "box": [1, 1, 2]}],
        [{"label": "cat", "box": "1112"}],
        ["cat"],
        [{"label": ["cat"], "box": [1, 1, 2, 2]}],
        [{"label": "cat", "box": [1, 1, 2, 2]}] * 1001,
    ],
)
def test_only_boxes_with_labels_of_the_model_are_right(of_boxes, right):
    with pytest.raises(DataError, match="expected boxes around cat, dog"):
        of_boxes().add(photograph(1), right)
    assert not of_boxes().folder.exists()


@pytest.fixture
def of_masks(tmp_path):
    task = registry.get("tasks", "segmentation")
    model = SimpleNamespace(labels=("background", "cat", "2 dogs"), predictor=SimpleNamespace(task=task))
    return lambda: Corrections(tmp_path / "corrections", model)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 20)), (6, (20, 40))])
def test_a_mask_comes_back_as_it_was_painted(of_masks, orientation, size, mode):
    mask = np.zeros(size[::-1], np.uint8)
    mask[2:9, 3:12], mask[10:14, 2:6], mask[0, 0] = 2, 1, 255
    called = of_masks().add(photograph(orientation), painted(mask, ("background", "cat", "2 dogs"), mode))
    (row,) = registry.get("tasks", "segmentation").reader.read(of_masks().folder, PLAIN).rows
    assert row.name == called
    assert np.array_equal(indexed(row.label, ["background", "cat", "2 dogs"]), mask)


def test_a_mask_is_replaced_and_classes_of_another_model_are_left_alone(of_masks):
    mask = np.zeros((20, 40), np.uint8)
    for value in (1, 2):
        of_masks().add(photograph(1), painted(mask + np.uint8(value), ("background", "cat", "2 dogs")))
    assert len(of_masks()) == 1
    (row,) = registry.get("tasks", "segmentation").reader.read(of_masks().folder, PLAIN).rows
    assert (indexed(row.label, ["2 dogs"]) == 0).all()
    of_masks().table.write_text("0 background\n1 cow\n")
    with pytest.raises(RunError, match="no list of this model's classes"):
        of_masks()


@pytest.mark.parametrize(
    ("right", "match"),
    [
        ("cat", "expected a mask"),
        ({"classes": ["cow"], "png": ""}, "expected a mask"),
        ({"classes": [["cat"]], "png": ""}, "expected a mask"),
        ({"classes": ["cat"]}, "expected a mask"),
        ({"classes": ["cat"], "png": "no base64"}, "coded by base64"),
        ({"classes": ["cat"], "png": base64.b64encode(b"no picture").decode()}, "coded by base64"),
        (painted(np.full((20, 40), 7, np.uint8), ["cat"]), "value 7"),
        (painted(np.zeros((20, 41), np.uint8), ["cat"]), "41 x 20 pixels, its picture 40 x 20"),
        (painted(np.zeros((20, 40, 3), np.uint8) + np.uint8([0, 1, 0]), ["cat"], "RGB"), "has colours"),
    ],
)
def test_only_a_mask_of_the_picture_is_right(of_masks, right, match):
    with pytest.raises(DataError, match=match):
        of_masks().add(photograph(1), right)
    assert not of_masks().folder.exists()
