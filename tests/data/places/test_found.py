"""Images are found by the names that annotations write, and never outside of the folder."""

import pytest

from boxed import picture
from headstart.data.places.found import FoundImages, near_top


@pytest.fixture
def images(tmp_path):
    for name in ("data/images/a.jpg", "data/train/b.jpg", "data/test/b.jpg", "secret.jpg"):
        picture(tmp_path / name)
    (tmp_path / "data/link.jpg").symlink_to(tmp_path / "secret.jpg")
    return FoundImages(tmp_path / "data")


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "images/a.jpg", "./images/a.jpg", "C:\\me\\a.jpg", "/home/me/a.jpg", "../x/a.jpg", "a",
     "https://host/upload/1/0123abcd-a.jpg"],
)  # fmt: skip
def test_a_name_with_what_stands_before_it(images, name):
    assert images.find(name) == (images.root / "images/a.jpg", "")


def test_of_several_the_one_beside_is_taken(images):
    assert images.find("b.jpg")[1] == "2 files have this name"
    assert images.find("b.jpg", images.root / "test") == (images.root / "test/b.jpg", "")


def test_what_is_absent_or_outside(images):
    assert images.find("c.jpg") == (None, "no such file")
    assert images.find("../secret.jpg") == (None, "leads outside the data folder")
    assert images.find("link.jpg") == (None, "leads outside the data folder")


def test_splits_by_folders_of_the_image_and_names_of_the_file(images):
    assert images.split(images.root / "train/b.jpg") == "train"
    assert images.split(images.root / "images/a.jpg", images.root / "val_labels.csv") == "validation"
    assert images.split(images.root / "images/a.jpg", images.root / "labels.csv") is None


def test_files_near_the_top(images):
    found = [path.relative_to(images.root).as_posix() for path in near_top(images.root, [".jpg"])]
    assert found == ["images/a.jpg", "test/b.jpg", "train/b.jpg"]
