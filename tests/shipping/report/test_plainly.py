"""A run in one sentence: counts where answers are classes, and what is proven."""

from __future__ import annotations

import pytest

from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report.evidence import Confusion
from headstart.shipping.report.plainly import plainly

PICTURES = "{} new picture", "{} new pictures"
CONFUSION = Confusion(("a", "b"), ((40, 10), (11, 39)))


def told(result, confusion=CONFUSION):
    return plainly(read(Outcome, result), confusion, "accuracy", PICTURES).replace("\N{NO-BREAK SPACE}", " ")


def test_right_answers_are_counted(result):
    assert (
        told(result)
        == "Right on 79 of 100 new pictures; the pre-trained network is worth 31.2 points: proven."
    )


def test_without_classes_the_metric_is_told(result):
    assert told(result, None).startswith("Accuracy 93.4 % on 153 new pictures; ")


def test_a_metric_without_end_has_no_points(result):
    result["metric"] |= {"range": [0.0, None], "higher_is_better": False}
    said = told(result, None)
    assert said.startswith("Accuracy 0.934 (lower is better) on 153 new pictures; ")
    assert "is worth 0.312 in accuracy: proven" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"call": "hurts", "delta": -0.03}, "costs 3.0 points: proven."),
        ({"call": "undecided", "equivalent": True}, "makes no difference worth speaking of: proven."),
        ({"call": "undecided", "delta": 0.001}, "seems to make no difference: not proven."),
        ({"call": "undecided", "delta": 0.02}, "seems to be worth 2.0 points: not proven."),
        ({"call": "undecided", "delta": -0.02}, "seems to cost 2.0 points: not proven."),
        ({"baseline": "alone"}, "the source is worth 31.2 points: proven."),
    ],
)
def test_what_is_proven_is_said(result, changed, said):
    result["verdict"] |= changed
    assert told(result).endswith(said)


def test_what_ships_without_transfer_is_said(result):
    result["chosen"]["strategy"] = None
    assert told(result).endswith("proven, and what ships does without it.")


def test_what_ships_where_the_compared_arm_hurts_is_said(result):
    result["verdict"] |= {"call": "hurts", "delta": -0.03}
    result["chosen"] |= {"strategy": "combination", "arm": "combination"}
    said = told(result)
    assert (
        "the pre-trained network by itself costs 3.0 points: proven, and what ships is combination." in said
    )


def test_no_comparison_is_said(result):
    result["verdict"] = None
    assert told(result).endswith("; nobody compared it with a model that starts from nothing.")


def test_nobody_is_right_in_an_empty_matrix(result):
    assert told(result, Confusion((), ())).startswith("Accuracy 93.4 %")
