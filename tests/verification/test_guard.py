from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation.domains.base import Domains
from headstart.tasks.solvers import linear
from headstart.verification.guard import (
    Seen,
    agreed,
    consistency,
    distance,
    refused,
    seen,
    shares_of,
    told_apart,
)
from headstart.verification.halves import Halves

FINE = Seen(
    rows=400,
    apart=0.9,
    consistency=0.5,
    source_consistency=0.4,
    agreement=0.9,
    source_agreement=0.7,
    labelled_consistency=0.6,
    halves=Halves(0.7, 0.8),
    shares={"source": (0.5, 0.3, 0.2), "source_only": (0.75, 0.05, 0.2), "adapted": (0.52, 0.28, 0.2)},
)


def test_nothing_is_refused_where_everything_speaks_for_it():
    assert refused(FINE, "same") == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"rows": 29}, "29 examples"),
        ({"apart": 0.5}, "no adaptation is needed"),
        ({"consistency": 0.14}, "does not fall into the classes"),
        ({"labelled_consistency": 1.0, "consistency": 0.48}, "below 50%"),
        ({"agreement": 0.4}, "agree on 40%"),
        ({"halves": Halves(0.47, 0.8)}, "other things than the source"),
        ({"shares": {**FINE.shares, "adapted": (0.75, 0.05, 0.2)}}, "of its share in the source"),
    ],
)
@pytest.mark.parametrize("proportions", ["same", "unknown"])
def test_each_reason_refuses(change, word, proportions):
    reasons = refused(replace(FINE, **change), proportions)
    assert any(word in reason for reason in reasons), reasons


def test_where_nothing_is_declared_classes_must_be_as_clear():
    assert refused(FINE, "unknown") == []
    for clear, reasons in ((0.39, 1), (0.4, 0)):
        assert len(refused(replace(FINE, consistency=clear), "unknown")) == reasons


def test_of_sets_each_label_is_a_question_of_two_answers():
    """The shares of labels need not sum to 1; changes are the mean over labels."""
    sets = {"source": (0.5, 0.5, 0.1), "source_only": (0.8, 0.5, 0.1), "adapted": (0.5, 0.5, 0.1)}
    found = replace(FINE, shares=sets, sets=True)
    assert found.drift == pytest.approx(0.1)
    plain = replace(found, sets=False)
    assert found.usual_drift - 0.05 == pytest.approx((plain.usual_drift - 0.05) * 2 / 3)
    assert any("of two classes" in reason for reason in refused(found, "unknown"))
    assert refused(found, "same") == []


def test_sets_agree_in_labels_that_are_said():
    one = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
    other = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]])
    assert agreed(one, other) == pytest.approx((0.5 + 1 + 0) / 3)
    assert agreed(one[:, 0], other[:, 0]) == pytest.approx(2 / 3)
    assert shares_of(one, 4).tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert shares_of(np.array([0, 2, 2]), 4).tolist() == pytest.approx([1 / 3, 0, 2 / 3, 0])


def test_neighbours_of_sets_are_those_of_each_label():
    draws = np.random.default_rng(0)
    rows = np.repeat(np.eye(2), 40, axis=0) + 0.05 * draws.normal(size=(80, 2))
    told, chance = np.repeat([1, 0], 40), np.arange(80) % 2
    sets = np.stack([told, chance, np.ones(80, dtype=int)], axis=1)
    alone = [consistency(rows, one, 2) for one in (told, chance)]
    assert alone[0] > 0.95
    assert consistency(rows, sets, 3) == pytest.approx(np.mean(alone))


def test_of_two_classes_moved_shares_refuse_unless_they_are_declared_to_be_the_same():
    two = {"source": (0.5, 0.5), "source_only": (0.75, 0.25), "adapted": (0.52, 0.48)}
    assert refused(replace(FINE, shares=two), "same") == []
    assert any("of two classes" in reason for reason in refused(replace(FINE, shares=two), "unknown"))
    still = {**two, "source_only": (0.52, 0.48)}
    assert refused(replace(FINE, shares=still), "unknown") == []


def test_where_shares_are_the_same_classes_may_be_a_little_less_clear():
    vague = replace(FINE, consistency=0.37)
    assert refused(vague, "same") == []
    assert len(refused(vague, "unknown")) == 1
    still = replace(vague, shares={**FINE.shares, "source_only": (0.5, 0.3, 0.2)})
    assert refused(still, "same") == [], "whether the source's model moves the shares or not"
    assert len(refused(replace(vague, consistency=0.35), "same")) == 1


def test_a_class_of_few_examples_may_be_missing_by_chance():
    shares = {"source": (0.98, 0.02), "source_only": (1.0, 0.0), "adapted": (1.0, 0.0)}
    assert refused(replace(FINE, shares=shares), "same") == []
    assert len(refused(replace(FINE, shares=shares, rows=600), "same")) == 1


def test_domains_are_told_apart_for_sure_or_not():
    draws = np.random.default_rng(0)
    one, other = draws.normal(size=(60, 20)), draws.normal(size=(60, 20))
    assert told_apart(one, other) < 0.5
    assert told_apart(one, other + 3) > 0.8
    assert told_apart(one[:20], other[:20] + 3) < told_apart(one, other + 3)


def test_neighbours_have_the_same_class_or_not():
    draws = np.random.default_rng(0)
    said = np.arange(200) % 2
    rows = draws.normal(size=(200, 6))
    assert abs(consistency(rows, said, 2)) < 0.1
    assert consistency(rows + 8 * said[:, None], said, 2) == pytest.approx(1.0)
    assert consistency(rows, np.zeros(200, dtype=int), 2) == 0.0


def test_what_is_seen():
    draws = np.random.default_rng(0)
    right = np.arange(90) % 3
    source, target = draws.normal(size=(90, 5)), draws.normal(size=(60, 5)) + 4
    vote = np.arange(60) % 3
    plain = vote.copy()
    plain[:15] = 0
    said = {"source_only": plain, "adapted": vote, "coral": vote, "linear_ot": plain}
    found = seen(Domains(source, right, target, 3, linear), said, ("coral", "linear_ot"))
    assert found.rows == 60
    assert found.source_agreement == pytest.approx(50 / 60)
    assert found.agreement == pytest.approx((1 + 50 / 60) / 2)
    assert found.drift == pytest.approx(10 / 60)
    assert found.adapted_drift == pytest.approx(0.0)
    assert found.least == pytest.approx(1.0)
    assert found.labelled_consistency == pytest.approx(consistency(source, right, 3))
    assert found.gained == found.consistency - found.source_consistency


def test_fewer_rows_drift_more_by_chance():
    assert replace(FINE, rows=40).usual_drift > FINE.usual_drift > 0.05
    assert distance((0.5, 0.5), (0.7, 0.3)) == pytest.approx(0.2)
