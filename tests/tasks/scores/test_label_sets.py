"""Scores of sets of labels, against scikit-learn and against leaving each text out."""

import numpy as np
import pytest
from sklearn import metrics as reference

from headstart.data.answers.label_sets import as_answer, as_said
from headstart.tasks.scores.influence import influence
from headstart.tasks.scores.label_sets import LABEL_SETS, matched, table

LABELS = ("a", "b", "c", "d")


def drawn(n=50, seed=0):
    """Random sets: what was said, and what is right, as tables."""
    draws = np.random.default_rng(seed)
    return draws.random((n, 4)) < 0.4, draws.random((n, 4)) < [0.6, 0.3, 0.1, 0.02]


def right_of(rows):
    return [as_answer(np.array(LABELS)[row]) for row in rows]


def said_of(rows):
    shares = dict.fromkeys(LABELS, 0.5)
    return [as_said(np.array(LABELS)[row].tolist(), shares) for row in rows]


def test_metrics_are_scikit_learns():
    said, right = drawn()
    found = matched(said_of(said), right_of(right)).metrics()
    assert list(found)[0] == "micro_f1"
    assert found["micro_f1"] == pytest.approx(reference.f1_score(right, said, average="micro"))
    assert found["macro_f1"] == pytest.approx(reference.f1_score(right, said, average="macro"))
    assert found["exact_match"] == pytest.approx(reference.accuracy_score(right, said))
    assert found["hamming_loss"] == pytest.approx(reference.hamming_loss(right, said))
    for number, name in enumerate(LABELS):
        assert found[f"f1 {name}"] == pytest.approx(reference.f1_score(right[:, number], said[:, number]))


def test_scores_are_what_leaving_each_text_out_does():
    said, right = drawn(20)
    whole = matched(said_of(said), right_of(right))
    without = [
        reference.f1_score(*(np.delete(some, row, 0) for some in (right, said)), average="micro")
        for row in range(20)
    ]
    f1 = whole.metrics()["micro_f1"]
    expected = f1 + 19 * (np.mean(without) - without)
    np.testing.assert_allclose(whole.micro(), expected)
    assert whole.micro().mean() == pytest.approx(f1)


def test_two_right_answers_are_compared_as_well():
    found = matched(["a|b", ""], ["a", "c"])
    assert found.labels == ("a", "b", "c")
    assert found.metrics()["micro_f1"] == pytest.approx(2 * 1 / (2 * 1 + 1 + 1))


def test_where_nothing_is_right_and_nothing_is_said_all_is_right():
    for said in ("", as_said([], {"a": 0.1})):
        found = matched([said] * 3, [""] * 3)
        assert found.micro().tolist() == [1.0, 1.0, 1.0]
        metrics = found.metrics()
        assert (metrics["micro_f1"], metrics["macro_f1"], metrics["exact_match"]) == (1, 1, 1)
        assert metrics["hamming_loss"] == 0


def test_the_only_text_with_labels_has_a_finite_score():
    found = matched(["", "", "a"], ["", "", "a"])
    assert found.micro().tolist() == [1, 1, 1]
    assert np.isfinite(matched(["a", "", ""], ["b", "", ""]).micro()).all()
    assert matched(["a"], ["a|b"]).micro().tolist() == pytest.approx([2 / 3])


def test_labels_that_no_text_has_and_none_was_given_do_not_count_in_the_mean():
    metrics = matched([as_said(["a"], {"a": 0.9, "b": 0.1})] * 2, ["a", ""]).metrics()
    assert metrics["macro_f1"] == metrics["f1 a"] == pytest.approx(2 / 3)
    assert "f1 b" not in metrics


def test_a_table_knows_the_labels_that_it_is_given():
    assert table(["a|z", ""], ("b", "a")).tolist() == [[False, True], [False, False]]


def of_texts(*rows):
    """Answers as texts from lists of (label, probability); a label is said above a half."""
    sets = [as_said([name for name, p in row.items() if p > 0.5], row) for row in rows]
    return np.array(sets, dtype=object)


@pytest.mark.parametrize("name", ["micro_f1", "macro_f1", "map"])
def test_each_metric_of_label_sets_is_scikit_learns_and_its_parts_are_the_jackknifes(name):
    draws = np.random.default_rng(3)
    labels = ["a", "b", "c"]
    truth = draws.random((40, 3)) < [0.5, 0.3, 0.15]
    rated = (draws.random((40, 3)) + truth) / 2
    right = np.array([as_answer([x for x, y in zip(labels, row, strict=True) if y]) for row in truth], object)
    said = of_texts(*(dict(zip(labels, row.round(6).tolist(), strict=True)) for row in rated))
    by_hand = {
        "micro_f1": lambda keep: reference.f1_score(truth[keep], rated[keep] > 0.5, average="micro"),
        "macro_f1": lambda keep: reference.f1_score(truth[keep], rated[keep] > 0.5, average="macro"),
        "map": lambda keep: reference.average_precision_score(truth[keep], rated[keep], average="macro"),
    }[name]
    (score,) = [one for one in LABEL_SETS.each if one.name == name]
    every = np.arange(40)
    without = np.array([by_hand(every != row) for row in every])
    np.testing.assert_allclose(score.of(said, right), influence(by_hand(every), without), atol=1e-6)


def test_a_model_that_tells_nothing_apart_has_no_average_precision_to_gain_from_order():
    right = np.array(["a", "", "", ""], dtype=object)
    flat = of_texts(*[{"a": 0.4}] * 4)
    (score,) = [one for one in LABEL_SETS.each if one.name == "map"]
    assert score.value(flat, right) == pytest.approx(0.25)
