"""stdout carries the result alone; bars are for terminals."""

from __future__ import annotations

import io
import json
import sys

import pytest

from headstart.cli import output


def test_a_table_is_aligned_and_a_gap_is_a_dash(capsys):
    output.table(
        [{"arm": "majority", "value": 0.123456}, {"arm": "x", "value": None}, {"arm": "y", "value": 12}]
    )
    assert capsys.readouterr() == ("arm       value\nmajority  0.1235\nx         -\ny         12\n", "")


def test_a_table_of_nothing_is_nothing(capsys):
    output.table([])
    assert capsys.readouterr() == ("", "")


def test_json_keeps_every_character(capsys):
    output.document({"label": "ñandú"})
    output.line({"label": "蝶"})
    out, err = capsys.readouterr()
    assert "ñandú" in out
    assert out.endswith('{"label": "蝶"}\n')
    assert json.loads(out[: out.index("\n{")]) == {"label": "ñandú"}
    assert err == ""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_json_is_valid_where_the_terminal_is_not_utf_8(monkeypatch, encoding):
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding=encoding))
    output.line({"label": "ñandú 蝶"})
    output.document({"label": "ñandú"})
    sys.stdout.flush()
    first, rest = stream.getvalue().decode("utf-8").split("\n", 1)
    assert json.loads(first) == {"label": "ñandú 蝶"}
    assert json.loads(rest) == {"label": "ñandú"}


def test_a_name_that_has_no_utf_8_is_valid_json_too(capsys):
    output.line({"input": "caf\udce9"})
    assert json.loads(capsys.readouterr().out) == {"input": "caf\udce9"}


def test_a_failure_is_two_lines(capsys):
    output.failure("this\n  went wrong", "do\tthat")
    assert capsys.readouterr() == ("", "error: this went wrong\nhint: do that\n")


def test_notes_go_to_stderr(capsys):
    output.Terminal().note("plan: 6 seeds")
    assert capsys.readouterr() == ("", "plan: 6 seeds\n")


def test_without_a_terminal_there_is_no_bar(capsys):
    assert list(output.Terminal().track(iter("abc"), "reading", 3)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_there_is_a_bar_and_it_ends(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert list(output.Terminal().track(iter("abc"), "reading", 3)) == ["a", "b", "c"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "reading" in err


def test_a_text_is_one_cell_of_one_line():
    assert output.flat("a\tb\r\nc\0d") == "a b  c d"
