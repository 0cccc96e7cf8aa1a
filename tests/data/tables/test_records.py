"""Tables come in a stream, whatever their format; what is wrong with one row is no harm to the others."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.data.tables import delimited
from headstart.data.tables.records import header, records, shown_names
from headstart.errors import DataError

TABLE = pd.DataFrame({"id": [1, 2], "text": ["one, two", 'say "hé"\nnow'], "label": ["a", "b"]})
ROWS = [(1, ("one, two", "a"), None), (2, ('say "hé"\nnow', "b"), None)]


@pytest.fixture(params=["csv", "tsv", "jsonl", "parquet", "CSV", "frame"])
def table(request, tmp_path):
    path = tmp_path / f"table.{request.param}"
    if request.param in ("csv", "CSV"):
        TABLE.to_csv(path, index=False)
    elif request.param == "tsv":
        TABLE.to_csv(path, index=False, sep="\t")
    elif request.param == "jsonl":
        TABLE.to_json(path, orient="records", lines=True)
    elif request.param == "parquet":
        TABLE.to_parquet(path, index=False)
    else:
        return TABLE
    return path


def test_every_format_gives_the_same_rows(table):
    assert header(table) == ["id", "text", "label"]
    assert [tuple(one) for one in records(table, ["text", "label"])] == ROWS


def test_a_csv_may_be_utf_16_or_have_a_mark(tmp_path):
    for encoding in ("utf-16", "utf-8-sig"):
        TABLE.to_csv(tmp_path / "a.csv", index=False, encoding=encoding)
        assert header(tmp_path / "a.csv")[0] == "id"
        assert [tuple(one) for one in records(tmp_path / "a.csv", ["text", "label"])] == ROWS


def test_ragged_rows_have_a_reason_and_blank_lines_do_not_count(tmp_path):
    (tmp_path / "a.csv").write_text("text, label\na,b\n\nc\nd,e,f\ng,h\n")
    found = list(records(tmp_path / "a.csv", ["label"]))
    assert [(one.number, one.cells) for one in found] == [(1, ("b",)), (2, ()), (3, ()), (4, ("h",))]
    assert [one.reason for one in found[1:3]] == [
        "1 cells where the header has 2",
        "3 cells where the header has 2",
    ]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quote_that_is_not_closed_is_said_with_what_it_took(tmp_path, end):
    path = tmp_path / "a.csv"
    path.write_text('text,label\n"closed\n",a\n' + 'x,"open\ny,b\nz,c' + end)
    one, lost = records(path, ["text", "label"])
    assert one.cells == ("closed\n", "a")
    assert (lost.number, lost.reason) == (2, "a quote is not closed; all is lost from line 4 to 6")
    path.write_text('"text,label\nx,b' + end)
    with pytest.raises(DataError, match="a quote is not closed; all is lost from line 1 to 2"):
        header(path)
    path.write_text('text,label\nend,"end"\n\nx,"b"' + end)
    assert [one.cells for one in records(path, ["label"])] == [("end",), ("b",)]


def test_a_cell_of_a_hundred_million_characters_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "LONGEST_CELL", 1000)
    (tmp_path / "a.csv").write_text("text\n" + '"' + "line\n" * 1000)
    with pytest.raises(DataError, match="field larger than field limit") as caught:
        list(records(tmp_path / "a.csv", ["text"]))
    assert "closes its quotes" in caught.value.hint


def test_lines_that_are_no_objects_are_named_by_their_line(tmp_path):
    deep = "[" * 100_000
    lines = ['{"text": "a"}', "", "[1]", "{oops", deep, "7", '{"label": "b", "text": null}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    assert header(tmp_path / "a.jsonl") == ["text", "label"]
    found = {one.number: one.reason or one.cells for one in records(tmp_path / "a.jsonl", ["text", "label"])}
    assert found == {
        1: ("a", None), 3: "not a JSON object", 4: "not JSON", 5: "not JSON", 6: "not a JSON object",
        7: (None, "b"),
    }  # fmt: skip


def test_a_long_cell_and_a_long_line_are_read(tmp_path):
    long = "x" * 50_000_000
    (tmp_path / "a.csv").write_text(f"text,label\n{long},a\nb,b\n")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": long, "label": "a"}) + '\n{"text": "b"}\n')
    for name in ("a.csv", "a.jsonl"):
        assert [len(one.cells[0]) for one in records(tmp_path / name, ["text"])] == [50_000_000, 1]


def test_a_parquet_text_that_is_no_utf_8_keeps_its_bytes(tmp_path):
    texts = pa.array([b"fine", b"\xff!", None], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": texts, "n": [1, 2, 3]}), tmp_path / "a.parquet")
    assert [one.cells for one in records(tmp_path / "a.parquet", ["n", "text"])] == [
        (1, "fine"), (2, "\udcff!"), (3, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\n\n"),
        ("a.jsonl", b"[1]\n"),
        ("a.jsonl", b""),
        ("a.parquet", b"PAR1"),
        ("b.csv", None),
    ],
)
def test_a_file_without_a_header_to_read_is_an_error(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"`{name}` cannot be read as {name[2:]}") as caught:
        header(tmp_path / name)
    assert "header" in caught.value.hint


def test_names_in_a_message_are_short_and_printable():
    assert shown_names(["a", "x" * 50, "b\udcff"]) == f"a, {'x' * 40}…, b\ufffd"
