"""The records say what happened: nothing is rounded into something else, and nothing is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.adaptation import Arm
from headstart.plain import plain
from headstart.shipping.report import record
from told import bench, fitted, splits, story

__all__ = ["bench", "splits", "story"]


def result(story) -> dict:
    """What result.json holds."""
    return plain(record.result(story))


def data_record(splits) -> dict:
    return plain(record.data_record(splits))


def learned(story, value=0.5):
    """The same where training from scratch did better than the most frequent class, clearly."""
    arms = story.verification.arms
    nothing = replace(arms[0], test_scores=np.full((2, 4), value - 0.5))
    scratch = replace(arms[2], test_scores=np.full((2, 4), value) + np.eye(2, 4) * 1e-3)
    return replace(story, verification=replace(story.verification, arms=(nothing, arms[1], scratch)))


def test_the_labels_are_worth_what_the_curves_say(story):
    found = result(learned(story))["labels"]
    assert found["reason"] is None
    assert found["multiplier"] == 2.0
    assert found["censored"] == "at_least"
    assert found["interval"][1] is None, "the curve starts above"
    assert [one["labels"] for one in found["curve"]["frozen"]] == [3, 6]
    assert found["curve"]["scratch"][0]["seeds"] == 2
    assert found["needed"] is None
    assert found["needed_reason"]


def test_no_labels_are_worth_anything_against_a_reference_that_learned_nothing(story):
    found = result(story)["labels"]
    assert (found["multiplier"], found["interval"], found["censored"]) == (None, None, None)
    assert "no better than an answer that is always the same" in found["reason"]
    assert found["needed"] is None
    assert found["curve"]["frozen"], "what was measured is still shown"


def test_what_ships_is_told_with_the_reason(story):
    assert "weights" not in result(story)["chosen"]
    weights = {"what": "seed", "why": "time ended", "seed": 2, "of": 6}
    told = result(replace(story, weights=weights))
    assert told["chosen"]["weights"] == weights
    assert "what ships is seed 2 of 6, because time ended" in told["notes"]
    again = {"what": "refit", "why": "nothing is trained by steps", "seed": None, "of": 6}
    assert not any("what ships" in note for note in result(replace(story, weights=again))["notes"])


def test_one_size_is_no_curve(story):
    curves = story.verification.curves
    single = replace(story.verification, curves=replace(curves, frozen=curves.frozen[-1:]))
    found = result(replace(story, verification=single))
    reason = "there are too few examples of a class to halve them"
    assert found["labels"] == {"multiplier": None, "interval": None, "reason": reason}


def test_abstaining_is_counted_on_the_test_split(story):
    found = result(story)["abstain"]
    assert (found["max_error"], found["threshold"]) == (0.05, 0.6)
    assert 0 <= found["answered"] <= 1


def test_the_data_are_counted_by_class_and_split(splits):
    found = data_record(splits)
    assert found["per_class"] == {
        "ant": {"train": 3, "validation": 1, "test": 2},
        "bee": {"train": 3, "validation": 1, "test": 2},
    }
    assert (found["train"], found["validation"], found["test"]) == (6, 2, 4)
    assert found["dropped"] == {"count": 1, "items": [{"file": "ant/cut.png", "reason": "truncated"}]}
    assert found["findings"][0] == {
        "kind": "leak",
        "count": 1,
        "message": "1 file is a copy",
        "items": ["ant/0.png"],
    }
    assert found["fingerprint"] == "sha256:" + "ab" * 32


def test_a_class_without_examples_in_a_split_is_a_nought(splits):
    found = data_record(splits.but(train=np.array([0, 1, 2])))
    assert found["per_class"]["bee"] == {"train": 0, "validation": 1, "test": 2}


def test_the_result_has_the_numbers_as_they_are(story):
    found = result(story)
    assert found["metric"] == {
        "name": "accuracy",
        "value": 0.5,
        "interval": [0.0, 1.0],
        "higher_is_better": True,
        "range": [0, 1],
        "n": 4,
    }
    assert found["chosen"] == {"base": "tiny", "strategy": "finetune", "arm": "finetune"}
    assert found["verdict"]["interval"] == [0.1, 0.4]
    assert found["verdict"]["sentence"].startswith("Pre-trained weights helped: +25.0 points of accuracy")
    assert found["seconds"] == {"check": 0.12, "total": 9.88}
    assert found["receipt"] == {
        "loaded": [["stem.weight", [4, 3, 3, 3]]],
        "fresh": [],
        "unused": [["fc.bias", [10]]],
        "adapted": [["norm.weight", [4], "sliced from (8,)"]],
        "fraction": 1.0,
    }
    assert found["ranking"][0]["score"] == 0.9


def test_an_arm_says_what_it_was_given(story):
    majority, finetune, _ = result(story)["arms"]
    assert majority["given"] == {}
    assert finetune["given"] == {
        "size": 32,
        "epochs": 3,
        "steps": 27,
        "seconds": 3.0,
        "rate": 3e-4,
        "batch": 16,
        "views": 2,
        "opened": ["top"],
    }
    assert finetune["seeds"] == [0.5, 0.5]
    assert (finetune["value"], finetune["seconds"]) == (0.5, 1.23)
    assert finetune["still_improving"] is False


def test_a_shipped_arm_without_transfer_has_no_strategy_and_a_note(story):
    verification = replace(story.verification, shipped=story.verification.arms[2])
    found = result(replace(story, verification=verification))
    assert found["chosen"] == {"base": "tiny", "strategy": None, "arm": "scratch"}
    assert any("scratch did best on validation" in note for note in found["notes"])


def changed(story: record.Story, name: str, note: str | None = None, **history) -> record.Story:
    """The story with another history of one arm."""
    trained = Arm(name, (fitted(0, **history), fitted(1)), (), note)
    arms = tuple(replace(one, arm=trained) if one.name == name else one for one in story.verification.arms)
    return replace(story, verification=replace(story.verification, arms=arms, shipped=arms[1]))


def test_notes_say_what_makes_the_numbers_weaker(story):
    left_out = "broken was left out of the ranking: its features are not numbers"
    few = "the test split has 4 examples only: --set folds=5 tests each of all examples once"
    assert record.notes(story) == [left_out, "a note", few]
    for enough in (replace(story, folds=3), replace(story, splits=story.splits.but(brought_test=True))):
        assert record.notes(enough) == [left_out, "a note"]
    late = record.notes(changed(story, "scratch", kept=2))
    assert any("scratch was still improving" in note and "1 of its seeds" in note for note in late)
    cut = record.notes(changed(story, "finetune", cut_short=True))
    assert any("finetune was cut short" in note for note in cut)
    short = record.notes(changed(story, "finetune", note="3 of 6 seeds fitted the time"))
    assert "finetune: 3 of 6 seeds fitted the time" in short


def test_a_dull_baseline_that_did_better_and_cannot_ship_is_a_note(story):
    majority, *others = story.verification.arms
    better = replace(majority, validation=0.9, ships=False)
    told = replace(story, verification=replace(story.verification, arms=(better, *others)))
    (note,) = [one for one in record.notes(told) if "majority" in one]
    assert "cannot ship" in note
    assert not [one for one in record.notes(story) if "majority" in one]


def test_the_base_says_what_its_input_size_counts(story):
    assert result(story)["base"]["input_unit"] == "px"
