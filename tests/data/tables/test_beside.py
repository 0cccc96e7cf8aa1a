"""Tables beside pictures are read where they have our columns, and known where they name the files."""

import json
import unicodedata
from pathlib import Path

import pytest

from headstart.data.folders.tree import grown
from headstart.data.reading import PLAIN, Reading
from headstart.data.tables.beside import Names, annotation_files, naming, read_beside, tables, told
from headstart.errors import DataError

MAPPED = Reading(columns={"file_name": "id", "label": "breed"})


@pytest.fixture
def pictures(tmp_path):
    """`pictures("train/a.png", …)` writes files, and gives the tree of the folder."""

    def write(*names, **texts):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
        for name, text in texts.items():
            (tmp_path / name.replace("__", "/")).with_suffix(".csv").write_text(text)
        return grown(tmp_path, tmp_path, lambda path: path.suffix == ".png")

    return write


def found(listing):
    return [(row.name, row.label, row.split) for row in listing.rows]


def test_cells_are_paths_names_or_stems(pictures):
    node = pictures(
        "images/a.png", "images/b.png", "c.png", labels="id,breed\nimages/a.png,x\nb,y\nc.png,x\n.\\c,y\n"
    )
    listing = read_beside(node, node.path, MAPPED)
    assert found(listing) == [
        ("images/a.png", "x", None),
        ("images/b.png", "y", None),
        ("c.png", "x", None),
        ("c.png", "y", None),
    ]
    assert listing.layout == "files named in labels.csv"


def test_a_table_means_the_folder_of_its_name(pictures):
    node = pictures(
        "train/1.png", "test/1.png", "test/2.png", train="id,breed\n1,x\n", test="id,breed\n1,y\n2,x\n3,x\n"
    )
    listing = read_beside(node, node.path, MAPPED)
    assert found(listing) == [
        ("test/1.png", "y", "test"),
        ("test/2.png", "x", "test"),
        ("train/1.png", "x", "train"),
    ]
    assert [(item.file, item.reason) for item in listing.dropped] == [("3", "no such file")]


def test_a_name_of_several_files_is_left_out(pictures):
    node = pictures("a/1.png", "b/1.png", labels="file_name,label\n1,x\n")
    (item,) = read_beside(node, node.path, PLAIN).dropped
    assert item.reason == "2 files are called so, such as a/1.png"


def test_nothing_outside_is_named(pictures, tmp_path):
    node = pictures("a/1.png", labels="file_name,label\n../secret,x\n/etc/passwd,y\n")
    listing = read_beside(node, node.path, PLAIN)
    assert listing.rows == ()
    assert {item.reason for item in listing.dropped} == {"no such file"}


def test_several_tables_need_names_of_splits(pictures):
    node = pictures("1.png", one="file_name,label\n1,x\n", two="file_name,label\n1,x\n")
    with pytest.raises(DataError, match="found one.csv, two.csv"):
        read_beside(node, node.path, PLAIN)


def test_no_table_of_ours(pictures):
    node = pictures("1.png", x="id,breed\n1,x\n")
    assert read_beside(node, node.path, PLAIN) is None


def test_the_columns_that_matter_are_found(pictures):
    rows = "".join(f"{name},{number},{'xy'[number % 2]}\n" for number, name in enumerate("abcdef"))
    node = pictures(*(f"images/{name}.png" for name in "abcdef"), images__list=f"id,width,target\n{rows}")
    assert [path.name for path in tables(node, node.path)] == ["list.csv"]
    (one,) = naming(node, node.path)
    assert (one.files, one.label, one.agrees) == ("id", "target", False)
    assert one.mapping == "--columns file_name=id,label=target"
    assert told([one]) == "list.csv has the columns id, width, target"


def test_tables_that_name_no_files_are_none(pictures):
    node = pictures("a/oak.png", x="what,when\nrain,today\n", y="", z="what\n")
    assert naming(node, node.path) == []


def test_annotations_are_known_by_their_beginning(pictures, tmp_path):
    pictures("a/1.png", "boxes/x.json", "boxes/y.json", "deep/er/z.json")
    (tmp_path / "boxes/x.json").write_text('{"images": []}')
    (tmp_path / "b.xml").write_text("<annotation/>")
    node = grown(tmp_path, tmp_path)
    assert [path.name for path in annotation_files(node, tmp_path)] == ["b.xml", "x.json"]


@pytest.mark.parametrize("labels", [("cats", "Dogs"), ("cat", "dog"), ("0", "1")])
def test_labels_that_divide_files_as_folders_do_agree(pictures, labels):
    rows = "".join(
        f"{folder}{number},{labels[folder == 'dogs']}\n" for folder in ("cats", "dogs") for number in range(4)
    )
    names = [f"{folder}/{folder}{number}.png" for folder in ("cats", "dogs") for number in range(4)]
    node = pictures(*names, labels=f"id,label\n{rows}")
    assert [one.agrees for one in naming(node, node.path)] == [True]


