"""The time of a run and of its parts, and where its seeds come from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.runs import RunFolder
from headstart.runtime import Clock, Silent, derive
from headstart.settings import Settings
from headstart.spoken import Terminal
from headstart.story import Run


@pytest.fixture
def started(tmp_path):
    """`started(minutes)`: a run of seed 3 that has not done anything."""
    return lambda minutes=None: Run(
        Settings("photos", seed=3), RunFolder(tmp_path, {"a": 1}), Clock(minutes), Silent()
    )


def test_a_stage_that_comes_twice_takes_as_long_as_both(started, monkeypatch):
    run = started()
    times = iter([0.0, 2.0, 5.0, 6.0])
    monkeypatch.setattr(Clock, "elapsed", lambda _: next(times))
    for _ in range(2):
        with run.timed("adapt"):
            pass
    assert run.seconds == {"adapt": 3.0}


def test_a_share_has_a_budget_of_its_own_and_one_account_with_the_whole(started):
    run = started(10.0)
    share = run.share(5)
    assert (run.clock.budget, share.clock.budget) == (600.0, 120.0)
    with share.timed("rank"):
        pass
    share.plans["tiny"] = {"seeds": 2}
    assert run.seconds.keys() == {"rank"}
    assert run.plans == {"tiny": {"seeds": 2}}
    assert started().share(5).clock.left() == float("inf")


def test_a_fold_draws_and_writes_apart_from_the_others(started):
    run = started(10.0)
    first, second = (run.part(number, 3) for number in range(2))
    assert len({run.settings.seed, first.settings.seed, second.settings.seed}) == 3
    assert 0 <= first.settings.seed < 2**31
    assert first.folder.work.is_dir()
    assert first.folder.path != second.folder.path
    assert first.folder.path.is_relative_to(run.folder.work)
    assert first.clock.minutes == pytest.approx(10 / 3)


def test_seeds_are_derived_by_purpose(started):
    run = started()
    assert run.seed("arm", 1) == derive(3, "arm", 1) != run.seed("arm", 2)


def test_a_stage_is_told_when_it_begins_and_once(started, capsys):
    run = replace(started(), reporter=Terminal())
    for stage in ("rank", "plan", "rank", "ship"):
        with run.timed(stage):
            pass
    assert capsys.readouterr().err == "stage 2 of 5: rank\nstage 5 of 5: ship\n"
