"""Pictures are claimed and read in any layout, and the wrong kind of data is refused with a hint."""

import pandas as pd
import pytest

from boxed import coco, picture, write
from headstart.data.pictures import looks_like_pictures, read_picture_heap, read_pictures
from headstart.data.reading import Reading
from headstart.errors import DataError
from tarred import write as write_tar


def write_texts(folder):
    """Class folders of one text each."""
    for label in "ab":
        write(folder / label / "1.txt", "words")
    return folder


def table(root, start=""):
    """The pictures of class folders as a table of their files."""
    files = sorted(root.rglob("*.png"))
    return pd.DataFrame(
        {
            "file_name": [start + file.relative_to(root).as_posix() for file in files],
            "label": [file.parent.name for file in files],
        }
    )


def said(listing):
    return sorted((row.name, row.label) for row in listing.rows)


def test_folders_and_tables_of_pictures_are_claimed(image_folder):
    root = image_folder()
    assert looks_like_pictures(root)
    assert looks_like_pictures(str(root))
    assert looks_like_pictures(table(root))
    table(root).to_csv(root / "list.csv", index=False)
    assert looks_like_pictures(root / "list.csv")
    assert looks_like_pictures(pd.DataFrame({"file_name": [], "label": []}))
    assert looks_like_pictures(
        pd.DataFrame({"f": [], "y": []}), Reading(columns={"file_name": "f", "label": "y"})
    )


def test_what_is_something_else_is_not_claimed(image_folder, tmp_path):
    assert not looks_like_pictures(pd.DataFrame({"text": [], "label": []}))
    assert not looks_like_pictures(write_texts(tmp_path / "texts"))
    write(tmp_path / "texts.csv", "text,label\none,a\n")
    assert not looks_like_pictures(tmp_path / "texts.csv")
    assert not looks_like_pictures(next(image_folder().rglob("*.png")))
    placed = tmp_path / "boxes"
    picture(placed / "a.png")
    assert looks_like_pictures(placed)
    write(placed / "_annotations.coco.json", coco({"a.png": [("cat", 1, 1, 5, 5)]}))
    assert not looks_like_pictures(placed), "there are boxes in them"
    with pytest.raises(DataError, match="does not exist"):
        looks_like_pictures(tmp_path / "gone")


def test_folders_and_tables_say_the_same(image_folder):
    root = image_folder(per_class=2)
    expected = said(read_pictures(root))
    assert expected[0] == ("circle/circle_000.png", "circle")
    assert len(expected) == 6
    absolute = said(read_pictures(table(root, f"{root}/")))
    assert [(name.removeprefix(f"{root}/"), label) for name, label in absolute] == expected
    table(root).to_csv(root / "list.csv", index=False)
    assert said(read_pictures(root / "list.csv")) == expected
    (root / "list.csv").unlink()
    write(root / "notes/about.txt", "no class")
    assert said(read_pictures(root)) == expected


def test_a_heap_is_every_picture_without_a_label(image_folder):
    root = image_folder(per_class=2)
    write(root / "notes/about.txt", "no picture")
    listing = read_picture_heap(root)
    assert len(listing.rows) == 6
    assert {row.label for row in listing.rows} == {""}


@pytest.mark.parametrize("read", [read_pictures, read_picture_heap])
def test_the_wrong_modality_is_refused_with_what_was_found(read, tmp_path):
    with pytest.raises(DataError, match=r"expected images, but .* only \.txt") as caught:
        read(write_texts(tmp_path))
    assert "--task" in caught.value.hint


@pytest.mark.parametrize("read", [read_pictures, read_picture_heap])
def test_an_empty_folder_is_called_empty(read, tmp_path):
    with pytest.raises(DataError, match="is empty"):
        read(tmp_path)


def test_archives_are_read_where_no_picture_lies_beside_them(image_folder, tmp_path):
    files = sorted(image_folder(per_class=2).rglob("*.png"))
    members = []
    for number, file in enumerate(files):
        members += [(f"{number}.png", file.read_bytes()), (f"{number}.cls", file.parent.name.encode())]
    root = tmp_path / "tars"
    root.mkdir()
    write_tar(root / "0.tar", members)
    assert looks_like_pictures(root)
    assert said(read_pictures(root)) == [(f"0.tar/{n}.png", file.parent.name) for n, file in enumerate(files)]
    assert len(read_picture_heap(root).rows) == len(files)
    (root / "beside.png").write_bytes(files[0].read_bytes())
    assert [row.name for row in read_picture_heap(root).rows] == ["beside.png"]
