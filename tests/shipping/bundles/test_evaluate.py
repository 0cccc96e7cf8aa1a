"""A bundle is measured on labelled data by the names of the labels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from headstart.data.reading import Reading
from headstart.errors import BundleError, DataError
from headstart.measured import Evaluation
from headstart.plain import plain, read
from headstart.shipping.bundles.evaluate import evaluate
from headstart.types import Dropped


@pytest.fixture
def measured(finished, tmp_path) -> Path:
    """The test split of the finished run as class folders."""
    for row in finished.read("evidence.json")["predictions"]:
        path = tmp_path / "measured" / row["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(finished.data / row["file"], path)
    return tmp_path / "measured"


def moved(folder: Path, split: str) -> Path:
    """The class folders below a split folder."""
    home = folder.with_name(f"{folder.name}-{split}")
    shutil.copytree(folder, home / split)
    return home


def test_the_test_split_of_the_run_gives_the_run_s_own_numbers(finished, measured):
    record, result = evaluate(finished.bundle, measured), finished.read("result.json")
    assert plain(record.metric) | {"range": [0, 1]} == result["metric"]
    assert record.metrics == pytest.approx(result["metrics"], rel=1e-4)
    assert (record.split, record.dropped, record.learned, record.doubt) == (None, (), 0, None)


def test_it_takes_the_test_split_else_validation_else_all(finished, measured):
    both = moved(measured, "test")
    shutil.copytree(measured / "circle", both / "train" / "circle")
    record = evaluate(finished.bundle, both)
    assert record.split == "test"
    assert record.metric.n == finished.read("result.json")["metric"]["n"]
    validation = moved(measured, "valid")
    shutil.copytree(measured / "circle", validation / "train" / "circle")
    assert evaluate(finished.bundle, validation).split == "validation"
    everything = evaluate(finished.bundle, finished.data)
    assert (everything.split, everything.metric.n) == (None, 36)


def test_examples_that_it_was_trained_on_are_counted(finished, measured):
    test = evaluate(finished.bundle, measured).metric.n
    everything = evaluate(finished.bundle, finished.data)
    assert everything.learned == everything.metric.n - test
    assert f"trained on {everything.learned} of the {everything.metric.n} examples" in everything.doubt
    assert everything.doubt in everything._repr_html_()


def test_classes_may_be_missing_but_not_unknown(finished, measured):
    shutil.rmtree(measured / "circle")
    record = evaluate(finished.bundle, measured)
    assert record.metric.n == sum(1 for _ in measured.rglob("*.png"))
    (measured / "square").rename(measured / "hexagon")
    with pytest.raises(DataError, match="hexagon") as caught:
        evaluate(finished.bundle, measured)
    assert "circle, square, triangle" in caught.value.hint


def test_labels_match_by_name_and_not_by_number(finished, measured):
    one = measured / "triangle"
    shutil.rmtree(measured / "circle")
    shutil.rmtree(measured / "square")
    rows = [row for row in finished.read("evidence.json")["predictions"] if row["label"] == "triangle"]
    right = sum(row["predicted"] == "triangle" for row in rows)
    assert one.is_dir()
    assert evaluate(finished.bundle, measured).metric.value == pytest.approx(right / len(rows))


def test_broken_files_are_listed_and_left_out(finished, measured):
    n = sum(1 for _ in measured.rglob("*.png"))
    (measured / "circle" / "text.png").write_text("no picture")
    record = evaluate(finished.bundle, measured)
    assert record.dropped == (Dropped("circle/text.png", "not an image"),)
    assert record.metric.n == n


def test_the_interval_holds_the_value_and_comes_back_from_json(finished, measured):
    record = evaluate(finished.bundle, measured)
    low, high = record.metric.interval
    assert 0 <= low <= record.metric.value <= high <= 1
    assert read(Evaluation, json.loads(json.dumps(plain(record)))) == record


def test_wrong_bundles_and_data_are_refused(finished, tmp_path):
    with pytest.raises(BundleError):
        evaluate(tmp_path, finished.data)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        evaluate(finished.bundle, tmp_path / "empty")
    (tmp_path / "broken" / "circle").mkdir(parents=True)
    (tmp_path / "broken" / "circle" / "one.png").write_text("no picture")
    with pytest.raises(DataError, match="no example"):
        evaluate(finished.bundle, tmp_path / "broken")


def test_examples_of_one_group_are_not_independent(finished, measured):
    files = sorted(path.relative_to(measured).as_posix() for path in measured.rglob("*.png"))
    lines = [f"{name},{Path(name).parent.name},{number % 2}" for number, name in enumerate(files)]
    (measured / "metadata.csv").write_text("\n".join(["file_name,label,patient", *lines]))
    alone = evaluate(finished.bundle, measured).metric
    grouped = evaluate(finished.bundle, measured, Reading("patient")).metric
    assert grouped.value == alone.value
    assert np.ptp(grouped.interval) > np.ptp(alone.interval)
