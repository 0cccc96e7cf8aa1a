"""Files are found where a table means them, and nothing outside of its folder is."""

import unicodedata

import numpy as np
import pytest
from PIL import Image

import headstart as hs
from headstart.data.tables.named_files import NamedFiles, path_of


@pytest.fixture
def folder(tmp_path):
    def write(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("cell", "file"),
    [
        ("a/1.png", "a/1.png"),
        ("a\\1.png", "a/1.png"),
        (".\\a\\1.png", "a/1.png"),
        ("1.png", "a/1.png"),
        ("1", "a/1.png"),
        ("C:\\old\\a\\1.png", "a/1.png"),
        ("A/1.PNG", "a/1.png"),
        (unicodedata.normalize("NFD", "h\u00e4s.png"), "h\u00e4s.png"),
        (unicodedata.normalize("NFC", "u\u0308.png"), "u\u0308.png"),
    ],
)
def test_a_file_is_found_as_it_is_meant(folder, cell, file):
    root = folder("a/1.png", "h\u00e4s.png", "u\u0308.png", "table.csv")
    named = NamedFiles(root, root)
    assert named.place("row 1", cell) == (file, root / file, None)
    assert bool(named.findings()) == (cell != file)


def test_several_files_of_a_name_are_none_but_near_the_table(folder):
    root = folder("train/1.png", "test/1.png")
    assert "2 files of that name" in NamedFiles(root, root).place("row", "1.png")[2]
    assert NamedFiles(root, root, "train").place("row", "1.png")[1] == root / "train/1.png"
    assert NamedFiles(root, root).place("row", "x\\test\\1.png")[2] is not None
    assert NamedFiles(root, root).place("row", "test\\1.png")[1] == root / "test/1.png"


@pytest.mark.parametrize("cell", ["../secret.png", "/etc/passwd", "link.png"])
def test_nothing_outside_is_named(folder, tmp_path, cell):
    root = folder("data/1.png", "secret.png") / "data"
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    assert NamedFiles(root, root).place("row", cell)[2] == "leads outside the data folder"
    assert path_of("\ud83d.png").name


@pytest.mark.parametrize("head", ["file_name,label", "image;class", "ID,breed"])
def test_a_table_of_pictures_is_read_alone_and_in_its_folder(tmp_path, head):
    separator = ";" if ";" in head else ","
    draws = np.random.default_rng(0)
    rows = [head]
    (tmp_path / "images").mkdir()
    for number in range(24):
        Image.fromarray(draws.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(
            tmp_path / f"images/p{number}.png"
        )
        name = f"p{number}" if head.startswith("ID") else f"images\\p{number}.png"
        rows.append(f"{name}{separator}{'cat' if number % 2 else 'dog'}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    columns = {"label": "breed"} if "breed" in head else {}
    for data in (tmp_path / "labels.csv", tmp_path):
        splits = hs.check(data, columns=columns)
        assert splits.examples.categories == ("cat", "dog")
        assert len(splits.examples) == 24


def test_a_path_of_another_machine_is_the_only_file_of_its_name(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/2.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    named = NamedFiles(tmp_path, tmp_path)
    assert named.place("row 1", "/kaggle/input/1.png") == ("a/1.png", tmp_path / "a/1.png", None)
    assert named.place("row 2", "/kaggle/input/2.png")[2] == "leads outside the data folder"
    assert named.place("row 3", "/kaggle/input/3.png")[2] == "leads outside the data folder"
    assert [one.items for one in named.findings()] == [("/kaggle/input/1.png as a/1.png",)]
