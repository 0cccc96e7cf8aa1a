"""A task is inferred where exactly one fits."""

import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from headstart import tasks
from headstart.data.reading import Reading
from headstart.errors import ContractError, DataError


def test_class_folders_of_images_are_image_classification(image_folder):
    assert tasks.infer(image_folder()) == "image_classification"
    assert tasks.infer(pd.DataFrame({"file_name": ["a.png"], "label": ["a"]})) == "image_classification"


def test_data_that_fits_no_task_says_what_was_seen(tmp_path):
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(DataError, match=r"it holds \.txt") as caught:
        tasks.infer(tmp_path)
    assert "image_classification" in caught.value.hint
    with pytest.raises(DataError, match="its columns are: text"):
        tasks.infer(pd.DataFrame({"text": ["a"]}))


def test_texts_without_labels_are_told_where_labels_are_not_needed(tmp_path):
    (tmp_path / "a.txt").write_text("words")
    assert tasks.infer(tmp_path, unlabelled=True) == "text_classification"
    assert tasks.infer(pd.DataFrame({"text": ["a"]}), unlabelled=True) == "text_classification"
    (tmp_path / "b.csv").write_text("name,price\nx,1\n")
    with pytest.raises(DataError, match="no task fits"):
        tasks.infer(tmp_path, unlabelled=True)


def test_data_that_does_not_exist_and_archives_are_said(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match="does not exist"):
        tasks.infer(tmp_path / "gone")
    with pytest.raises(DataError, match="archive"):
        tasks.infer(tmp_path / "a.zip")


def test_data_that_fits_several_tasks_must_be_told(image_folder, monkeypatch):
    fitting = SimpleNamespace(reader=SimpleNamespace(claims=lambda data, reading: True))
    monkeypatch.setattr(tasks.registry, "names", lambda _: ["one", "two"])
    monkeypatch.setattr(tasks.registry, "get", lambda *_: fitting)
    with pytest.raises(DataError, match="fits several tasks: one, two"):
        tasks.infer(image_folder())


def test_columns_may_have_names_of_their_own(image_folder):
    table = pd.DataFrame({"path": ["a.png"], "kind": ["a"]})
    reading = Reading(columns={"file_name": "path", "label": "kind"})
    assert tasks.infer(table, reading) == "image_classification"
    files = [str(path) for path in sorted(image_folder().rglob("*.png"))[:2]]
    labelled = pd.DataFrame({"path": files, "kind": ["a", "b"]})
    assert tasks.is_labelled(labelled, "image_classification", reading)
    assert not tasks.is_labelled(labelled, "image_classification")


def test_labelled_is_what_has_two_labels(image_folder, tmp_path):
    name = "image_classification"
    assert tasks.is_labelled(photos := image_folder(), name)
    files = [str(path) for path in sorted(photos.rglob("*.png"))[:2]]
    assert tasks.is_labelled(pd.DataFrame({"file_name": files, "label": ["a", "b"]}), name)
    assert not tasks.is_labelled(pd.DataFrame({"file_name": files, "label": ["a", "a"]}), name)
    one = image_folder("one", classes=("all",))
    assert not tasks.is_labelled(one, name)
    for file in one.rglob("*.png"):
        file.rename(one / file.name)
    (one / "all").rmdir()
    assert not tasks.is_labelled(one, name)
    assert not tasks.is_labelled(tmp_path / "gone", name)


def test_the_most_specific_claim_wins(image_folder, tmp_path):
    root = image_folder()
    texts = tmp_path / "texts"
    for label in "ab":
        (texts / label).mkdir(parents=True)
        for number in range(10):
            (texts / label / f"{number}.txt").write_text(f"{label} {number}")
    next(root.rglob("*.png")).rename(texts / "a/logo.png")
    assert tasks.infer(texts) == "text_classification"
    pairs = tmp_path / "pairs"
    pairs.mkdir()
    (root / "circle").rename(pairs / "imgs")
    shutil.copytree(pairs / "imgs", pairs / "masks")
    assert tasks.infer(pairs) == "segmentation"


def test_links_are_named_and_followed(image_folder, tmp_path):
    root = image_folder()
    links = tmp_path / "links"
    links.mkdir()
    for folder in root.iterdir():
        (links / folder.name).symlink_to(folder)
    with pytest.raises(
        DataError, match="3 links that lead outside it, such as circle -> .*circle .--set follow_links=yes"
    ) as caught:
        tasks.infer(links)
    assert "--set follow_links=yes" in caught.value.hint
    follow = Reading(options={"follow_links": "yes"})
    assert tasks.infer(links, follow) == "image_classification"
    assert tasks.is_labelled(links, "image_classification", follow)


def test_every_task_may_be_told_to_follow_links():
    assert all(
        "follow_links" in [one.name for one in tasks.task_named(name).options]
        for name in tasks.registry.names("tasks")
    )


def test_top_folders_are_named_where_nothing_fits(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.xyz").touch()
    (tmp_path / "t.csv").write_text("when,what\n1,2\n")
    with pytest.raises(
        DataError,
        match=r"it holds \.xyz \(1\), \.csv \(1\); folders sub \(1 file\); table t.csv \(when, what\)",
    ):
        tasks.infer(tmp_path)


def test_a_reader_that_stumbles_over_data_of_others_is_named(monkeypatch, image_folder):
    def stumbling(data, reading):
        raise TypeError("a path was expected")

    part = SimpleNamespace(reader=SimpleNamespace(claims=stumbling))
    monkeypatch.setattr(tasks.registry, "names", lambda folder: ["toy"])
    monkeypatch.setattr(tasks.registry, "get", lambda folder, name: part)
    with pytest.raises(ContractError, match="`toy` cannot tell .* a path was expected") as caught:
        tasks.infer(image_folder())
    assert "--task" in caught.value.hint


def test_what_is_tested_is_called_as_people_call_it():
    found = [tasks.unseen_of(name)[1].format(7) for name in ("segmentation", "forecasting", "recommendation")]
    assert found == ["7 new pictures", "the unseen ends of 7 series", "what 7 users took next"]
    assert tasks.unseen_of("nothing of the kind")[0].format(1) == "1 new example"
