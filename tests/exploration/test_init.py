"""A whole exploration: what it writes; neither labels nor the order of files change it."""

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest

import headstart as hs
import languages
import serial
from headstart.errors import DataError, HeadstartError
from headstart.plain import plain
from pictures import write_folder


def test_it_writes_page_table_and_bundle(explored):
    data, found, _ = explored
    told = found.found
    assert plain(told) == json.loads((found.folder / "result.json").read_text())
    assert told.examples == 60
    assert [one.name for one in told.groups] == ["cluster 1", "cluster 2", "cluster 3"]
    assert sum(one.size for one in told.groups) == 60
    assert {item.reason.split(" as ")[0] for item in told.dropped.items} >= {"same content"}
    assert told.dropped.count == 2
    assert "1 files of other kinds were not looked at" in [one.message for one in told.findings]
    assert (found.folder / "report.html").is_file()
    assert told.proof.resamples == 6
    assert set(told.proof.shares) == {told.base.name, "random weights", "raw_pixels"}
    assert told.agreement.labels == 3


def test_the_table_has_a_row_for_each_file_copies_included(explored):
    data, found, _ = explored
    with (found.folder / "table.csv").open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert len(rows) == 61
    (copy,) = (row for row in rows.values() if row["same_as"])
    assert copy["cluster"] == rows[copy["same_as"]]["cluster"]
    assert sorted(int(row["label_first"]) for row in rows.values() if row["label_first"])[:3] == [1, 2, 3]


def test_folders_of_clusters_are_copies(explored):
    data, found, sorted_ = explored
    sizes = [len(list((sorted_ / f"cluster-{n}").iterdir())) for n in (1, 2, 3)]
    assert sizes == [one.size for one in found.found.groups]
    assert len(list(data.rglob("*.png"))) == 62


def test_a_finished_exploration_is_not_written_over(explored, tiny_base):
    data, found, _ = explored
    with pytest.raises(HeadstartError, match="finished run"):
        hs.explore(data, base=str(tiny_base), out=found.folder, proof="no")


def table_of(folder):
    return sorted((row["file"].split("/")[-1], row["cluster"], row["x"]) for row in read(folder))


def read(folder):
    with (folder / "table.csv").open() as file:
        return list(csv.DictReader(file))


def test_labels_and_the_order_of_files_change_nothing(tmp_path, tiny_base):
    """The same pictures in class folders, in one folder under other names, in wrong folders."""
    data = write_folder(tmp_path / "by-class", per_class=9)
    flat, mixed = tmp_path / "flat", tmp_path / "mixed"
    for folder in (flat, mixed / "one", mixed / "two"):
        folder.mkdir(parents=True)
    files = sorted(data.rglob("*.png"))
    for number, file in enumerate(files):
        shutil.copy(file, flat / f"{997 * number % 1000:03}.png")
        shutil.copy(file, mixed / ("one", "two")[number % 2] / file.name)
    runs = {
        name: hs.explore(path, base=str(tiny_base), out=tmp_path / "runs" / name, clusters=3, proof="no")
        for name, path in {"by-class": data, "flat": flat, "mixed": mixed}.items()
    }
    plain_ = [found.found for found in runs.values()]
    assert len({tuple(one.size for one in found.groups) for found in plain_}) == 1
    assert len({found.numbers for found in plain_}) == 1
    assert table_of(runs["by-class"].folder) == table_of(runs["mixed"].folder)
    places = [sorted(row["x"] for row in read(found.folder)) for found in runs.values()]
    assert places[0] == places[1] == places[2]


def test_the_same_seed_gives_the_same_page(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=8)
    pages = [
        hs.explore(data, base=str(tiny_base), out=tmp_path / name, seed=4).folder / "report.html"
        for name in ("one", "two")
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_bases_are_ranked_without_labels(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=8)
    names = sorted([str(tiny_base), "builtin/glyphs"])
    told = hs.explore(data, base=names, out=tmp_path / "run", proof="no").found
    assert sorted(one.base for one in told.bases) == names
    assert told.bases[0].share >= told.bases[1].share
    assert told.base.name == told.bases[0].base


def test_series_are_explored(tmp_path):
    serial.long_table(24, 60).to_csv(tmp_path / "sales.csv", index=False)
    told = hs.explore(tmp_path / "sales.csv", out=tmp_path / "run").found
    assert told.examples == 24
    assert set(told.proof.shares) == {told.base.name, "random weights", "lagged_ridge"}


def test_fewer_than_three_examples_are_refused(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", ["one"], per_class=2)
    with pytest.raises(DataError, match="at least 3"):
        hs.explore(data, base=str(tiny_base), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_three_are_shown_without_a_word_on_groups(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", ["one"], per_class=3)
    told = hs.explore(data, base=str(tiny_base), out=tmp_path / "run").found
    assert told.sentence == "no clear groups in 3 examples: all are in one"
    assert (told.proof, told.map.quality, told.map.method) == (None, None, "pca")


def test_more_clusters_than_examples_are_refused(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=4)
    with pytest.raises(HeadstartError, match="12 examples that differ"):
        hs.explore(data, base=str(tiny_base), out=tmp_path / "run", clusters=40)


def test_a_table_in_memory_of_texts(tmp_path):
    texts = pd.DataFrame(
        {"text": [f"the {word} number {n}" for n in range(7) for word in ("car", "dog", "sun")]}
    )
    base = str(languages.write(tmp_path / "bert", "bert")[0])
    told = hs.explore(texts, base=base, out=tmp_path / "run", clusters=2).found
    assert told.proof.shares.keys() >= {"random weights", "tfidf"}
    assert told.task == "text_classification"
    assert np.sum([one.size for one in told.groups]) == 21
