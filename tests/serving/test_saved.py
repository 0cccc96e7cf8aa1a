"""What is written is read again, and nothing else is taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart import registry
from headstart.data.answers.masks import as_answer, indexed
from headstart.data.reading import PLAIN
from headstart.errors import DataError
from headstart.serving.saved import Lines, Masks, Table, layout_of

LABELS = ("ground", "7 cows", "#80ff00")


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("text_classification", Table),
        ("image_regression", Table),
        ("object_detection", Lines),
        ("segmentation", Masks),
    ],
)
def test_a_task_has_one(task, kind):
    assert type(layout_of(registry.get("tasks", task), LABELS)) is kind


@pytest.mark.parametrize("layout", [Table("t.csv", ("text", "label")), Lines()])
def test_rows_come_back(layout, tmp_path):
    rows = {'a "text"\nof two lines': '{"a": 1}', "日本.png": '["x", 2.5]'}
    layout.write(tmp_path, rows, "日本.png")
    assert layout.read(tmp_path) == rows


@pytest.mark.parametrize("content", [b"text,other\na,b\n", b"text,label\na\n", b"\xff", b"", b"[1]\n"])
def test_another_file_is_not_read(content, tmp_path):
    layout = Table("t.csv", ("text", "label"))
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises((ValueError, KeyError, TypeError)):
        layout.read(tmp_path)


def test_values_of_a_mask_are_numbers_of_the_models_classes(tmp_path):
    layout, mask = Masks(LABELS), np.uint8([[0, 1], [2, 255]])
    Image.new("RGB", (2, 2)).save(tmp_path / "one.png")
    layout.write(tmp_path, {"one.png": as_answer(mask, LABELS)}, "one.png")
    assert layout.read(tmp_path) == {"one.png": ""}
    with Image.open(tmp_path / "one_mask.png") as saved:
        assert np.array_equal(np.array(saved), mask)
    (row,) = registry.get("tasks", "segmentation").reader.read(tmp_path, PLAIN).rows
    assert np.array_equal(indexed(row.label, LABELS), mask), "a class may be called like a value or a colour"
    with pytest.raises(ValueError, match="other classes"):
        Masks(LABELS[:2]).read(tmp_path)


def test_a_mask_that_is_not_as_large_as_its_picture_is_refused(tmp_path):
    Image.new("RGB", (2, 3)).save(tmp_path / "one.png")
    with pytest.raises(DataError, match="2 x 2 pixels, its picture 2 x 3"):
        Masks(LABELS).require(
            as_answer(np.zeros((2, 2), np.uint8), LABELS), (tmp_path / "one.png").read_bytes()
        )
