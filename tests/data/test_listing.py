"""Names of splits, hidden files, and what lies outside."""

from pathlib import Path

import pytest

from headstart.data.listing import (
    Listing,
    files,
    is_inside,
    joined,
    shown,
    split_of,
    unusable,
    with_unnamed,
    within,
)
from headstart.types import Dropped, Finding, Row


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("dev", "validation"),
        ("VALID", "validation"),
        ("test", "test"),
        ("tests", None),
        ("trains", None),
        ("training_data", "train"),
        ("Testing", "test"),
        ("val_images", "validation"),
        ("images-train", "train"),
        ("test1", "test"),
        ("train2017", "train"),
        ("device", None),
        ("images", None),
        ("contest", None),
        ("trainer", None),
        ("eval", None),
        ("", None),
    ],
)
def test_names_of_splits(name, split):
    assert split_of(name) == split


def test_a_name_that_is_not_unicode_can_be_shown():
    assert shown(Path("root/a\udcff/b"), Path("root")) == "a\N{REPLACEMENT CHARACTER}/b"


def test_files_skip_what_is_hidden(tmp_path):
    for name in ("b/2", "a", ".hidden/3", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [shown(path, tmp_path) for path in files(tmp_path)] == ["a", "b/2"]


def test_inside_follows_links_and_dots(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "ring").symlink_to(root / "ring")
    (tmp_path / "alias").symlink_to(root)
    assert is_inside(root / "x/../y", root)
    assert is_inside(root / "y", tmp_path / "alias")
    assert not is_inside(root / "../y", root)
    assert not is_inside(root / "x\0", root)
    assert unusable(root / "ring", root) is not None


def test_joined_keeps_rows_and_dropped_in_order():
    row, lost = Row("1", b"", "a"), Dropped("2", "why")
    assert joined([Listing((row,)), Listing((), (lost,)), Listing((row,), (lost,))]) == Listing(
        (row, row), (lost, lost)
    )


def test_joined_keeps_findings_in_order():
    first, second = Finding("names", "a"), Finding("names", "b")
    assert joined([Listing(findings=(first,)), Listing(), Listing(findings=(second,))]).findings == (
        first,
        second,
    )


def test_the_only_folder_is_looked_into(tmp_path):
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "read.me").touch()
    assert within(tmp_path, lambda path: path.name == "b") == tmp_path / "a/b"
    assert within(tmp_path, lambda path: False) == tmp_path
    (tmp_path / "a/other").mkdir()
    assert within(tmp_path, lambda path: path.name == "b") == tmp_path


def test_what_systems_leave_behind_is_hidden(tmp_path):
    for name in ("__MACOSX/x", "desktop.ini", "@eaDir/y", "z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [shown(path, tmp_path) for path in files(tmp_path)] == ["z"]


def test_the_first_layout_of_several_is_that_of_all():
    assert joined([Listing(), Listing(layout="a"), Listing(layout="b")]).layout == "a"


def test_what_no_row_names_is_left_out_each_and_once(tmp_path):
    for name in ("a.wav", "b.wav", "deep/c.wav", "gone.wav", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    rows = (Row("a.wav", tmp_path / "a.wav", "A"), Row("row 7", b"inside the table", "B"))
    listing = Listing(rows, (Dropped("gone.wav", "broken"),))
    found = with_unnamed(listing, tmp_path, lambda path: path.suffix == ".wav")
    assert found.rows == rows
    assert found.dropped == (
        Dropped("gone.wav", "broken"),
        Dropped("b.wav", "no row of a table names it"),
        Dropped("deep/c.wav", "no row of a table names it"),
    )
