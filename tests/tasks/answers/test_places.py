"""What answers of places share: the whole picture in a square of their own, whatever the base was shown."""

import numpy as np
import pytest

from headstart.data.asked import Asked
from headstart.errors import SettingsError
from headstart.preprocessing.image import ImagePreprocess
from headstart.tasks.answers.places import Places
from headstart.tasks.object_detection import plugin as detection
from headstart.tasks.segmentation import plugin as segmentation
from headstart.types import Architecture
from scenery import scenes


def test_the_whole_picture_is_seen_at_the_side_of_the_task():
    base = ImagePreprocess(224, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "bicubic", 0.875, "center")
    found = segmentation.answer.framed(base)
    assert found == ImagePreprocess(256, base.mean, base.std, "bicubic", 1.0, "squash")
    assert base.size == 224


@pytest.mark.parametrize("task", [detection, segmentation])
def test_what_is_declared(task):
    answer = task.answer
    assert isinstance(answer, Places)
    assert (task.modality.name, answer.classes, answer.headed, answer.moves) == (
        "image",
        False,
        "trained",
        True,
    )
    assert set(task.references) == {"scratch"}, (
        "features of random networks are no reference: heads are trained"
    )
    assert answer.kind.side % 64 == 0, "so that maps of stride 32 double exactly"
    assert answer.finest in (2, 4, 8, 16, 32)


def test_a_head_is_taken_or_refused_by_what_it_is_for():
    deeplab, detr = Architecture("heads", "deeplabv3plus"), Architecture("heads", "detr")
    assert segmentation.answer.takes(deeplab)
    assert not segmentation.answer.takes(detr)
    assert segmentation.with_head(deeplab).answer.head_architecture == deeplab
    with pytest.raises(SettingsError, match="is a head for object_detection"):
        segmentation.with_head(detr)
    assert segmentation.answer.head_architecture.name == "unet", "the plug-in is as it was"


def test_a_heap_holds_every_image_and_nothing_else(tmp_path):
    for name, one in scenes(3).items():
        one.image.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    assert sorted(row.name for row in detection.reader.read_heap(tmp_path).rows) == [
        "00.png",
        "01.png",
        "02.png",
    ]


def test_what_can_be_asked_are_files_and_folders(tmp_path):
    for name, one in scenes(2).items():
        one.image.save(tmp_path / name)
    asked = detection.asked([tmp_path, tmp_path / "01.png"])
    assert isinstance(asked, Asked)
    assert [one.source.name for one in asked.inputs] == ["00.png", "01.png", "01.png"]


def test_impressions_are_small_and_grey(tmp_path):
    made = scenes(3)
    for name, one in made.items():
        one.image.save(tmp_path / name)
    preprocess = detection.answer.framed(ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3))
    inputs = detection.unanswered([tmp_path / name for name in made], preprocess)
    small = detection.modality.impressions(inputs, np.array([2, 0]))
    assert (small.shape, small.dtype) == ((2, 256), np.float32)
    assert not np.allclose(small[0], small[1])
