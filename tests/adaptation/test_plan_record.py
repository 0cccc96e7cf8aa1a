"""A plan is said before it starts, comes back from JSON as it was, and shares out the time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benches import Listening
from headstart.adaptation._plan_record import CURVE, RESERVE, SLACK, Plan
from headstart.adaptation.base import Recipe

RECIPES = {
    "frozen": Recipe(size=64),
    "finetune": Recipe(epochs=3, head_epochs=2, size=64, cuts=("layer3", "input"), views=4, rate=0.01),
    "scratch": Recipe(epochs=1, size=32),
}
SECONDS = {"frozen": 1.0, "finetune": 50.0, "reinit": 4.0, "scratch": 9.0}
PLAN = Plan(2.0, 2, 7, 6, RECIPES, "frozen", SECONDS, ("a note",), engines={"abc": "torch"})


@pytest.fixture
def said():
    """`said(plan)`: the lines that it announces."""

    def lines(plan):
        reporter = Listening()
        plan.announce(reporter)
        return reporter.notes

    return lines


def test_what_is_announced(said):
    assert said(PLAN) == [
        "plan: 2 to 6 paired seeds, at most about 1.1 of 2.0 minutes",
        "  frozen: solved, no epochs, about 1 s",
        "  finetune: 5 epochs at 64 px, opens layer3 then input, 4 views, about 50 s",
        "  reinit: solved, no epochs, about 4 s",
        "  scratch: 1 epoch at 32 px, about 9 s",
        "  a note",
    ]


def test_a_head_that_is_trained_is_not_solved(said):
    recipes = {**RECIPES, "frozen": Recipe(head_epochs=8, size=64, views=4)}
    lines = said(replace(PLAN, recipes=recipes, unit="tokens"))
    assert lines[1] == "  frozen: 8 epochs at 64 tokens, about 1 s"
    assert lines[3] == "  reinit: 8 epochs at 64 tokens, about 4 s"


def test_a_learning_curve_has_a_line_of_its_own(said):
    plan = replace(PLAN, seconds={**SECONDS, CURVE: 30.0}, curve_seeds=3)
    assert said(plan)[5] == "  learning curve of scratch: 3 seeds, about 30 s"


def test_it_comes_back_from_json():
    assert Plan.from_json(json.loads(json.dumps(PLAN.as_json()))) == PLAN


def test_an_older_record_without_an_epoch_of_the_head_is_read():
    plain = json.loads(json.dumps(PLAN.as_json()))
    for recipe in plain["recipes"].values():
        del recipe["head_epochs"]
    assert Plan.from_json(plain).recipes["finetune"] == replace(RECIPES["finetune"], head_epochs=0)


def test_time_is_shared_by_what_is_expected_of_what_is_left():
    whole = 64.0 + 4 * SLACK
    assert PLAN.allowance("frozen", whole) == pytest.approx(1 + SLACK)
    assert PLAN.allowance("finetune", whole) == pytest.approx(whole * (50 + SLACK) / (63 + 3 * SLACK))
    assert PLAN.allowance("scratch", 5.0) == 5.0, "the last one has all that is left"


def test_what_no_longer_fits_is_given_up_the_least_wanted_first():
    """First what proves nothing of the base, then what takes longest; what costs nothing stays."""
    seconds = {"frozen": 1.0, "finetune": 80.0, "refine": 40.0, "reinit": 8.0, "scratch": 80.0}
    plan, pending = replace(PLAN, seconds=seconds), ["frozen", "finetune", "refine"]
    enough = sum(map(plan.needed, seconds)) + plan.reserve
    assert plan.given_up(pending, enough + 1, pace=1.0) == []
    assert plan.given_up(pending, enough - 1, pace=1.0) == ["refine"]
    assert plan.given_up(pending, enough + 1, pace=1.15) == ["refine"], "slower than planned"
    assert plan.given_up(pending, enough - plan.needed("refine") - 1, pace=1.0) == ["refine", "finetune"]
    assert plan.given_up(pending, 0.0, pace=1.0) == ["refine", "finetune"]


def test_the_refit_of_the_dearest_arm_and_the_bundle_are_kept_back():
    assert PLAN.reserve == pytest.approx(RESERVE + 50.0 / 8), "of six seeds, a race and a refit"
    assert PLAN.needed("finetune") == pytest.approx(50.0 * 3 / 8), "the race and two seeds"


def test_what_ships_takes_longer_on_a_busy_machine():
    busy = replace(PLAN, shipping=20.0)
    assert busy.reserve - PLAN.reserve == 20.0 - RESERVE
    needed = sum(map(PLAN.needed, ("reinit", "scratch")))
    assert busy.late_for(("reinit", "scratch"), needed + 19)
    assert not PLAN.late_for(("reinit", "scratch"), needed + 19)


def test_an_arm_is_hopeless_where_two_trainings_would_end_later_than_a_run_may():
    seconds = {"frozen": 1.0, "finetune": 80.0, "reinit": 60.0}
    plan = replace(PLAN, seconds=seconds, minutes=2.0)
    late = 2 * 60.0 / plan.seeds + plan.reserve - 0.15 * 120 - 20
    assert plan.decided("reinit") == pytest.approx(late + 0.15 * 120 + 20)
    assert plan.hopeless("reinit", late - 1)
    assert not plan.hopeless("reinit", late + 1)
    assert plan.hopeless("reinit", late + 1, pace=1.5)
    assert not plan.hopeless("finetune", 2 * 80 / (plan.seeds + 2) + plan.reserve - 37), (
        "its race and refit go off"
    )
    assert not plan.hopeless("finetune", float("inf"))


def test_arms_are_late_where_they_end_after_the_time_and_then_nothing_is_kept_back_for_them():
    both = PLAN.needed("reinit") + PLAN.needed("scratch")
    assert PLAN.late_for(("reinit", "scratch"), both + RESERVE - 0.1)
    assert not PLAN.late_for(("reinit", "scratch"), both + RESERVE + 0.1)
    alone = PLAN.without("scratch")
    assert "scratch" not in alone.seconds
    assert PLAN.allowance("reinit", 40.0) < alone.allowance("reinit", 40.0) == pytest.approx(40.0)
