"""What is there is listed in 80 columns, and the cache is emptied only by somebody who is sure."""

from __future__ import annotations

import sys

import pytest
from typer import Abort

from headstart.cli import machine
from headstart.errors import SettingsError
from stories import refused, said


def test_bases_fit_a_terminal_of_80_columns(finished):
    table = said("bases").out.split("\n\n")[0].splitlines()
    assert table[0].split() == ["name", "modality", "size", "licence", "here"]
    assert max(map(len, table)) <= 80
    (_, own) = said("bases", "--base", finished.base).out.splitlines()
    assert len(own) <= 80


def test_nobody_to_ask_is_a_no():
    refused(done := said("doctor", "--clear"))
    assert "--yes" in done.err


@pytest.mark.parametrize(("answer", "sure"), [(True, True), (False, False)])
def test_it_asks(monkeypatch, answer, sure):
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"isatty": lambda self: True})())

    def confirm(text, abort, err):
        assert "MB from" in text
        if not answer:
            raise Abort

    monkeypatch.setattr(machine.typer, "confirm", confirm)
    if sure:
        machine.require_sure()
    else:
        with pytest.raises(Abort):
            machine.require_sure()


def test_a_pipe_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"isatty": lambda self: False})())
    with pytest.raises(SettingsError):
        machine.require_sure()
