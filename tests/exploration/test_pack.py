"""The bundle of an exploration."""

import csv

import numpy as np
import pytest

import headstart as hs
from headstart.errors import DataError
from pictures import write_folder


def test_it_says_of_what_was_seen_what_the_table_says(explored):
    data, found, _ = explored
    with (found.folder / "table.csv").open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    files = sorted((data / "train" / "square").iterdir())
    records = found.model.predict(files)
    for file, record in zip(files, records, strict=True):
        row = rows[file.relative_to(data).as_posix()]
        assert record["cluster"] == row["cluster"]
        assert record["distance"] == pytest.approx(float(row["distance"]), abs=2e-3)
        assert (record["x"], record["y"]) == pytest.approx((float(row["x"]), float(row["y"])), abs=1e-3)
    assert hs.load(found.folder).labels == ("cluster 1", "cluster 2", "cluster 3")
    assert np.mean([record["unlike"] for record in records]) < 0.2
    assert all(record["unlike"] == (record["far"] > 1) for record in records)


def test_it_exports_to_onnx_and_says_the_same(explored, tmp_path):
    import shutil

    data, found, _ = explored
    shutil.copytree(found.folder / "bundle", tmp_path / "bundle")
    model = hs.load(tmp_path / "bundle")
    before = model.predict([data / "train"])
    record = model.export(data)
    assert record["difference"] < 1e-3
    after = model.predict([data / "train"])
    usable = [(a, b) for a, b in zip(before, after, strict=True) if "error" not in a]
    assert all(a["cluster"] == b["cluster"] for a, b in usable)
    assert all(a["distance"] == pytest.approx(b["distance"], abs=1e-3) for a, b in usable)


def test_labels_cannot_be_compared_with_it(explored):
    data, found, _ = explored
    with pytest.raises(DataError, match="no label is right or wrong"):
        found.model.evaluate(data)


def test_it_is_a_base_for_a_run(explored, tmp_path):
    _, found, _ = explored
    model = hs.adapt(
        write_folder(tmp_path / "p", per_class=6),
        base=found.folder / "bundle",
        strategy="frozen",
        out=tmp_path / "run",
    )
    assert model.labels == ("circle", "square", "triangle")
