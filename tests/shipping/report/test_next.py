"""What a report proposes: what decides the verdict first, the model on a page last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report.about import About
from headstart.shipping.report.evidence import Evidence
from headstart.shipping.report.next import Step, steps

ABOUT = About(folder="runs/one", data="my data", minutes=5.0)


def found(result, evidence) -> list[Step]:
    return steps(read(Outcome, result), read(Evidence, evidence), ABOUT)


def first(result, evidence) -> Step:
    return found(result, evidence)[0]


@pytest.fixture
def undecided(result):
    result["verdict"] |= {"call": "undecided", "delta": 0.02, "interval": [-0.02, 0.06], "ended": "seeds"}
    return result


@pytest.mark.parametrize("ended", [{"ended": "time"}, {"seeds": 1}, {"seeds": 4, "ended": "seeds"}])
def test_a_verdict_for_which_time_was_short_takes_three_times_the_minutes(undecided, evidence, ended):
    undecided["verdict"] |= ended
    step = first(undecided, evidence)
    assert step.command == "headstart run 'my data' --minutes 15"
    assert f"sufficed for {undecided['verdict']['seeds']} pair" in step.why


def test_more_time_is_for_the_same_run(undecided, evidence):
    undecided["verdict"] |= {"ended": "time"}
    about = replace(ABOUT, options="--base 'my base' --set horizon=6", minutes=None)
    (step, *_) = steps(read(Outcome, undecided), read(Evidence, evidence), about)
    assert step.command == "headstart run 'my data' --base 'my base' --set horizon=6"


def test_a_verdict_that_examples_decide_says_how_many(undecided, evidence):
    assert "With about 612 instead of 153" in first(undecided, evidence).why
    undecided["verdict"] |= {"delta": -0.02, "interval": [-0.06, 0.02]}
    assert "With about 612 instead of 153" in first(undecided, evidence).why


@pytest.mark.parametrize("delta", [0.0, 0.0001])
def test_a_difference_that_is_hardly_one_is_beyond_numbers(undecided, evidence, delta):
    undecided["verdict"] |= {"delta": delta}
    assert "too small" in first(undecided, evidence).why


def test_what_is_decided_needs_no_more(result, evidence):
    assert "test examples" not in first(result, evidence).what
    result["verdict"] |= {"call": "undecided", "equivalent": True}
    assert first(result, evidence).section == "errors"


def test_a_base_that_hurts_is_to_be_replaced(result, evidence):
    result["verdict"]["call"] = "hurts"
    assert first(result, evidence).command == "headstart rank 'my data'"
    about = replace(ABOUT, reading="--columns text=body")
    step, *_ = steps(read(Outcome, result), read(Evidence, evidence), about)
    assert step.command == "headstart rank 'my data' --columns text=body"
    step, *_ = steps(read(Outcome, result), read(Evidence, evidence), replace(about, ranked=False))
    assert step.command == "headstart bases"


def test_the_pair_that_is_confused_most_is_named(result, evidence):
    evidence["confusion"] = {"labels": ["ants", "bees"], "matrix": [[8, 2], [1, 9]]}
    (step,) = [one for one in found(result, evidence) if one.section == "errors"]
    assert step.why.startswith("“ants” was taken for “bees” 2 times, 20.0")
    evidence["confusion"]["matrix"] = [[10, 0], [0, 10]]
    assert not [one for one in found(result, evidence) if one.section == "errors"]


def test_labels_in_doubt_are_counted(result, evidence):
    evidence["doubts"] = {"examples": 200, "count": 1, "items": []}
    assert first(result, evidence) == Step(
        "Check 1 label in doubt",
        "Of 200 examples that it learns from. Look before you change any.",
        "headstart suggest runs/one",
        "doubts",
    )


@pytest.mark.parametrize(
    ("value", "what"), [(0.99, "Label more: it pays"), (0.93, "Whether more labels pay is not clear")]
)
def test_whether_more_labels_pay_is_read_from_the_curve(result, evidence, value, what):
    result["labels"]["curve"]["frozen"][-1]["value"] = value
    result["labels"]["needed"] = None
    assert what in [step.what for step in found(result, evidence)]


def test_the_model_can_always_be_tried(result):
    result |= {"verdict": None, "labels": {"multiplier": None, "interval": None}}
    again, tried = found(result, {})
    assert (again.what, tried.command) == ("Give it more time", "headstart serve runs/one")
    assert again.command.endswith("--minutes 15")


def test_the_worst_answers_are_shown_where_there_are_no_classes(of_translations):
    assert "answers" in [step.section for step in found(*of_translations)]
