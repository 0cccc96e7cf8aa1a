"""What a run's folder tells beside its result, and that a folder that tells nothing is no error."""

from __future__ import annotations

import json
import os
import re

import pytest

from headstart import registry
from headstart.runtime import Runtime
from headstart.shipping.report.about import MADE, About, about, made


def test_a_folder_tells_data_date_seed_and_machine(tmp_path):
    settings = {"data": "some where/ants", "seed": 3, "minutes": 5.0}
    told = {MADE: {"date": "2026-01-31 12:00 UTC", "machine": "CPU, 2 threads"}, "settings": settings}
    (tmp_path / "settings.json").write_text(json.dumps(told))
    found = about(tmp_path)
    assert found.line == ["2026-01-31 12:00 UTC", "seed 3", "CPU, 2 threads"]
    assert found.name == "ants"
    assert (found.source, found.minutes) == ("'some where/ants'", 5.0)
    assert found.run == tmp_path.as_posix()


def test_options_are_told_as_they_are_typed(tmp_path):
    settings = {
        "task": None,
        "head": "centres",
        "base": ["builtin/vision-s", "my base"],
        "strategy": ["frozen"],
        "columns": {"text": "body"},
        "options": {"horizon": "6"},
        "group": 3,
    }
    (tmp_path / "settings.json").write_text(json.dumps({"settings": settings}))
    reading = "--columns text=body --set horizon=6"
    assert about(tmp_path).reading == reading
    assert about(tmp_path).options == (
        f"{reading} --head centres --base builtin/vision-s --base 'my base' --strategy frozen"
    )


def test_bases_are_ranked_where_a_task_has_classes_or_numbers(tmp_path):
    assert about(tmp_path, "image_classification").ranked
    assert not about(tmp_path, "recommendation").ranked
    assert not about(tmp_path, "object_detection").ranked


def test_the_usual_strategies_need_not_be_typed(tmp_path):
    usual = list(registry.get("tasks", "forecasting").strategies)
    (tmp_path / "settings.json").write_text(json.dumps({"settings": {"strategy": usual}}))
    assert about(tmp_path, "forecasting").options == ""
    assert about(tmp_path, "image_classification").options.count("--strategy") == len(usual)
    assert about(tmp_path, "a task of another installation").options.count("--strategy") == len(usual)


def test_the_minutes_of_the_plan_stand_in_for_those_that_nobody_asked_for(tmp_path):
    told = {"settings": {"minutes": None}, "plan": {"minutes": 4.0}}
    (tmp_path / "settings.json").write_text(json.dumps(told))
    assert about(tmp_path).minutes == 4.0


def test_an_older_run_is_as_old_as_its_evidence(tmp_path):
    (tmp_path / "evidence.json").write_text("{}")
    os.utime(tmp_path / "evidence.json", (0, 0))
    assert about(tmp_path).line == ["1970-01-01 00:00 UTC"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"settings": 1, "made": [], "plan": 2}',
        '{"settings": {"base": 1}}',
        '{"made": {"date": 1}}',
    ],
)
def test_broken_settings_tell_nothing(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    assert about(tmp_path) == About(folder=tmp_path.as_posix())


def test_what_is_written_down_is_the_date_and_the_machine():
    found = made(Runtime(), 2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", found["date"])
    assert found["machine"] == "CPU, 2 threads"
    assert made(Runtime(), 1)["machine"] == "CPU, 1 thread"


def test_without_a_folder_commands_have_words_in_its_place():
    assert (About().run, About().source, About().line) == ("RUN", "DATA", [])
