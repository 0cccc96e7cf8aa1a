"""Lists beside class folders say the splits where they name the files; else they are told."""

from pathlib import Path

import pytest

from headstart.data.folders.class_folders import read_class_folders
from headstart.data.folders.split_lists import list_split, read_lists
from headstart.data.reading import PLAIN

LABELS = ("cat", "dog")


@pytest.fixture
def read(tmp_path):
    """`read({"train.txt": lines})` is the listing of ten pictures of two classes with these lists."""

    def write(lists, home="images/"):
        for label in LABELS:
            for number in range(5):
                path = tmp_path / f"{home}{label}/{label} ({number}).png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        for name, lines in lists.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("\n".join(lines))
        return read_class_folders(tmp_path, PLAIN, lambda path: path.suffix == ".png")

    return write


def named(pattern, numbers):
    return [pattern.format(label=label, number=number) for label in LABELS for number in numbers]


def splits(listing):
    return {row.name.rpartition("(")[2][0]: row.split for row in listing.rows}


@pytest.mark.parametrize(
    "pattern",
    [
        "{label}/{label} ({number})",
        "{label}/{label} ({number}).png",
        "images/{label}/{label} ({number}).png",
        "./{label}\\{label} ({number}).jpg",
        "{label} ({number})",
        "{label}/{label} ({number}).png 7",
        "{label}/{label} ({number}).png,{label}",
    ],
)
@pytest.mark.parametrize("folder", ["", "meta/"])
def test_lists_say_the_splits(read, pattern, folder):
    lists = {f"{folder}train.txt": named(pattern, range(3)), f"{folder}test.txt": named(pattern, [3, 4])}
    listing = read(lists)
    assert splits(listing) == dict(zip("01234", ["train"] * 3 + ["test"] * 2, strict=True))
    assert listing.layout == "class folders, with the splits of test.txt, train.txt"


def test_what_no_list_names_is_for_training_where_there_is_no_list_of_it(read):
    pattern = "{label}/{label} ({number}).png"
    lists = {"validation_list.txt": named(pattern, [0]), "testing_list.txt": named(pattern, [1, 2])}
    found = splits(read(lists, home=""))
    assert found == {"0": "validation", "1": "test", "2": "test", "3": "train", "4": "train"}


def test_what_no_list_names_is_left_out_where_there_is_one_of_training(read):
    listing = read(
        {"train.txt": named("{label} ({number})", [0, 1]), "test.txt": named("{label} ({number})", [2])}
    )
    assert set(splits(listing)) == {"0", "1", "2"}
    assert [item.reason for item in listing.dropped] == ["in none of test.txt, train.txt"] * 4


@pytest.mark.parametrize(
    "lists",
    [
        {"train_test_split.txt": ["1 0", "2 1"]},
        {"train.txt": named("{label} ({number})", range(5))},
        {"train.txt": ["7", "8"], "test.txt": ["9"]},
        {"meta/test.txt": named("other/{number}.png", range(9))},
    ],
)
def test_other_lists_are_told(read, lists):
    listing = read(lists)
    assert set(splits(listing).values()) == {None}
    (told,) = [one for one in listing.findings if one.kind == "not_read"]
    assert told.items == tuple(sorted(lists, reverse=len(lists) == 1))


def test_other_texts_say_nothing(read):
    assert [one.kind for one in read({"readme.txt": ["cat"], "classes.txt": LABELS}).findings] == ["folders"]


def test_a_name_in_two_lists_is_for_test(tmp_path):
    for name, text in (("train.txt", "a\nb"), ("test.txt", "b\nc")):
        (tmp_path / name).write_text(text)
    found = read_lists(sorted(tmp_path.iterdir()), tmp_path, {"a": "A", "b": "B"})
    assert found.split == {"A": "train", "B": "test"}
    assert [(item.file, item.reason) for item in found.dropped] == [
        ("test.txt line 2", "there is no image c"),
        ("train.txt line 2", "B is in test.txt already"),
    ]


@pytest.mark.parametrize(
    ("name", "split"),
    [("Train.TXT", "train"), ("testing_list.txt", "test"), ("playlist.txt", None), ("test.csv", None)],
)
def test_names_of_lists(name, split):
    assert list_split(Path(name)) == split
