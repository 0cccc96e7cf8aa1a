"""What tasks of places share: the whole picture in a square of their own, whatever the base was shown."""

import numpy as np
import pytest

from headstart.data.asked import Asked
from headstart.tasks.answers.places import OfScenes
from headstart.tasks.modalities.pictures import OfPictures
from headstart.tasks.object_detection import plugin as detection
from headstart.tasks.segmentation import plugin as segmentation
from headstart.types import ImagePreprocess
from scenery import scenes


class Scenes(OfPictures, OfScenes):
    side = 48


def test_the_whole_picture_is_seen_at_the_side_of_the_task():
    base = ImagePreprocess(224, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "bicubic", 0.875, "center")
    found = Scenes().fitted(base, [])
    assert found == ImagePreprocess(48, base.mean, base.std, "bicubic", 1.0, "squash")
    assert base.size == 224


@pytest.mark.parametrize("task", [detection, segmentation])
def test_what_is_declared(task):
    assert (task.modality, task.open_ended, task.trained_head) == ("image", True, True)
    assert set(task.references) == {"scratch"}, (
        "features of random networks are no reference: heads are trained"
    )
    assert task.side % 64 == 0, "so that maps of stride 32 double exactly"
    assert task.finest in (2, 4, 8, 16, 32)


def test_a_heap_holds_every_image_and_nothing_else(tmp_path):
    for name, one in scenes(3).items():
        one.image.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    assert sorted(row.name for row in Scenes().read_heap(tmp_path).rows) == ["00.png", "01.png", "02.png"]


def test_what_can_be_asked_are_files_and_folders(tmp_path):
    for name, one in scenes(2).items():
        one.image.save(tmp_path / name)
    asked = Scenes().asked([tmp_path, tmp_path / "01.png"])
    assert isinstance(asked, Asked)
    assert [one.source.name for one in asked.inputs] == ["00.png", "01.png", "01.png"]
    assert Scenes().examine(tmp_path / "00.png") is None
    assert Scenes().examine(tmp_path / "gone.png") == "no such file"


def test_thumbnails_are_small_and_grey(tmp_path):
    made = scenes(3)
    for name, one in made.items():
        one.image.save(tmp_path / name)
    preprocess = Scenes().fitted(ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3), [])
    inputs = detection.inputs([tmp_path / name for name in made], preprocess)
    small = Scenes().thumbnails(inputs, np.array([2, 0]))
    assert (small.shape, small.dtype) == ((2, 256), np.float64)
    assert not np.allclose(small[0], small[1])


def test_a_report_shows_a_small_picture(tmp_path):
    next(iter(scenes(1).values())).image.save(tmp_path / "a.png")
    found = Scenes().shown(tmp_path / "a.png", 16)
    assert found["picture"].startswith("data:image/")
    assert Scenes().evidence(None, None) == {}
