"""Sets of labels are equal texts for equal sets; what a model says keeps its probabilities."""

import numpy as np
import pytest

from headstart.data.answers.label_sets import answers_of, as_answer, as_said, names_in, set_of


def test_an_answer_is_the_same_text_in_any_order():
    assert as_answer(["sport", "art", "sport"]) == "art|sport"
    assert as_answer([]) == ""
    assert set_of("art|sport").labels == ("art", "sport")
    assert set_of("").labels == ()
    assert set_of("").probabilities == {}


def test_what_a_model_says_comes_back_with_probabilities():
    said = as_said(["ä|b", "a"], {"a": np.float64(0.9), "ä|b": 0.51, "c": 0.1234567})
    assert said == '{"labels":["a","ä|b"],"probabilities":{"a":0.9,"ä|b":0.51,"c":0.123457}}'
    found = set_of(said)
    assert found.labels == ("a", "ä|b")
    assert found.probabilities == {"a": 0.9, "ä|b": 0.51, "c": 0.123457}
    assert set_of(as_said([], {})).labels == ()


def test_labels_are_those_of_all_answers_also_where_none_says_them():
    assert names_in(["b|a", "", as_said(["d"], {"d": 0.9, "c": 0.1})]) == ("a", "b", "c", "d")
    assert names_in([]) == ()


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("sport|art", "art|sport"),
        (" sport | art | ", "art|sport"),
        ("sport", "sport"),
        ("", ""),
        (None, ""),
        ([], ""),
        ("[]", ""),
        ('["sport", "art, too"]', "art, too|sport"),
        ("['sport', \"it's\"]", "it's|sport"),
        (["sport", "art", "art"], "art|sport"),
        (("sport",), "sport"),
        ({"sport", "art"}, "art|sport"),
        (np.array(["sport", "art"], dtype=object), "art|sport"),
        (np.array([2.0, 10.0]), "10|2"),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        ([1, 2.0, "1"], "1|2"),
        ("{urgent}", "{urgent}"),
        ("a;b,c", "a;b,c"),
    ],
)
def test_cells_of_any_kind_are_sets(cell, answer):
    assert answers_of([cell]) == [(answer, None)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (["a|b"], "labels: the label 'a|b' has a `|` in it, which stands between labels"),
        ({"a": 0.5}, "labels: a dict says 0.5 of the label 'a', neither 1 nor 0"),
        ([["a"]], "labels: a label is a list, not a text"),
        ([None], "labels: a label is a NoneType, not a text"),
        ([True], "labels: a label is a bool, not a text"),
        (float("inf"), "labels: a label is a number that is not finite"),
        ("[sport, art]", "labels: it begins like a list, but cannot be read as one"),
        ("[" * 100_000 + "]", "labels: it begins like a list, but cannot be read as one"),
        ("a\0b", "labels: holds NUL bytes"),
        ("\udcff", "labels: not UTF-8 (byte 0xff at 0)"),
        (['{"labels":[]}'], 'labels: a label begins with {"labels":'),
    ],
)
def test_cells_that_cannot_be_used_say_why_and_harm_no_other(cell, reason):
    assert answers_of(["art", cell]) == [("art", None), ("", reason)]
