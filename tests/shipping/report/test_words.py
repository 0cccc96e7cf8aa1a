"""Numbers as people read them, whatever stands in their place."""

from __future__ import annotations

import math

import pytest

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
    assert words.title("balanced_accuracy") == "Balanced accuracy"
    assert words.title("") == ""


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
        ("hurts", "reinit", 3, "Pre-trained weights hurt: ", "over the reinit arm, 3 paired seeds."),
        ("undecided", "scratch", 1, "Undecided whether pre-trained weights helped: ", ", 1 paired seed."),
    ],
)
def test_the_verdict_is_one_sentence(call, baseline, seeds, opening, ending):
    verdict = {"call": call, "delta": 0.1, "interval": [-0.02, 0.22], "seeds": seeds, "baseline": baseline}
    text = words.sentence({"verdict": verdict, "metric": {"name": "macro_f1"}})
    assert text.startswith(opening + "+10.0 points of macro F1 (95\u00a0% interval \u22122.0 to +22.0)")
    assert text.endswith(ending)


def test_a_result_brings_its_own_sentence_or_has_none():
    assert words.sentence({"verdict": {"sentence": "It helped."}}) == "It helped."
    assert words.sentence({"verdict": None}).startswith("No verdict")
    assert words.sentence({}).startswith("No verdict")


def test_a_number_is_a_finite_float():
    assert words.number(1) == 1.0
    assert not any(words.number(value) is not None for value in NOTHING)
    assert math.isclose(words.number(0.5) or 0, 0.5)


@pytest.mark.parametrize(
    ("labels", "worth", "sure"),
    [
        (
            {"multiplier": 3.21, "interval": [2.0, 5.5], "censored": None},
            "× 3.2",
            "95\N{NO-BREAK SPACE}% interval × 2 to × 5.5",
        ),
        (
            {"multiplier": 14.4, "interval": [14.4, None], "censored": "at_least"},
            "more than ten times",
            "with 97.5\N{NO-BREAK SPACE}% confidence no less than × 14",
        ),
        (
            {"multiplier": 0.5, "interval": [None, 0.8], "censored": "at_most"},
            "at most × 0.5",
            "with 97.5\N{NO-BREAK SPACE}% confidence no more than × 0.8",
        ),
        ({"multiplier": None, "interval": None}, "–", ""),
    ],
)
def test_the_worth_in_labels(labels, worth, sure):
    assert words.worth(labels) == worth
    assert words.sure(labels) == sure


def test_labels_that_would_be_needed():
    said = words.needed({"needed": {"value": 0.95, "labels": 640, "interval": [410, None]}})
    assert "about 640 training labels (410 or far more)" in said
    assert words.needed({}) == ""
    assert "not told: too far" in words.needed({"needed": None, "needed_reason": "too far"})


def test_what_ships_and_why():
    assert words.weights({"what": "refit", "why": "x"}) == "refitted on training + validation"
    assert words.weights({"what": "seed", "seed": 3, "of": 6, "why": "time ended"}) == (
        "seed 3 of 6, because time ended"
    )


@pytest.mark.parametrize(
    ("changes", "opening"),
    [
        (
            {"call": "undecided", "equivalent": True},
            "Pre-trained weights made no difference of more than 0.5 points",
        ),
        (
            {"call": "undecided", "preliminary": True, "seeds": 3},
            "Undecided, since 3 paired seeds can never reach p < 0.05 (six can)",
        ),
    ],
)
def test_why_a_verdict_is_none(changes, opening, result):
    result["verdict"] |= changes
    assert words.sentence(result).startswith(opening)


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
    assert words.ways(None) == words.ways([]) == ""


@pytest.mark.parametrize(
    ("name", "sentence", "label"),
    [
        ("balanced_accuracy", "balanced accuracy", "Balanced accuracy"),
        ("chrf", "chrF", "chrF"),
        ("corpus_chrf", "corpus chrF", "Corpus chrF"),
        ("bleu", "BLEU", "BLEU"),
        ("macro_f1", "macro F1", "Macro F1"),
    ],
)
def test_metrics_are_spelled_as_their_makers_do(name, sentence, label):
    assert (words.spelled(name), words.title(name)) == (sentence, label)


def test_texts_are_shortened_to_one_line():
    assert words.shortened("a\n\tb\0c") == "a b c"
    assert words.shortened("abc def", 5) == "abc d …"
    assert words.shortened("👩\u200d👧") == "👩\u200d👧"


@pytest.mark.parametrize(
    ("name", "spelled", "title"),
    [
        ("map", "mean average precision (COCO)", "Mean average precision (COCO)"),
        ("mean_iou", "mean IoU", "Mean IoU"),
        ("dice", "Dice", "Dice"),
        ("boundary_f", "boundary F-score", "Boundary F-score"),
        ("iou red_cell", "IoU of red_cell", "IoU of red_cell"),
        ("dice map", "Dice of map", "Dice of map"),
        ("ap50 a b", "AP50 of a b", "AP50 of a b"),
        ("balanced_accuracy", "balanced accuracy", "Balanced accuracy"),
    ],
)
def test_metrics_of_places_have_names(name, spelled, title):
    assert words.spelled(name) == spelled
    assert words.title(name) == title


def test_no_difference_is_said_in_the_metrics_own_unit():
    verdict = {
        "call": "undecided",
        "equivalent": True,
        "margin": 0.005,
        "delta": 0.001,
        "interval": [0, 0.002],
    }
    result = {"verdict": verdict, "metric": {"name": "accuracy", "range": [0, 1]}}
    assert "no difference of more than 0.5 points" in words.sentence(result)
    result["metric"] = {"name": "log_loss", "range": [0, None]}
    assert "no difference of more than 0.005:" in words.sentence(result)
