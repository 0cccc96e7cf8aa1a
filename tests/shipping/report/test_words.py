"""Numbers as people read them, whatever stands in their place."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from headstart.plain import read
from headstart.records import Curved, Labels, Metric, Needed, Outcome, Weights
from headstart.shipping.report import words
from headstart.shipping.report.words import DASH

NOTHING = (None, float("nan"), float("inf"), "0.5", True, [], {})


@pytest.mark.parametrize("form", [words.percent, words.points, words.plain, words.duration, words.amount])
@pytest.mark.parametrize("value", NOTHING, ids=repr)
def test_what_is_no_number_is_a_dash(form, value):
    assert form(value) == DASH


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (words.percent, 0.934, "93.4\u00a0%"),
        (words.percent, 1, "100.0\u00a0%"),
        (words.percent, -0.05, "\u22125.0\u00a0%"),
        (words.points, 0.312, "+31.2"),
        (words.points, -0.1, "\u221210.0"),
        (words.points, 0, "+0.0"),
        (words.plain, 1234567, "1\u202f234\u202f567"),
        (words.plain, 0.12345678, "0.1235"),
        (words.plain, -3, "\u22123"),
        (words.duration, 3.14, "3.1\u00a0s"),
        (words.duration, 59.96, "1 min 00 s"),
        (words.duration, 140, "2 min 20 s"),
        (words.duration, 3599.6, "1 h 00 min"),
        (words.duration, 3900, "1 h 05 min"),
        (words.duration, 90061, "25 h 01 min"),
        (words.amount, 12, "12"),
        (words.amount, 2_223_872, "2.2 M"),
        (words.amount, 601_620_000, "601.6 M"),
        (words.amount, 8.2e12, "8.2 T"),
    ],
)
def test_a_number_reads_as(form, value, text):
    assert form(value) == text


def test_losses_are_no_percentages():
    assert words.measure("log_loss", 1.5) == "1.5"
    assert words.measure("accuracy", 0.5) == "50.0\u00a0%"


def test_a_span_has_its_unit_once():
    assert words.span([0.88, 0.961]) == "88.0 to 96.1\u00a0%"
    assert words.span([-0.1, 0.2], words.points) == "\u221210.0 to +20.0"
    assert [words.span(wrong) for wrong in (None, [], [0.1], 3)] == [DASH] * 4


def test_one_and_several():
    assert words.several(1, "class", "classes") == "1 class"
    assert words.several(2, "class", "classes") == "2 classes"
    assert words.several(0, "seed") == "0 seeds"


def test_keys_become_labels():
    assert words.spelled("balanced_accuracy") == "balanced accuracy"
    assert words.title("balanced_accuracy") == "Balanced accuracy"
    assert words.title("") == ""
    assert words.capital("mean IoU") == "Mean IoU"
    assert words.capital("chrF") == "chrF", "it has a capital of its own"


@pytest.mark.parametrize(
    ("call", "baseline", "seeds", "opening", "ending"),
    [
        (
            "helps",
            "scratch",
            6,
            "Pre-trained weights helped: ",
            "over training from scratch, 6 paired seeds.",
        ),
        (
            "hurts",
            "reinit",
            3,
            "Pre-trained weights hurt: ",
            "without the pre-trained weights, 3 paired seeds.",
        ),
        ("undecided", "scratch", 1, "No verdict from one pair of trainings: ", ", 1 paired seed."),
    ],
)
def test_the_verdict_is_one_sentence(call, baseline, seeds, opening, ending, result):
    result["verdict"] |= {"call": call, "seeds": seeds, "baseline": baseline}
    text = words.sentence(read(Outcome, result), "macro F1")
    assert text.startswith(opening + "+31.2 points of macro F1 (95\u00a0% interval +27.0 to +35.1)")
    assert text.endswith(ending)


def test_a_result_brings_its_own_sentence_or_has_none(result):
    result["verdict"]["sentence"] = "It helped."
    assert words.sentence(read(Outcome, result), "x") == "It helped."
    assert words.sentence(read(Outcome, result | {"verdict": None}), "x").startswith("No verdict")


def test_a_number_is_a_finite_float():
    assert words.number(1) == 1.0
    assert not any(words.number(value) is not None for value in NOTHING)
    assert math.isclose(words.number(0.5) or 0, 0.5)


CURVED = Curved(3.21, (2.0, 5.5), None, None, {}, None, None)


@pytest.mark.parametrize(
    ("labels", "worth", "sure"),
    [
        (CURVED, "× 3.2", "95\N{NO-BREAK SPACE}% interval × 2 to × 5.5"),
        (
            replace(CURVED, multiplier=14.4, interval=(14.4, None), censored="at_least"),
            "more than ten times",
            "with 97.5\N{NO-BREAK SPACE}% confidence no less than × 14",
        ),
        (
            replace(CURVED, multiplier=0.5, interval=(None, 0.8), censored="at_most"),
            "at most × 0.5",
            "with 97.5\N{NO-BREAK SPACE}% confidence no more than × 0.8",
        ),
        (Labels(None, None, "not measured"), "–", ""),
    ],
)
def test_the_worth_in_labels(labels, worth, sure):
    assert words.worth(labels) == worth
    assert words.sure(labels) == sure


def test_labels_that_would_be_needed():
    said = words.needed(replace(CURVED, needed=Needed(0.95, 640, (410, None))))
    assert "about 640 training labels (410 or far more)" in said
    assert words.needed(CURVED) == ""
    assert "not told: too far" in words.needed(replace(CURVED, needed_reason="too far"))


def test_what_ships_and_why():
    assert words.weights(Weights("refit", "x", None, 6)) == "refitted on training + validation"
    assert words.weights(Weights("seed", "time ended", 3, 6)) == "seed 3 of 6, because time ended"


@pytest.mark.parametrize(
    ("changes", "opening"),
    [
        (
            {"call": "undecided", "equivalent": True},
            "Pre-trained weights made no difference of more than 0.5 points",
        ),
        (
            {"call": "undecided", "seeds": 1},
            "No verdict from one pair of trainings",
        ),
        (
            {"call": "undecided", "seeds": 3},
            "Undecided whether pre-trained weights helped",
        ),
    ],
)
def test_why_a_verdict_is_none(changes, opening, result):
    result["verdict"] |= changes
    assert words.sentence(read(Outcome, result), "accuracy").startswith(opening)


def test_ways_are_counted_without_the_shapes():
    adapted = [
        ["stem", [16, 1, 3, 3], "3 to 1 channels, sliced from (32, 3, 3, 3)"],
        ["norm", [16], "sliced from (32,)"],
        ["last", [8, 16], "sliced from (16, 32)"],
        ["wide", [9], "only the leading part, from (4,)"],
        ["both", [9, 1], "sliced from (4, 2), only the leading part"],
    ]
    assert words.ways(adapted) == (
        "sliced (2); 3 to 1 channels, sliced (1); only the leading part (1); "
        "sliced, only the leading part (1)"
    )
    assert words.ways([]) == ""


def test_texts_are_shortened_to_one_line():
    assert words.shortened("a\n\tb\0c") == "a b c"
    assert words.shortened("abc def", 5) == "abc d …"
    assert words.shortened("👩\u200d👧") == "👩\u200d👧"


def test_no_difference_is_said_in_the_metrics_own_unit(result):
    result["verdict"] |= {"call": "undecided", "equivalent": True, "margin": 0.005}
    assert "no difference of more than 0.5 points" in words.sentence(read(Outcome, result), "accuracy")
    result["metric"] |= {"name": "log_loss", "range": [0, None]}
    assert "no difference of more than 0.005:" in words.sentence(read(Outcome, result), "log loss")


@pytest.mark.parametrize(
    ("delta", "said"), [(0.25, "+0.25 better in R²"), (-0.25, "\N{MINUS SIGN}0.25 (worse) in R²")]
)
def test_a_difference_without_a_unit_says_which_way_it_goes(result, delta, said):
    result["metric"] |= {"name": "r2", "range": [None, 1]}
    result["verdict"] |= {"delta": delta}
    assert said in words.sentence(read(Outcome, result), "R²")


def test_where_a_metric_is_from():
    metric = Metric("accuracy", 0.5, (0.4, 0.6), True, 9)
    assert words.tested(metric) == "on the test split"
    assert words.tested(replace(metric, folds=5)) == "in 5 folds"