def test_samples_of_submissions_are_no_labels(pictures):
    table = "file_name,label\n1,x\n"
    node = pictures("train/1.png", train=table, sample_submission=table)
    assert [path.name for path in tables(node, node.path)] == ["train.csv"]
    assert found(read_beside(node, node.path, PLAIN)) == [("train/1.png", "x", None)]


@pytest.mark.parametrize(("written", "there"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_in_another_unicode_form_or_case_are_found(tmp_path, pictures, written, there):
    name = unicodedata.normalize(there, "caf\u00e9/\u00e9t\u00e9.png")
    node = pictures(
        name, "B.PNG.png", labels=f"id,breed\n{unicodedata.normalize(written, name)},x\nb.png.png,y\n"
    )
    listing = read_beside(node, node.path, MAPPED)
    assert [row.label for row in listing.rows] == ["x", "y"]
    assert listing.dropped == ()


def test_a_table_in_json_is_read_where_there_is_no_other(tmp_path, pictures):
    rows = [{"file_name": "a.png", "label": "x"}, {"file_name": "b.png", "label": "y"}]
    (tmp_path / "labels.json").write_text(json.dumps(rows))
    node = pictures("images/a.png", "images/b.png")
    assert [row.label for row in read_beside(node, node.path, PLAIN).rows] == ["x", "y"]


def test_a_table_may_end_in_metadata_but_the_metadata_file_is_read_elsewhere(tmp_path, pictures):
    node = pictures("part_1/1.png", "part_2/2.png", HAM_metadata="id,breed\n1,x\n2,y\n", metadata="a,b\n")
    assert [path.name for path in tables(node, node.path)] == ["HAM_metadata.csv"]
    assert [row.label for row in read_beside(node, node.path, MAPPED).rows] == ["x", "y"]


def test_tables_may_differ_in_the_split_alone(pictures):
    both = {"face_label_train": "id,breed\n1,x\n", "face_label_val": "id,breed\n2,y\n"}
    node = pictures("train/1.png", "val/2.png", **both)
    assert found(read_beside(node, node.path, MAPPED)) == [
        ("train/1.png", "x", "train"),
        ("val/2.png", "y", "validation"),
    ]


def test_a_table_without_a_header_is_said():
    one = Names(Path("labels.csv"), ("img_0.jpg", "cat"), "img_0.jpg", "cat", False, headless=True)
    assert one.advice == "labels.csv has no header: add a first line that names the columns, file_name,label"


def test_a_file_name_as_a_header_is_seen(pictures):
    node = pictures("a/1.png", "a/2.png", "a/image.png", x="1.png,cat\n2.png,dog\n", y="image,cat\n1,x\n")
    assert [one.headless for one in naming(node, node.path)] == [True, False]
    with pytest.raises(DataError, match="x.csv has no header: its first line names a file, 1.png"):
        read_beside(node, node.path, Reading(columns={"file_name": "1.png", "label": "cat"}))


def test_advice_fits_what_a_table_holds(pictures):
    rows = "".join(f"{n},{n % 2},{1 - n % 2}\n" for n in range(6))
    tags = "".join(f"{n},{'ab'[n % 2]}\n" for n in range(6))
    node = pictures(*(f"a/{n}.png" for n in range(6)), hot=f"id,rust,scab\n{rows}", tags=f"id,tags\n{tags}")
    hot, plural = naming(node, node.path)
    assert hot.advice == (
        "hot.csv has a column of 0 and 1 for each label (rust, scab): write one column label instead"
    )
    assert plural.advice == (
        "--columns file_name=id,label=tags reads tags.csv, if `tags` holds one label a picture: several are "
        "not learned"
    )


def test_paths_of_another_machine_are_found_by_their_name(pictures):
    rows = "/kaggle/input/1.png,x\nC:\\data\\2.png,y\n/kaggle/3.png,x\n/kaggle/9.png,x\nelse/1.png,x\n"
    node = pictures("a/1.png", "a/2.png", "a/3.png", "b/3.png", labels=f"id,breed\n{rows}")
    listing = read_beside(node, node.path, MAPPED)
    assert [row.name for row in listing.rows] == ["a/1.png", "a/2.png"]
    assert [one.reason for one in listing.dropped] == ["no such file"] * 3
    assert [one.message for one in listing.findings if one.kind == "found_files"] == [
        "2 cells of labels.csv are paths of another machine: the only file of that name is meant"
    ]
