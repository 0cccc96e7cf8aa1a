"""Pictures of answers: named as their inputs, at their size, and nothing is overwritten."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

import dense
from headstart import registry
from headstart.data.answers import masks
from headstart.data.asked import Input
from headstart.data.masks.class_names import read_class_names
from headstart.data.masks.files import read_plane
from headstart.errors import RunError, SettingsError
from headstart.shipping.bundles.drawn import Drawings

LABELS = ("background", "cell", "7 up")
BOX = {"label": "dog", "score": 0.9, "box": [10.0, 20.0, 60.0, 45.0]}


def drawings(folder, task="segmentation", labels=LABELS):
    return Drawings(folder, registry.get("tasks", task), task, labels)


def opened(path: str) -> np.ndarray:
    """What a picture's file holds, as it is."""
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def photo(tmp_path):
    return dense.picture(tmp_path / "in" / "photo.jpg")


@pytest.fixture
def mask():
    values = np.zeros((50, 90), np.uint8)
    values[10:30, 20:50], values[40:] = 1, 2
    return values


def answer(mask, labels=LABELS):
    return {"shares": {}, "mask": masks.as_answer(mask, labels)}


def test_a_mask_is_an_indexed_picture_and_the_overlay_shows_it(photo, mask, tmp_path):
    found = drawings(tmp_path / "out").add(Input("in/photo.jpg", photo), answer(mask))
    out = tmp_path / "out"
    assert found == {
        "shares": {},
        "mask": (out / "photo.mask.png").as_posix(),
        "picture": (out / "photo.png").as_posix(),
    }
    assert sorted(path.name for path in out.iterdir()) == ["classes.txt", "photo.mask.png", "photo.png"]
    with Image.open(found["mask"]) as written:
        assert written.mode == "P"
        np.testing.assert_array_equal(np.asarray(written), mask)
    assert read_class_names(out).names == dict(enumerate(LABELS)), "it can be trained on"
    np.testing.assert_array_equal(read_plane(out / "photo.mask.png", out).values, mask)
    shown, plain = (np.asarray(Image.open(path)).astype(int) for path in (found["picture"], photo))
    assert shown.shape == plain.shape
    changed = np.abs(shown - plain).max(-1) > 0
    assert not changed[mask == 0].any()
    assert changed[mask > 0].mean() > 0.95


def test_boxes_are_drawn_where_they_are_at_the_pictures_own_size(tmp_path):
    path = tmp_path / "grey.png"
    Image.new("RGB", (90, 50), (128, 128, 128)).save(path)
    draw = drawings(tmp_path / "out", "object_detection", ("cat", "dog"))
    found = draw.add(Input("grey.png", path), {"boxes": [BOX]})
    assert found == {"boxes": [BOX], "picture": (tmp_path / "out" / "grey.png").as_posix()}
    changed = (np.asarray(Image.open(found["picture"])) != 128).any(-1)
    assert changed.shape == (50, 90)
    rows, columns = (np.flatnonzero(changed.any(axis)) for axis in (1, 0))
    assert (columns[0], rows[0]) == (10, 20)
    assert 45 <= rows[-1] <= 46
    assert columns[-1] >= 60


def test_a_name_at_the_border_moves_into_the_picture(tmp_path):
    Image.new("RGB", (400, 100), (128, 128, 128)).save(tmp_path / "grey.png")
    draw = drawings(tmp_path / "out", "object_detection", ("cat", "dog"))
    place = [390.0, 10.0, 398.0, 90.0]
    found = draw.add(Input("grey.png", tmp_path / "grey.png"), {"boxes": [{**BOX, "box": place}]})
    changed = (opened(found["picture"]) != 128).any(-1)
    assert 320 < np.flatnonzero(changed.any(0))[0] < 380


def test_a_class_has_one_colour_in_all_pictures(tmp_path):
    draw = drawings(tmp_path / "out", "object_detection", ("cat", "dog"))
    seen = []
    for name, labels in (("a", ["dog"]), ("b", ["cat", "dog"])):
        Image.new("RGB", (90, 50)).save(tmp_path / f"{name}.png")
        boxes = [
            {**BOX, "label": label, "box": [5 + 40 * i, 5, 30 + 40 * i, 45]} for i, label in enumerate(labels)
        ]
        found = draw.add(Input(f"{name}.png", tmp_path / f"{name}.png"), {"boxes": boxes})
        left = 5 + 40 * labels.index("dog")
        seen.append(Image.open(found["picture"]).getpixel((left, 44)))
    assert seen[0] == seen[1] != (0, 0, 0)


def test_equal_names_are_numbered_and_odd_ones_are_names(photo, mask, tmp_path):
    draw = drawings(tmp_path / "out")
    content = photo.read_bytes()
    given = [
        Input("a/photo.jpg", photo),
        Input("b/photo.png", photo),
        Input("photo.mask.png", photo),
        Input("(bytes)", content),
        Input("films/long film.mp4 frame 12", content),
        Input("- frame 3", content),
        Input(f"{'x' * 240}.png", photo),
        Input("...", photo),
    ]
    names = [os.path.basename(draw.add(one, answer(mask))["picture"]) for one in given]
    assert names[:6] == [
        "photo.png",
        "photo-2.png",
        "photo.mask-2.png",
        "(bytes).png",
        "long film-000012.png",
        "--000003.png",
    ]
    assert names[6] == f"{'x' * 180}.png"
    assert names[7] == "picture.png"
    assert len(list((tmp_path / "out").iterdir())) == 2 * len(given) + 1


def test_what_is_in_the_folder_stays(photo, tmp_path):
    before = photo.read_bytes()
    with pytest.raises(RunError, match="not empty") as caught:
        drawings(photo.parent)
    assert "new folder" in caught.value.hint
    assert [path.name for path in photo.parent.iterdir()] == ["photo.jpg"]
    assert photo.read_bytes() == before
    with pytest.raises(RunError, match="cannot be written"):
        drawings(photo)
    with pytest.raises(RunError, match="cannot be written"):
        drawings(photo / "below")


def test_a_task_without_places_is_refused_before_a_folder_is_made(tmp_path):
    with pytest.raises(SettingsError, match="cannot be drawn"):
        drawings(tmp_path / "out", "image_classification")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_said_and_leaves_nothing_half_written(photo, mask, tmp_path, monkeypatch):
    draw = drawings(tmp_path / "out")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(RunError, match="No space left") as caught:
        draw.add(Input("photo.jpg", photo), answer(mask))
    assert "--draw" in caught.value.hint
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["classes.txt"]
    with pytest.raises(RunError, match="No space left"):
        drawings(tmp_path / "other")
