"""Images find their text files, whatever the case and the suffix; what is called otherwise is not lost."""

import pytest

from headstart.data.boxes.yolo_texts import Texts


@pytest.fixture
def texts(tmp_path):
    """`texts(images, files)` are the texts of the images where these text files are."""

    def write(images, files):
        for name in files:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("0 .5 .5 1 1")
        return Texts(tmp_path, images)

    return write


@pytest.mark.parametrize(
    ("image", "file"),
    [
        ("images/1.jpg", "labels/1.txt"),
        ("images/1.jpg", "labels/1.TXT"),
        ("images/A.JPG", "labels/a.txt"),
        ("images/1.jpg", "labels/1.jpg.txt"),
        ("images/1.jpg", "images/1.txt"),
        ("images/train/1.jpg", "Labels/train/1.Txt"),
        ("train/1.jpg", "train/1.TXT"),
        ("1.png", "1.png.txt"),
    ],
)
def test_the_text_of_an_image(texts, tmp_path, image, file):
    found = texts([image], [file])
    assert found.of(image) == tmp_path / file
    assert found.alone() == []


def test_the_text_of_another_image_is_not_taken(texts, tmp_path):
    found = texts(["images/a.jpg", "images/A.jpg"], ["labels/a.txt"])
    assert found.of("images/A.jpg") == tmp_path / "labels/A.txt"
    assert found.other("images/A.jpg") is None


@pytest.mark.parametrize(
    ("image", "file"),
    [
        ("img_007", "7"),
        ("7", "img_007"),
        ("a b", "A-B_labels"),
        ("scan-12", "scan_012"),
        ("x1", "0a1b2c3d-x1"),
    ],
)
def test_a_text_that_may_be_meant(texts, tmp_path, image, file):
    found = texts([f"images/{image}.jpg"], [f"labels/{file}.txt"])
    assert found.other(f"images/{image}.jpg") == tmp_path / f"labels/{file}.txt"
    assert [item.file for item in found.alone()] == [f"labels/{file}.txt"]


@pytest.mark.parametrize(
    ("image", "file"), [("img_7", "img_17"), ("7", "17"), ("a_1", "a_2"), ("cat", "category")]
)
def test_a_text_that_is_not_meant(texts, image, file):
    assert texts([f"images/{image}.jpg"], [f"labels/{file}.txt"]).other(f"images/{image}.jpg") is None
