"""What was sent becomes inputs by the readers of `predict`, and nothing is left or opened beside it."""

from __future__ import annotations

import tempfile

import pytest

import serial
import tastes
from headstart import registry
from headstart.data.strings import text_of
from headstart.errors import DataError
from headstart.serving.opening import opened
from headstart.serving.refusals import TOO_LARGE, Refused
from headstart.serving.sent import Request, Sent


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where private folders are made; they are gone at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not [*folder.iterdir()]


def inputs(name, *parts, columns=None, most=64):
    return opened(Request(parts, columns or {}), registry.get("tasks", name), most)


def table(text, suffix=".csv", name="mine" + ".csv"):
    return Sent(name, text.encode(), suffix)


def test_texts_and_tables_of_texts():
    found = inputs("text_classification", Sent("a", b"a"), table("text,label\nb,x\nc,y\n"))
    assert [text_of(one.source) for one in found] == ["a", "b", "c"]
    assert [one.name for one in found] == ["a", "mine.csv row 1", "mine.csv row 2"]


def test_columns_have_the_clients_names():
    (one,) = inputs("text_classification", table("qqq\nb\n", name=""), columns={"text": "qqq"})
    assert (one.name, one.source) == ("row 1", b"b")
    with pytest.raises(DataError, match=r"mine\.csv") as refused:
        inputs("text_classification", table("qqq\nb\n"))
    assert "columns" in refused.value.hint
    assert "--columns" not in refused.value.hint
    with pytest.raises(DataError):
        inputs("text_classification", table("qqq\nb\n"), columns={"secret": "qqq"})


def test_series_and_users_come_in_tables(temporary):
    series = inputs("forecasting", table(serial.long_table(3, 40).to_csv(index=False)))
    users = inputs("recommendation", table(tastes.table(5, 4).to_csv(index=False)))
    assert (len(series), len(users)) == (3, 5)
    assert all(one.reason is None and str(temporary) not in one.name for one in [*series, *users])


def test_more_than_the_limit_is_refused():
    rows = "text\n" + "a\n" * 9
    assert len(inputs("text_classification", table(rows), most=9)) == 9
    with pytest.raises(Refused) as refused:
        inputs("text_classification", table(rows), most=8)
    assert refused.value.status == TOO_LARGE


def test_a_table_without_rows_is_refused():
    with pytest.raises(DataError):
        inputs("text_classification", table("text\n"))


def test_no_message_tells_where_it_was_read(temporary):
    for name, text in (
        ("text_classification", 'text\n"a\n'),
        ("forecasting", "a,b\n1\n"),
        ("forecasting", "\0"),
    ):
        try:
            said = " ".join(f"{one.name} {one.reason}" for one in inputs(name, table(text)))
        except DataError as error:
            said = f"{error.message} {error.hint}"
        assert str(temporary) not in said
        assert "headstart-" not in said


def test_a_table_names_no_files(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    for cell in (str(secret), secret.as_uri(), "http://127.0.0.1/x", "-", "table.csv"):
        (one,) = inputs("text_classification", table(f"text\n{cell}\n"))
        assert text_of(one.source) == cell


def test_a_picture_that_is_too_large_is_not_opened():
    (one,) = inputs("image_classification", Sent("a", b"no picture"))
    assert one.reason
