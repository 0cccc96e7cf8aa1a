"""A number for each picture: what is read and refused, then a whole run."""

import json

import numpy as np
import pandas as pd
import pytest

import headstart as hs
from headstart import data, tasks
from headstart.errors import DataError
from headstart.shipping.bundles.evaluate import evaluate
from headstart.shipping.bundles.export import export
from headstart.tasks.image_regression import plugin
from pictures import write_folder, write_values
from stories import PLENTY, said, shorten


def test_what_it_fits(tmp_path):
    folder = write_values(tmp_path / "values")
    assert tasks.infer(folder) == tasks.infer(folder / "metadata.csv") == "image_regression"
    assert plugin.reader.claims(write_folder(tmp_path / "classes")) == 0
    assert plugin.reader.claims(pd.DataFrame({"file_name": ["a.png"], "label": ["b"]})) == 0


def test_columns_of_other_names_are_mapped(tmp_path):
    folder = write_values(tmp_path / "values")
    table = pd.read_csv(folder / "metadata.csv").rename(columns={"value": "age"})
    table.to_csv(folder / "metadata.csv", index=False)
    splits = hs.check(folder, task="image_regression", columns={"value": "age"})
    assert splits.examples.answers.min() >= 4
    with pytest.raises(DataError, match="value"):
        data.load(folder, plugin)


def test_values_are_read_as_numbers_and_cut_alike(tmp_path):
    splits = data.load(write_values(tmp_path / "values", 60), plugin)
    right = splits.examples.answers
    assert right.dtype == np.float64
    low, middle, high = (right[rows].mean() for rows in (splits.train, splits.validation, splits.test))
    assert max(low, middle, high) - min(low, middle, high) < 3
    assert {len(splits.test), len(splits.validation)} <= {8, 9, 10}


def test_one_value_for_all_is_refused(tmp_path):
    folder = write_values(tmp_path / "values")
    rows = (folder / "metadata.csv").read_text().splitlines()
    (folder / "metadata.csv").write_text(
        "\n".join([rows[0], *(f"{row.partition(',')[0]},7" for row in rows[1:])])
    )
    with pytest.raises(DataError, match="all training examples have the value 7"):
        data.load(folder, plugin)


@pytest.fixture(scope="module")
def run(tmp_path_factory, tiny_base):
    """The folder of a run, its data, and its result."""
    home = tmp_path_factory.mktemp("run")
    folder = write_values(home / "values", 60)
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        done = said("run", folder, "--base", tiny_base, "--minutes", PLENTY, "--json", "--out", home / "run")
    assert done.code == 0, done.err
    return home / "run", folder, done.json


def test_a_run_compares_the_arms_and_tells_what_labels_were_worth(run):
    folder, _, result = run
    names = [arm["name"] for arm in result["arms"]]
    assert names == ["mean", "raw_pixels", "nearest", "frozen", "finetune", "reinit", "scratch"]
    assert (result["metric"]["name"], result["metric"]["range"]) == ("r2", [None, 1.0])
    values = {arm["name"]: arm["value"] for arm in result["arms"]}
    assert values["mean"] <= 0.01 < 0.9 < values["raw_pixels"]
    assert {"r2", "rmse", "mae"} == result["metrics"].keys() == result["ranges"].keys()
    assert len(result["labels"]["curve"]["frozen"]) > 1
    assert result["abstain"] is None
    assert result["ranking"][0]["scores"] == {}, "one base alone is not scored"
    report = (folder / "report.html").read_text("utf-8")
    assert "Predicted against right values of" in report
    assert "always the mean value of training" in report


def test_the_bundle_says_what_was_measured_and_how_good_it_is_on_other_pictures(run, tmp_path):
    folder, pictures, result = run
    rows = json.loads((folder / "evidence.json").read_text("utf-8"))["predictions"]
    found = list(hs.predict(folder / "bundle", [pictures / row["file"] for row in rows]))
    assert [f"{one['value']:.4g}" for one in found] == [f"{float(row['predicted']):.4g}" for row in rows]
    others = write_values(tmp_path / "others", 20, seed=5)
    record = evaluate(folder / "bundle", others)
    assert record.metric.n == 20
    assert record.metric.value > 0.8
    written = export(folder / "bundle", others)
    assert written["difference"] < 1e-4
