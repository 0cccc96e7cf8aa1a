"""Several labels for each picture, or none: what is read and refused, then a whole run."""

import pandas as pd
import pytest

import headstart as hs
from headstart import data, tasks
from headstart.errors import DataError
from headstart.tasks.multilabel_image_classification import plugin
from pictures import write_folder, write_label_sets
from stories import PLENTY, said, shorten


def as_columns(folder):
    """The table of a folder with a column for each label."""
    table = pd.read_csv(folder / "metadata.csv", keep_default_na=False)
    return table[["file_name"]].assign(
        **{name: [int(name in cell.split("|")) for cell in table["labels"]] for name in ("left", "right")}
    )


def test_what_it_fits(tmp_path):
    folder = write_label_sets(tmp_path / "sets")
    assert tasks.infer(folder) == "multilabel_image_classification"
    assert plugin.reader.claims(write_folder(tmp_path / "classes")) == 0


def test_a_column_of_labels_lists_and_a_column_for_each_are_read_alike(tmp_path):
    folder = write_label_sets(tmp_path / "sets", 24)
    by_name = {}
    for kind in ("column", "lists", "columns"):
        if kind == "lists":
            table = pd.read_csv(folder / "metadata.csv", keep_default_na=False)
            lists = [cell.split("|") if cell else [] for cell in table["labels"]]
            table.assign(labels=lists).to_json(folder / "metadata.jsonl", orient="records", lines=True)
            (folder / "metadata.csv").rename(tmp_path / "kept.csv")
        if kind == "columns":
            (folder / "metadata.jsonl").unlink()
            (tmp_path / "kept.csv").rename(folder / "metadata.csv")
            as_columns(folder).to_csv(folder / "metadata.csv", index=False)
        examples = data.load(folder, plugin).examples
        assert examples.categories == ("left", "right")
        by_name[kind] = dict(zip(examples.names, examples.answers, strict=True))
    assert by_name["column"] == by_name["lists"] == by_name["columns"]
    assert by_name["column"]["003.png"] == "left|right"


def test_pictures_without_any_label_are_refused(tmp_path):
    folder = write_label_sets(tmp_path / "sets")
    table = pd.read_csv(folder / "metadata.csv").assign(labels="")
    table.to_csv(folder / "metadata.csv", index=False)
    with pytest.raises(DataError, match="none of the 12 pictures has a label"):
        plugin.reader.read(folder)


def test_a_run_compares_the_arms_and_its_bundle_says_labels(tmp_path, tiny_base):
    folder = write_label_sets(tmp_path / "sets", 48)
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        words = ("--strategy", "frozen", "--minutes", PLENTY, "--json", "--out", tmp_path / "run")
        done = said("run", folder, "--base", tiny_base, *words)
    assert done.code == 0, done.err
    names = [arm["name"] for arm in done.json["arms"]]
    assert names == ["majority_labels", "nearest", "frozen", "scratch"]
    assert done.json["metric"]["name"] == "micro_f1"
    assert done.json["data"]["labels"] == ["left", "right"]
    (record,) = hs.predict(tmp_path / "run" / "bundle", [folder / "003.png"])
    assert record["probabilities"].keys() == {"left", "right"}
    assert "left" in (tmp_path / "run" / "report.html").read_text("utf-8")
