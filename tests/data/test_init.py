"""The whole stage: what goes in comes out once, in a split or in the list of what was dropped."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from headstart import registry
from headstart.data import Reading, load, load_heap, per_class
from headstart.data.listing import Listing
from headstart.data.reader import Reader
from headstart.data.texts.layouts import read_text_heap, read_texts
from headstart.data.texts.pairs import read_pairs
from headstart.errors import DataError
from headstart.tasks.answers.classes import Classes
from headstart.tasks.answers.label_sets import LabelSets
from headstart.tasks.answers.sentences import Sentences
from headstart.tasks.image_classification import plugin as task
from headstart.tasks.modalities.texts import Texts
from headstart.types import Row
from scenery import WRITE


def texts(answer, read, columns):
    """A task that reads texts so."""
    reader = Reader(columns, (), lambda data, reading: True, read, read_text_heap)
    return SimpleNamespace(reader=reader, modality=Texts(), answer=answer)


LABELLED = texts(Classes(), read_texts, ("text", "label"))
PAIRS = texts(Sentences(), read_pairs, ("source", "target"))


def names(splits, part):
    return {splits.examples.names[i] for i in getattr(splits, part)}


def test_everything_is_in_one_split_or_dropped_with_its_reason(image_folder):
    root = image_folder(per_class=10)
    (root / "circle/broken.png").write_bytes(b"no")
    (root / "square/empty.png").touch()
    shown = []
    splits = load(root, task, progress=lambda title, rows: shown.append((title, len(rows))) or rows)
    parts = [splits.train, splits.validation, splits.test]
    assert sorted(np.concatenate(parts)) == list(range(30))
    assert {one.file: one.reason for one in splits.dropped} == {
        "circle/broken.png": "not an image",
        "square/empty.png": "empty file",
    }
    assert splits.examples.categories == ("circle", "square", "triangle")
    assert not splits.brought_validation
    assert shown == [("reading", 32)]


def test_three_examples_a_class_are_enough(image_folder):
    splits = load(image_folder(per_class=3), task)
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [3, 3, 3]
    assert "few_examples" in {one.kind for one in splits.findings}


def test_two_examples_a_class_are_too_few(image_folder):
    with pytest.raises(DataError, match="too few examples"):
        load(image_folder(per_class=2), task)


def test_the_layout_leaves_no_trace(image_folder, tmp_path):
    root = image_folder(per_class=5, splits=("train", "val", "test"))
    folders = load(root, task)
    rows = [
        (path.relative_to(root).as_posix(), path.parts[-2], path.parts[-3]) for path in root.rglob("*.png")
    ]
    table = pd.DataFrame(rows[::-1], columns=["file_name", "label", "split"])
    frame = load(table.assign(file_name=[str(root / name) for name in table.file_name]), task)
    table.to_csv(root / "metadata.csv", index=False)
    csv = load(root, task)
    for other in (csv, frame):
        assert other.fingerprint == folders.fingerprint
        assert other.examples.digests == folders.examples.digests
        assert np.array_equal(other.examples.answers, folders.examples.answers)
        assert np.array_equal(other.train, folders.train)
    assert csv.examples.names == folders.examples.names
    assert folders.brought_validation


def test_the_fingerprint_changes_with_label_split_group_and_content(image_folder):
    root = image_folder(per_class=6, classes=("a", "b"))
    files = sorted(root.rglob("*.png"))
    table = pd.DataFrame({"file_name": map(str, files), "label": [file.parent.name for file in files]})
    relabelled = table.assign(label=["b", *table.label[1:-1], "a"])
    grouped = table.assign(who=[str(i) for i in range(12)])
    split = table.assign(split=["train", "train", "test"] * 4)
    prints = [load(data, task).fingerprint for data in (table, relabelled, split, table[1:])]
    prints.append(load(grouped, task, reading=Reading("who")).fingerprint)
    assert len(set(prints)) == 5


def test_another_seed_cuts_other_splits_of_the_same_data(image_folder):
    root = image_folder(per_class=10)
    first, other = load(root, task), load(root, task, seed=1)
    assert first.fingerprint == other.fingerprint
    assert names(first, "test") != names(other, "test")
    assert names(first, "test") == names(load(root, task), "test")


def test_a_copy_in_test_is_taken_out_of_training(image_folder):
    root = image_folder(per_class=5, splits=("train", "val", "test"))
    copy = root / "train/circle/copy.png"
    copy.write_bytes((root / "test/circle/circle_000.png").read_bytes())
    splits = load(root, task)
    assert [(one.file, one.reason) for one in splits.dropped] == [
        ("train/circle/copy.png", "duplicate of test/circle/circle_000.png in the test split")
    ]
    assert len(splits.test) == 15
    assert "leak" in {one.kind for one in splits.findings}


def test_groups_reach_the_examples_and_are_not_cut(image_folder):
    root = image_folder(per_class=12)
    files = sorted(root.rglob("*.png"))
    table = pd.DataFrame({"file_name": map(str, files), "label": [file.parent.name for file in files]})
    splits = load(table.assign(who=[i % 9 for i in range(36)]), task, reading=Reading("who"))
    sides = [
        {splits.examples.groups[i] for i in part} for part in (splits.train, splits.validation, splits.test)
    ]
    assert not sides[0] & sides[1]
    assert not sides[2] & (sides[0] | sides[1])
    assert set.union(*sides) == {str(i) for i in range(9)}


def test_files_are_not_changed_and_threads_leave_warning_filters_alone(image_folder):
    import warnings

    root = image_folder()
    before = {path: path.read_bytes() for path in root.rglob("*.png")}
    filters = list(warnings.filters)
    load(root, task)
    assert {path: path.read_bytes() for path in root.rglob("*.png")} == before
    assert warnings.filters == filters


def test_the_stage_imports_no_torch():
    code = "import sys, headstart.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "counts"), [("hymenoptera", (201, 43, 153)), ("trashnet", (480, 146, 170))])
def test_real_folders_keep_their_splits(shared, name, counts):
    splits = load(shared / "data/image_classification" / name, task)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == counts


def test_a_heap_is_for_training_each_content_once_but_for_its_test_split(image_folder):
    root = image_folder(classes=("a",), per_class=4, splits=("train", "validation", "test"))
    (root / "loose.png").write_bytes((root / "train/a/a_001.png").read_bytes())
    (root / "0.png").write_bytes((root / "test/a/a_002.png").read_bytes())
    (root / "broken.png").write_bytes(b"no")
    splits = load_heap(root, task)
    assert {one.file: one.reason for one in splits.dropped}.items() >= {
        "train/a/a_001.png": "same content as loose.png",
        "test/a/a_002.png": "same content as 0.png",
    }.items()
    assert {one.file for one in splits.dropped} == {"broken.png", "train/a/a_001.png", "test/a/a_002.png"}
    assert len(set(splits.examples.digests)) == len(splits.examples) == 12
    assert {name.split("/")[0] for name in names(splits, "train")} == {"train", "validation", "loose.png"}
    assert "train/a/a_001.png" not in names(splits, "train"), "its copy comes first by name"
    assert len(splits.train) == 8
    assert len(splits.validation) == 0
    assert len(splits.test) == 4, "the copy outside of the test split is not trained on either"
    tested = load_heap(root / "test", task)
    assert set(tested.examples.digests) == {splits.examples.digests[row] for row in splits.test}


def test_a_heaps_fingerprint_tells_its_contents_not_its_names(image_folder, tmp_path):
    root = image_folder(per_class=2)
    before = load_heap(root, task).fingerprint
    (root / "circle").rename(root / "other")
    assert load_heap(root, task).fingerprint == before
    next(root.rglob("*.png")).unlink()
    assert load_heap(root, task).fingerprint != before


def test_a_heap_of_fewer_than_two_files_says_what_was_left_out(image_folder):
    root = image_folder(classes=("a",), per_class=1)
    (root / "copy.png").write_bytes((root / "a/a_000.png").read_bytes())
    (root / "broken.png").write_bytes(b"no")
    with pytest.raises(
        DataError, match=r"two different examples, found 1; the first left out: broken\.png"
    ) as caught:
        load_heap(root, task)
    assert caught.value.hint


def test_texts_are_loaded_with_what_says_the_same_on_one_side():
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
    texts = [dress(word) for word in words for dress in (str.upper, "{}!".format, " - {}".format)]
    table = pd.DataFrame({"text": [*texts, "\0", None], "label": ["a", "b", "a"] * 10 + ["a", "b"]})
    splits = load(table, LABELLED)
    assert {one.reason for one in splits.dropped} == {"holds NUL bytes", "no text"}
    side = {}
    for part in ("train", "validation", "test"):
        for index in getattr(splits, part).tolist():
            side.setdefault(splits.examples.copies[index], set()).add(part)
    assert len(side) == 10
    assert all(len(parts) == 1 for parts in side.values())


def test_the_same_text_in_test_is_taken_out_of_training():
    rows = [(f"text {i} {split}", "ab"[i % 2], split) for split in ("train", "val", "test") for i in range(6)]
    table = pd.DataFrame([*rows, ("TEXT 3, test!", "b", "train")], columns=["text", "label", "split"])
    splits = load(table, LABELLED)
    assert [(one.file, one.reason) for one in splits.dropped] == [
        ("row 19", "same text as row 16 in the test split but for case, spaces or punctuation")
    ]
    assert len(splits.test) == 6


def test_pairs_have_no_classes():
    table = pd.DataFrame({"de": [f"Satz {i}" for i in range(20)], "en": [f"line {i}" for i in range(20)]})
    splits = load(table, PAIRS, reading=Reading(columns={"source": "de", "target": "en"}))
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (14, 3, 3)
    assert splits.findings == ()
    examples = splits.examples
    assert {
        source.decode()[5:]: answer[5:]
        for source, answer in zip(examples.sources, examples.answers, strict=True)
    } == {str(i): str(i) for i in range(20)}
    assert per_class(splits) == {"examples": {"train": 14, "validation": 3, "test": 3}}
    one_answer = table.assign(en="the same")
    assert len(load(one_answer, PAIRS, reading=Reading(columns={"source": "de", "target": "en"})).train) == 14


def letters(answers):
    """The splits of three rows of each side, with these sets of letters one after the other."""
    rows = tuple(
        Row(f"{side}{number}", f"{side} {number}".encode(), "|".join(answer), side)
        for side in ("train", "validation", "test")
        for number, answer in enumerate(answers[side])
    )
    return load("", texts(LabelSets(), lambda data, reading: Listing(rows), ()))


def test_what_only_the_test_split_names_is_no_category():
    splits = letters({"train": ["ab", "", "b"], "validation": ["c", "a", "a"], "test": ["z", "az", "a"]})
    assert splits.examples.categories == ("a", "b", "c")
    assert "a|z" in splits.examples.answers, "it is still measured on"
    assert per_class(splits) == {
        "a": {"train": 1, "validation": 2, "test": 2},
        "b": {"train": 2, "validation": 0, "test": 0},
        "c": {"train": 0, "validation": 1, "test": 0},
    }, "an example counts for each of its names"


def test_names_that_no_training_answer_has_are_a_finding():
    sides = {"train": ["ab", "", "b"], "validation": ["c", "a", "a"], "test": ["z", "az", "c"]}
    findings = letters(sides).findings
    assert [(one.kind, one.message, one.items) for one in findings] == [
        ("unlearned", "2 classes are in test examples, but in no training example", ("c: 1", "z: 2")),
        ("unlearned", "1 class is in validation examples, but in no training example", ("c: 1",)),
    ]
    known = {"train": ["ab", "", "b"], "validation": ["a", "b", "a"], "test": ["b", "ab", "a"]}
    assert letters(known).findings == ()


@pytest.mark.parametrize("task", ["object_detection", "segmentation"])
def test_a_class_that_only_test_pictures_show_is_a_finding(task, tmp_path):
    root = WRITE[task](tmp_path / "scenes", {"train": 5, "valid": 3, "test": 4})
    if task == "segmentation":
        for part in ("train", "valid"):
            _without_blue(root / part / "masks")
    else:
        for part in ("train", "valid"):
            path = root / part / "_annotations.coco.json"
            said = json.loads(path.read_text())
            blue = next(one["id"] for one in said["categories"] if one["name"] == "blue")
            said["annotations"] = [one for one in said["annotations"] if one["category_id"] != blue]
            path.write_text(json.dumps(said))
    splits = load(root, registry.get("tasks", task))
    (finding,) = [one for one in splits.findings if one.kind == "unlearned"]
    assert finding.message == "1 class is in test examples, but in no training example"
    name, count = finding.items[0].split(": ")
    answers = splits.examples.answers[splits.test].tolist()
    assert name == "blue"
    assert 0 < int(count) == sum("blue" in answer for answer in answers)


def _without_blue(folder):
    for path in folder.iterdir():
        with Image.open(path) as mask:
            values = np.array(mask)
        Image.fromarray(np.where(values == 1, 0, values).astype(np.uint8)).save(path)


def test_nothing_to_learn_is_said():
    with pytest.raises(DataError, match="nothing to learn"):
        letters({"train": ["", "", ""], "validation": ["", "", ""], "test": ["z", "", ""]})


def test_an_unknown_column_is_refused_before_anything_is_read():
    for verb in (load, load_heap):
        with pytest.raises(DataError, match="this task reads text, label"):
            verb("gone", LABELLED, reading=Reading(columns={"txt": "body"}))


def test_a_heap_of_texts_holds_each_text_once(tmp_path):
    (tmp_path / "train.txt").write_text("one\nOne!\n\ntwo\nthree\n")
    (tmp_path / "test.txt").write_text("THREE\n")
    splits = load_heap(tmp_path, LABELLED)
    assert len(splits.examples) == 3
    assert (len(splits.train), len(splits.test)) == (2, 1)
    left_out = {one.file: one.reason for one in splits.dropped}
    assert left_out.pop("train.txt") == "1 empty line"
    assert len(left_out) == 2, "each text once, and the others listed"
    assert all(
        reason.startswith("same content as ") and reason.endswith(", but for case, spaces or punctuation")
        for reason in left_out.values()
    )


@pytest.mark.realdata
def test_trec6_loses_the_questions_of_its_test_split(shared):
    splits = load(shared / "data/text_classification/trec6", LABELLED)
    assert len(splits.test) == 500
    leaked = [one for one in splits.dropped if "in the test split" in one.reason]
    assert len(leaked) >= 10
    held = {splits.examples.copies[index] for index in splits.test.tolist()}
    learned = np.concatenate([splits.train, splits.validation]).tolist()
    assert not held & {splits.examples.copies[index] for index in learned}


@pytest.mark.realdata
def test_multi30k_has_no_classes(shared):
    reading = Reading(columns={"source": "de", "target": "en"})
    splits = load(shared / "data/translation/multi30k", PAIRS, reading=reading)
    assert len(splits.test) == 2461
    assert splits.brought_validation
    assert len(splits.train) + len(splits.dropped) >= 29000
    assert {one.kind for one in splits.findings} <= {"leak", "duplicates", "several_answers"}


def test_folders_as_groups_are_not_cut(image_folder, tmp_path):
    for number in range(3):
        image_folder(f"all/fold_{number}", seed=number, per_class=4)
    splits = load(tmp_path / "all", task, reading=Reading(options={"folders": "groups"}))
    sides = [
        {splits.examples.groups[row] for row in part}
        for part in (splits.train, splits.validation, splits.test)
    ]
    assert [len(side) for side in sides] == [1, 1, 1]
    assert len(set.union(*sides)) == 3
    assert splits.layout == "groups fold_0, fold_1, fold_2 of class folders"


def test_links_are_followed_where_that_is_asked(image_folder, tmp_path):
    (tmp_path / "links").mkdir()
    for folder in image_folder(per_class=4).iterdir():
        (tmp_path / "links" / folder.name).symlink_to(folder)
    follow = Reading(options={"follow_links": "yes"})
    assert len(load(tmp_path / "links", task, reading=follow).examples) == 12
    assert len(load_heap(tmp_path / "links", task, follow).examples) == 12
    with pytest.raises(DataError, match="links that lead outside"):
        load(tmp_path / "links", task)


def test_a_table_is_what_it_was_read_as(tmp_path):
    rows = [(f"word{number} {label}", label) for label in "ab" for number in range(6)]
    table = pd.DataFrame(rows, columns=["text", "label"])
    assert load(table, LABELLED).layout == "a table"
    table.to_csv(tmp_path / "t.csv")
    assert load(tmp_path / "t.csv", LABELLED).layout == "the table t.csv"
