"""JSON of every usual shape is rows."""

import json

import pytest

from headstart.data.tables.json_tables import objects

ROWS = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]


@pytest.mark.parametrize(
    "found",
    [
        ROWS,
        {"text": ["one", "two"], "label": ["a", "b"]},
        {"data": ROWS},
        {"version": 1, "rows": ROWS},
        {"text": {"0": "one", "1": "two"}, "label": {"0": "a", "1": "b"}},
    ],
)
def test_rows_and_columns_are_read(tmp_path, found):
    (tmp_path / "a.json").write_text(json.dumps(found))
    assert list(objects(tmp_path / "a.json", lines=False)) == [(1, ROWS[0]), (2, ROWS[1])]


def test_rows_a_line_are_read_whatever_the_name(tmp_path):
    (tmp_path / "a.json").write_text("\n\n".join(map(json.dumps, ROWS)))
    for lines in (True, False):
        assert list(objects(tmp_path / "a.json", lines)) == [(1, ROWS[0]), (3, ROWS[1])]


def test_a_row_that_is_no_object_is_said(tmp_path):
    (tmp_path / "a.json").write_text('[{"text": "one"}, 7]')
    assert list(objects(tmp_path / "a.json", lines=False))[1] == (2, "not a JSON object")


@pytest.mark.parametrize("content", ["[1, 2", "7", "{}", '{"a": 1}', '{"a": [1], "b": [1, 2]}', ""])
def test_other_json_is_no_table(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ValueError, match="."):
        list(objects(tmp_path / "a.json", lines=False))


@pytest.mark.parametrize(
    "found",
    [
        {"columns": ["text", "label"], "index": [0, 1], "data": [["one", "a"], ["two", "b"]]},
        {"0": ROWS[0], "1": ROWS[1]},
        {"x": ROWS[0], "y": ROWS[1]},
    ],
)
def test_what_pandas_writes_otherwise_is_read_too(tmp_path, found):
    (tmp_path / "a.json").write_text(json.dumps(found))
    assert [row for _, row in objects(tmp_path / "a.json", lines=False)] == ROWS


def test_lists_that_are_called_like_splits_keep_them(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"train": ROWS[:1], "test": ROWS[1:]}))
    found = [row for _, row in objects(tmp_path / "a.json", lines=False)]
    assert found == [{"split": "train", **ROWS[0]}, {"split": "test", **ROWS[1]}]
    (tmp_path / "a.json").write_text(json.dumps({"images": ROWS[:1], "annotations": ROWS[1:]}))
    with pytest.raises(ValueError, match="expected a list of rows"):
        list(objects(tmp_path / "a.json", lines=False))


def test_one_list_may_be_called_a_file_of_lines(tmp_path):
    rows = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
    for indent in (None, 2):
        (tmp_path / "a.jsonl").write_text(json.dumps(rows, indent=indent))
        assert list(objects(tmp_path / "a.jsonl", True)) == [(1, rows[0]), (2, rows[1])]
    (tmp_path / "b.jsonl").write_text('[1, 2]\n{"text": "one"}\n')  # a line that is none
    assert list(objects(tmp_path / "b.jsonl", True)) == [(1, "not a JSON object"), (2, {"text": "one"})]


def test_lists_of_pairs_by_split(tmp_path):
    (tmp_path / "a.json").write_text(
        json.dumps({"train": [["one", "a"], ["two", "b"]], "val": [["six", "a"]]})
    )
    assert [row for _, row in objects(tmp_path / "a.json", False)] == [
        {"split": "train", "text": "one", "label": "a"},
        {"split": "train", "text": "two", "label": "b"},
        {"split": "val", "text": "six", "label": "a"},
    ]
    (tmp_path / "b.json").write_text(json.dumps({"train": ["a", "b"], "test": ["c", "d"]}))
    assert next(objects(tmp_path / "b.json", False))[1] == {"train": "a", "test": "c"}
