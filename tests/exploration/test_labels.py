"""Labels, where somebody asks for them."""

import pandas as pd
import pytest

from headstart.errors import DataError, SettingsError
from headstart.exploration._asked import Asked
from headstart.exploration._begin import begin
from headstart.exploration._labels import labels_of, some
from headstart.runtime import Silent
from pictures import write_folder
from serial import long_table


def read(data, column, **more):
    asked = Asked(data, labels=column, **more)
    begun = begin(asked, Silent())
    return labels_of(begun, asked), begun.splits.examples.names


def test_class_folders(tmp_path, tiny_base):
    labels, names = read(write_folder(tmp_path / "p", per_class=3), "label", base=(str(tiny_base),))
    assert labels == [name.split("/")[0] for name in names]


@pytest.fixture
def texts(tmp_path):
    rows = {"text": [f"text {n}" for n in range(8)], "label": [*"abababab"], "topic": [*"xxxxyyyy"]}
    pd.DataFrame({**rows, "same": "z"}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_any_column_of_a_table(texts):
    labels, names = read(texts, "topic")
    assert labels == ["x" if int(name.split()[-1]) <= 4 else "y" for name in names]
    assert some(labels) == list(range(8))
    assert some(["a", None, "b"]) == [0, 2]


def test_a_column_that_is_not_there_or_says_nothing(texts):
    with pytest.raises(DataError, match="no column `colour`"):
        read(texts, "colour")
    with pytest.raises(DataError, match="no two labels"):
        read(texts, "same")


def test_tasks_without_labels(tmp_path):
    long_table(6, 40).to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(SettingsError, match="no labels to compare with"):
        read(tmp_path / "s.csv", "label")
