"""The clock of a run and of its parts; what is handed on is looked at in tests/test_pipeline.py."""

from __future__ import annotations

import pytest

from headstart.runtime import Clock, Silent
from headstart.story import Stages


def test_a_stage_that_comes_twice_takes_as_long_as_both(monkeypatch):
    stages = Stages(Clock(), Silent())
    times = iter([0.0, 2.0, 5.0, 6.0])
    monkeypatch.setattr(Clock, "elapsed", lambda _: next(times))
    for _ in range(2):
        with stages.timed("adapt"):
            pass
    assert stages.seconds == {"adapt": 3.0}


def test_a_part_has_a_budget_of_its_own_and_one_account_with_the_whole():
    stages = Stages(Clock(10.0), Silent())
    part = stages.part(2.0)
    assert (stages.clock.budget, part.clock.budget) == (600.0, 120.0)
    with part.timed("rank"):
        pass
    part.plans["tiny"] = {"seeds": 2}
    assert stages.seconds.keys() == {"rank"}
    assert stages.plans == {"tiny": {"seeds": 2}}
    assert stages.part(None).clock.left() == pytest.approx(float("inf"))
