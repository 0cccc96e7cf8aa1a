"""Which folders are classes, splits or groups, and what is told of the others."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.folders.class_folders import read_class_folders, row_of
from headstart.data.reading import PLAIN, Reading
from headstart.errors import DataError, SettingsError


@pytest.fixture
def tree(tmp_path):
    """`tree("a/1.png", …)` writes files; `a/` is an empty folder, `a/*5.png` are five files."""

    def write(*names):
        for name in names:
            folder, _, file = name.rpartition("/")
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            count, suffix = file.removeprefix("*").split(".") if file.startswith("*") else (0, "")
            files = [f"{number}.{suffix}" for number in range(int(count))] or [file] * bool(file)
            for one in files:
                (tmp_path / folder / one).write_text(f"{folder} {one}")
        return tmp_path

    return write


def is_picture(path):
    return path.suffix == ".png"


def found(root, **options):
    listing = read_class_folders(root, Reading(options=options), is_picture)
    return {(row.name.rpartition("/")[0], row.label, row.split) for row in listing.rows}


def told(root, **options):
    listing = read_class_folders(root, Reading(options=options), is_picture)
    return {finding.kind: finding.message for finding in listing.findings}


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("Training", "Testing"),
        ("TRAIN", "TEST"),
        ("Train_set", "test set"),
        ("training_data", "test-data"),
        ("train-images", "test1"),
        ("images_train", "images_test"),
        ("trainset", "testset"),
        ("seg_train", "seg_test"),
        ("asl alphabet train", "asl alphabet test"),
    ],
)
def test_splits_by_their_usual_names(tree, train, test):
    root = tree(*(f"{split}/{label}/1.png" for split in (train, test) for label in "ab"))
    assert found(root) == {
        (f"{folder}/{label}", label, split)
        for folder, split in ((train, "train"), (test, "test"))
        for label in "ab"
    }


def test_one_folder_too_many_is_passed_through_and_told(tree):
    root = tree("archive/data/train/a/1.png", "archive/data/test/b/2.png", "archive/readme.md")
    assert found(root) == {("archive/data/train/a", "a", "train"), ("archive/data/test/b", "b", "test")}
    assert told(root)["folders"] == "all data lie in archive/data, so the folders in it were read"


def test_one_folder_too_many_in_each_split(tree):
    root = tree("seg_train/seg_train/a/1.png", "seg_test/seg_test/a/2.png", "seg_pred/seg_pred/3.png")
    assert found(root) == {("seg_train/seg_train/a", "a", "train"), ("seg_test/seg_test/a", "a", "test")}
    assert "seg_pred (1 file) was not read" in told(root)["not_read"]


def test_class_folders_in_a_folder_of_pictures(tree):
    assert found(tree("images/a/1.png", "images/b/1.png", "readme.md")) == {
        ("images/a", "a", None),
        ("images/b", "b", None),
    }


def test_an_empty_class_beside_the_only_one_is_no_reason_to_look_deeper(tree):
    root = tree("cats/persian/1.png", "cats/siamese/2.png", "dogs/")
    assert {label for _, label, _ in found(root)} == {"cats"}


def test_what_is_said_to_be_a_split_is_one(tree):
    root = tree(*(f"{year}/{label}/1.png" for year in ("2021", "2022") for label in "ab"))
    assert {(label, split) for _, label, split in found(root, splits="2021:train,2022:testing")} == {
        ("a", "train"),
        ("b", "train"),
        ("a", "test"),
        ("b", "test"),
    }
    with pytest.raises(DataError, match=r"no folder 2023 .* it holds .*2021 \(2 files in 2 folders\)"):
        found(root, splits="2023:train")
    with pytest.raises(SettingsError, match="FOLDER:SPLIT"):
        found(root, splits="2021:all")


def test_groups_are_never_torn_apart(tree):
    root = tree(*(f"fold_{number}/{label}/1.png" for number in range(3) for label in "ab"))
    listing = read_class_folders(root, Reading(options={"folders": "groups"}), is_picture)
    assert {(row.group, row.label) for row in listing.rows} == {
        (f"fold_{number}", label) for number in range(3) for label in "ab"
    }
    with pytest.raises(DataError, match="a has no class folders"):
        found(tree("a/1.png"), folders="groups")


def test_splits_in_each_class_folder(tree):
    root = tree("cats/train/1.png", "cats/test/2.png", "dogs/train/3.png", "dogs/Val/4.png")
    assert found(root) == {
        ("cats/train", "cats", "train"),
        ("cats/test", "cats", "test"),
        ("dogs/train", "dogs", "train"),
        ("dogs/Val", "dogs", "validation"),
    }
    assert told(root) == {}


@pytest.mark.parametrize("names", [("train", "cars"), ("test", "cars", "dogs"), ("train", "test", "a", "b")])
def test_classes_may_be_called_like_splits(tree, names):
    root = tree(*(f"{name}/*5.png" for name in names))
    assert {(label, split) for _, label, split in found(root)} == {(name, None) for name in names}
    assert told(root) == {}


def test_a_split_with_a_stranger_beside_that_holds_other_folders_must_be_told(tree):
    root = tree("train/steam/1.png", "train/diesel/1.png", "car/suv/1.png", "car/van/1.png")
    with pytest.raises(DataError, match="train may be a split or a class") as caught:
        found(root)
    assert "--set folders=classes" in caught.value.hint
    assert {label for _, label, _ in found(root, folders="classes")} == {"train", "car"}
    assert {label for _, label, _ in found(root, splits="train:train")} == {"steam", "diesel"}


def test_folders_beside_splits_are_told(tree):
    root = tree("train/a/1.png", "train/b/2.png", "eval/a/3.png", "eval/b/4.png")
    assert told(root)["not_read"] == (
        "eval (2 files) was not read: no split is called so; --set splits=train:train,eval:SPLIT reads it"
    )


def test_a_flat_split_beside_others_is_told(tree):
    root = tree("train/a/1.png", "train/b/2.png", "test/3.png", "test/4.png")
    assert found(root) == {("train/a", "a", "train"), ("train/b", "b", "train")}
    assert told(root)["not_read"] == "test has 2 files, but no class folders: they were not read"


def test_nested_folders_that_become_one_class_are_told_with_counts(tree):
    root = tree("cats/persian/*2.png", "cats/siamese/*3.png", "cats/0.png", "dogs/deep/deeper/1.png")
    assert told(root) == {
        "nested": "cats is one class, with the folders in it: persian 2, siamese 3, directly in it 1"
    }


@pytest.mark.parametrize("name", ["unlabeled", "Unlabelled", "unknown", "un_sorted", "unsup"])
def test_a_folder_of_what_has_no_label_is_told(tree, name):
    assert (
        f"{name} (1 file) is read as a class"
        in told(tree("a/1.png", "b/1.png", f"{name}/1.png"))["unlabelled"]
    )


def test_loose_pictures_and_folders_without_any_are_told(tree):
    root = tree("a/1.png", "b/2.png", "3.png", "readme.md", "docs/guide.pdf", "__MACOSX/a/._1.png")
    assert told(root) == {
        "loose": "1 file beside the class folders has no class: 3.png",
        "not_read": "docs (1 file): no such files as are learned from",
    }
    assert {label for _, label, _ in found(root)} == {"a", "b"}


def test_files_without_folders_say_what_was_seen(tree):
    with pytest.raises(DataError, match=r"no class folders, only files: it holds \.png \(3\)"):
        read_class_folders(tree("*3.png"), PLAIN, is_picture)


def test_a_group_is_a_column(tree):
    with pytest.raises(DataError, match="no column `who`"):
        read_class_folders(tree("a/1.png", "b/1.png"), Reading("who"))


def test_a_file_that_is_gone_is_left_out(tmp_path):
    assert row_of(tmp_path / "a.png", tmp_path, "a", None).dropped[0].reason == "no such file"


def test_metadata_one_folder_deeper_are_read(tree):
    root = tree("archive/images/1.png", "archive/images/2.png")
    (root / "archive/images/metadata.csv").write_text("file_name,label\n1.png,a\n/etc/passwd,b\n")
    listing = read_class_folders(root, PLAIN, is_picture)
    assert [(row.name, row.label) for row in listing.rows] == [("archive/images/1.png", "a")]
    assert listing.layout == "files named in metadata.csv"


def test_metadata_at_the_top_come_first(tree):
    root = tree("images/a/1.png", "images/b/2.png")
    (root / "metadata.csv").write_text("file_name,label\nimages/a/1.png,x\n")
    assert found(root) == {("images/a", "x", None)}


def test_a_table_beside_one_folder_too_many_must_agree(tree):
    root = tree(*(f"data/{label}/{label}{number}.png" for label in "ab" for number in range(4)))
    rows = [f"{label}{number},{number % 2}" for label in "ab" for number in range(4)]
    (root / "labels.csv").write_text("\n".join(["id,label", *rows]))
    with pytest.raises(DataError, match=r"labels.csv has the columns id, label"):
        found(root)
    assert {label for _, label, _ in found(root, folders="classes")} == {"a", "b"}
    mapped = Reading(columns={"file_name": "id", "label": "label"})
    assert {row.label for row in read_class_folders(root, mapped, is_picture).rows} == {"0", "1"}


@pytest.mark.parametrize("options", [{}, {"folders": "classes"}, {"folders": "groups"}])
def test_columns_of_no_table_are_not_ignored(tree, options):
    root = tree("x/a/1.png", "y/b/2.png", "other.csv")
    (root / "other.csv").write_text("name,age\n1.png,3\n")
    reading = Reading(columns={"file_name": "image_id", "label": "dx"}, options=options)
    with pytest.raises(
        DataError, match=r"has the columns image_id and dx; it holds .*other.csv \(name, age\)"
    ):
        read_class_folders(root, reading, is_picture)


def test_columns_of_a_table_that_is_called_otherwise_are_told(tree):
    root = tree("a/1.png", "b/2.png", "sample_submission.csv")
    (root / "sample_submission.csv").write_text("image_id,dx\n1,mel\n2,nv\n")
    reading = Reading(columns={"file_name": "image_id", "label": "dx"})
    with pytest.raises(DataError, match="sample_submission.csv has the columns image_id and dx") as raised:
        read_class_folders(root, reading, is_picture)
    assert raised.value.hint == "call it labels.csv"
    (root / "sample_submission.csv").rename(root / "labels.csv")
    assert {row.label for row in read_class_folders(root, reading, is_picture).rows} == {"mel", "nv"}


def test_a_table_beside_part_folders_says_the_labels(tree):
    root = tree("My_images_part_1/a.png", "My_images_part_2/b.png", "labels.csv")
    (root / "labels.csv").write_text("image,class\na.png,cat\nb.png,dog\n")
    assert {label for _, label, _ in found(root)} == {"cat", "dog"}


def masked(root, *folders):
    """In each folder three pictures and their masks."""
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(3):
            pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{number}.png")
            Image.fromarray(pixels[..., 0] // 128).save(root / folder / f"{number}_mask.png")
    return root


def test_masks_beside_pictures_are_no_examples(tmp_path):
    root = masked(tmp_path, "train/benign", "train/normal", "test/benign", "test/normal")
    listing = read_class_folders(root, PLAIN, is_picture)
    assert sorted({row.source.name for row in listing.rows}) == ["0.png", "1.png", "2.png"]
    (told,) = [one for one in listing.findings if one.kind == "masks"]
    assert told.message.startswith("12 files are masks of pictures beside")
    assert told.items[0] == "test/benign/0_mask.png"


@pytest.mark.parametrize(
    "homes", [("TCGA_CS_1", "TCGA_DU_2"), ("train/patient 1", "train/patient 2", "test/p3", "test/p4")]
)
def test_numbered_folders_of_pictures_with_masks_are_no_classes(tmp_path, homes):
    root = masked(tmp_path, *homes)
    with pytest.raises(DataError, match="are numbered, like patients or films") as raised:
        read_class_folders(root, PLAIN, is_picture)
    assert raised.value.hint.startswith(
        "--task segmentation reads the masks; if the folders are classes, --set"
    )
    if "/" not in homes[0]:
        listing = read_class_folders(root, Reading(options={"folders": "classes"}), is_picture)
        assert len(listing.rows) == 6


def test_grades_with_masks_are_classes(tmp_path):
    assert len(read_class_folders(masked(tmp_path, "grade_1", "grade_2"), PLAIN, is_picture).rows) == 6
