"""What a request holds is told apart without opening anything."""

from __future__ import annotations

import base64
import json

import pytest

from headstart.data.sent import Sending
from headstart.serving import sent
from headstart.serving.refusals import OTHER_KIND, UNUSABLE, Refused

PICTURES, TEXTS = Sending("picture"), Sending("text", texts=True, rows=True)
TABLES = Sending("table", files=False, rows=True)


def plain(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_body_is_a_file_a_text_or_a_table():
    (picture,) = sent.of_body(b"bytes", "image/png", PICTURES, {}).sent
    (text,) = sent.of_body("größer".encode(), "text/plain", TEXTS, {}).sent
    (table,) = sent.of_body(b"text\na", "text/csv", TABLES, {"y": "v"}).sent
    assert (picture.content, picture.table) == (b"bytes", None)
    assert (text.name, text.content.decode()) == ("größer", "größer")
    assert table.table == ".csv"


@pytest.mark.parametrize(
    ("media_type", "sending"),
    [
        ("text/csv", PICTURES),
        ("text/plain", PICTURES),
        ("image/png", TEXTS),
        ("image/png", TABLES),
        ("", TEXTS),
    ],
)
def test_other_kinds_are_not_taken(media_type, sending):
    with pytest.raises(Refused) as refused:
        sent.of_body(b"x", media_type, sending, {})
    assert refused.value.status == OTHER_KIND


def test_json_holds_texts_rows_or_files():
    texts = sent.of_body(plain({"texts": ["a", "b"]}), sent.JSON, TEXTS, {}).sent
    rows = sent.of_body(plain({"rows": [{"body": "a"}], "columns": {"text": "body"}}), sent.JSON, TEXTS, {})
    file = {"name": "../../x.png", "base64": base64.b64encode(b"p").decode()}
    (picture,) = sent.of_body(plain({"files": [file]}), sent.JSON, PICTURES, {}).sent
    assert [one.content for one in texts] == [b"a", b"b"]
    assert (json.loads(rows.sent[0].content), rows.columns) == ([{"body": "a"}], {"text": "body"})
    assert (picture.name, picture.content) == ("../../x.png", b"p"), "a name is what it is answered under"


@pytest.mark.parametrize(
    ("value", "sending"),
    [
        ([], TEXTS),
        ({}, TEXTS),
        ({"texts": []}, TEXTS),
        ({"texts": "a"}, TEXTS),
        ({"texts": [1]}, TEXTS),
        ({"texts": ["a"], "rows": [{}]}, TEXTS),
        ({"texts": ["a"]}, PICTURES),
        ({"files": [{"name": "a"}]}, PICTURES),
        ({"files": [{"name": "a", "base64": "?"}]}, PICTURES),
        ({"files": [{"name": 1, "base64": "AAAA"}]}, PICTURES),
        ({"rows": ["a"]}, TABLES),
        ({"rows": [{}], "columns": {"y": 1}}, TABLES),
        ({"path": "/etc/passwd"}, PICTURES),
    ],
)
def test_other_json_is_refused(value, sending):
    with pytest.raises(Refused) as refused:
        sent.of_body(plain(value), sent.JSON, sending, {})
    assert refused.value.status == UNUSABLE
    assert refused.value.hint


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff", b"1" * 10_000, b"null"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(Refused):
        sent.of_body(body, sent.JSON, TEXTS, {})


def test_files_of_a_form():
    assert sent.of_file("a.CSV", b"", TEXTS).table == ".csv"
    assert sent.of_file("a.txt", b"", TEXTS).table is None
    assert sent.of_file("a.csv", b"", PICTURES).table is None, "a picture model reads no tables of names"
    assert sent.of_file("a" * 500, b"", PICTURES).name == "a" * sent.LONGEST_NAME
    for name in ("a.parquet", "a.xlsx", "a.csv.gz", "a.zip", None):
        with pytest.raises(Refused):
            sent.of_file(name, b"", TABLES)


def test_half_a_letter_can_be_answered():
    one = sent.text_of(json.loads('"\\ud83d"'))
    one.name.encode()
    with pytest.raises(UnicodeDecodeError):
        one.content.decode()
