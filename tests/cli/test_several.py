"""Runs of more than one data set: what is printed, and when the exit code says that the gain is missing."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer import BadParameter

from headstart import adapted, api
from headstart.cli.several import is_across, run_across, run_several
from headstart.settings import Settings
from pictures import write_folder


def target(call):
    return SimpleNamespace(verdict=SimpleNamespace(call=call))


@pytest.mark.parametrize(
    ("calls", "required", "code"),
    [(["helps", "helps"], True, 0), (["helps", "undecided"], True, 3), (["hurts"], False, 0)],
)
def test_the_gain_that_is_required_is_that_of_each_target(calls, required, code, monkeypatch, capsys):
    shared = SimpleNamespace(targets=[target(call) for call in calls])
    result = SimpleNamespace(shared=shared, record={"calls": calls}, folder=Path("runs"))
    monkeypatch.setattr(api, "run_several", lambda data, asked, reporter: result)
    assert run_several([Path("a"), Path("b")], None, required, json=True) == code
    assert json.loads(capsys.readouterr().out) == {"calls": calls}


@pytest.mark.parametrize(("call", "required", "code"), [("helps", True, 0), ("undecided", True, 3)])
def test_so_it_is_across_domains(call, required, code, monkeypatch, capsys):
    result = SimpleNamespace(outcome=target(call), record={"call": call}, folder=Path("runs"))
    monkeypatch.setattr(adapted, "run_across", lambda target, labelled, asked, reporter: result)
    assert run_across(Path("target"), None, None, required, json=True) == code
    assert json.loads(capsys.readouterr().out) == {"call": call}


def test_a_target_is_named_or_lies_beside_its_source(tmp_path):
    asked, target = Settings(None), tmp_path / "target"
    for side in ("source", "target"):
        write_folder(tmp_path / "both" / side, per_class=2)
    assert is_across([tmp_path], target, asked)
    assert is_across([tmp_path / "both"], None, asked)
    assert not is_across([tmp_path / "both" / "source"], None, asked)
    assert not is_across([tmp_path / "a", tmp_path / "b"], None, asked)
    with pytest.raises(BadParameter, match="one source"):
        is_across([tmp_path / "a", tmp_path / "b"], target, asked)
