"""Python objects of every kind are data, or one error with a hint."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import headstart as hs
from headstart.data.tables.frames import adopted, is_data, is_rows
from headstart.errors import DataError

ROWS = [{"text": f"text number {n}", "label": "ab"[n % 2]} for n in range(24)]
COLUMNS = {"text": [row["text"] for row in ROWS], "label": [row["label"] for row in ROWS]}


class Feature:
    """What `datasets` calls a ClassLabel."""

    names = ("a", "b")


class Dataset:
    """What of a `datasets.Dataset` is used."""

    features = {"text": object(), "label": Feature()}

    def __init__(self, count, start=0):
        self.table = pa.table(
            {"text": [f"text {n + start}" for n in range(count)], "label": [n % 2 for n in range(count)]}
        )

    def __len__(self):
        return len(self.table)

    def with_format(self, kind):
        assert kind == "arrow"
        return self

    def __getitem__(self, key):
        return self.table


class Lazy:
    """What of a `polars.LazyFrame` is used."""

    def collect_schema(self):
        raise AssertionError

    def collect(self):
        return Polars()


class Polars:
    """A table that speaks Arrow, and is no pandas."""

    columns = ("text", "label")

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


class Stream:
    """A `datasets.IterableDataset`."""

    features = None

    def take(self, count):
        raise AssertionError

    def with_format(self, kind):
        raise AssertionError


@pytest.mark.parametrize(
    "data",
    [ROWS, tuple(ROWS), COLUMNS, {"data": ROWS}, {name: np.array(cells) for name, cells in COLUMNS.items()},
     {name: pd.Series(cells) for name, cells in COLUMNS.items()}, pd.DataFrame(ROWS),
     pa.table(COLUMNS), Polars(), Lazy(), Dataset(24)],
)  # fmt: skip
def test_objects_are_read(data):
    splits = hs.check(data)
    assert splits.examples.categories == ("a", "b")
    assert len(splits.examples) == 24


@pytest.mark.parametrize("test", [Dataset(6, 100), ROWS[:6], pd.DataFrame(ROWS[:6]), Polars()])
def test_splits_stay_splits(test):
    frame = adopted({"train": Dataset(24), "test": test})
    assert frame["split"].value_counts()["train"] == 24
    assert set(frame[frame["split"] == "test"]["label"]) == {"a", "b"}
    assert (
        len(
            hs.check(
                {"train": Dataset(24, 1000), "validation": Dataset(6, 100), "test": Dataset(6, 200)}
            ).test
        )
        == 6
    )


def test_a_split_of_another_name_is_said():
    with pytest.raises(DataError, match="the data have the split 'unsupervised'") as caught:
        adopted({"train": Dataset(2), "unsupervised": Dataset(2)})
    assert "train" in caught.value.hint


def test_cells_are_plain_python():
    frame = adopted({"text": ["a"], "labels": [[1, 0]], "n": np.array([1])})
    assert frame["labels"][0] == [1, 0]
    assert type(frame["n"][0]) is int
    assert type(adopted([{"n": np.int64(3)}])["n"][0]) is int


@pytest.mark.parametrize(
    "data",
    [None, 3, 1.5, b"x", np.zeros((3, 3)), [], {}, [1, 2], [["a", "b"]], ["a.csv", "b.csv"], {"text": "a"},
     {"text": []}, {"text": ["a"], "label": []}, (row for row in ROWS), pd.Series(["a"]), Stream(), object(),
     "", "\0", "~nobody/x", "/no/such/place", "x" * 10_000],
)  # fmt: skip
@pytest.mark.parametrize("task", [None, "text_classification", "image_classification"])
def test_anything_else_is_one_error_with_a_hint(data, task):
    with pytest.raises(DataError) as caught:
        hs.check(data, task=task)
    assert caught.value.hint


def test_a_stream_says_how_to_load_it():
    with pytest.raises(DataError, match="stream") as caught:
        adopted(Stream())
    assert "streaming=True" in caught.value.hint


def test_a_list_of_rows_is_one_data_set():
    assert is_rows(ROWS)
    assert not is_rows(["a", "b"])
    assert not is_rows([])
    assert not is_rows(COLUMNS)


def test_arrays_of_several_axes_are_cells_by_the_first():
    pictures = np.zeros((2, 4, 5, 3), np.uint8)
    frame = adopted({"image": pictures, "labels": np.eye(2), "label": np.array([0, 1])})
    assert frame["image"][1].shape == (4, 5, 3)
    assert frame["labels"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert frame["label"].tolist() == [0, 1]


def test_a_cell_may_be_a_dict():
    frame = adopted({"text": ["x", "y"], "labels": [{"a": 1}, {"a": 0}]})
    assert frame["labels"].tolist() == [{"a": 1}, {"a": 0}]


def test_a_reader_of_arrow_is_a_stream_and_is_not_used_up():
    stream = pa.table(COLUMNS).to_reader()
    with pytest.raises(DataError, match="a stream") as caught:
        adopted(stream)
    assert "read_all" in caught.value.hint
    assert stream.read_all().num_rows == len(ROWS)


@pytest.mark.parametrize("data", [ROWS, COLUMNS, pa.table(COLUMNS), Dataset(4)])
def test_tables_of_any_kind_are_known(data):
    assert is_data(data)


@pytest.mark.parametrize("other", ["a", b"a", ["a"], np.zeros((2, 2)), pd.Series(["a"]), None, object()])
def test_what_is_no_table_is_none(other):
    assert not is_data(other)
