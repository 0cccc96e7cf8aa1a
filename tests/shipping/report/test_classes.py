"""Precision, recall and F1 from a confusion matrix, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_fscore_support

from headstart.shipping.report.classes import of_classes, wilson
from headstart.shipping.report.evidence import Confusion


def test_the_numbers_are_those_of_scikit_learn():
    draw = np.random.default_rng(0)
    right, given = draw.integers(0, 3, 200), draw.integers(0, 3, 200)
    matrix = np.zeros((3, 3), dtype=int)
    np.add.at(matrix, (right, given), 1)
    rows = of_classes(Confusion(("a", "b", "c"), tuple(map(tuple, matrix.tolist()))))
    expected = np.array(precision_recall_fscore_support(right, given)).T
    for row in rows:
        found = (row.precision, row.recall, row.f1, row.support)
        assert found == pytest.approx(tuple(expected["abc".index(row.label)]))


def test_the_worst_stands_first_and_what_was_not_tested_last():
    matrix = ((9, 1, 0, 0), (4, 6, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
    rows = of_classes(Confusion(("good", "bad", "none", "more"), matrix))
    assert [row.label for row in rows] == ["bad", "good", "none", "more"]
    assert (rows[2].precision, rows[2].recall, rows[2].f1, rows[2].interval) == (None, None, None, None)


def test_a_class_that_was_only_given_has_no_recall():
    (row,) = [row for row in of_classes(Confusion(("a", "b"), ((5, 5), (0, 0)))) if row.label == "b"]
    assert (row.precision, row.recall, row.f1) == (0.0, None, 0.0)


@pytest.mark.parametrize(("hits", "tries"), [(0, 1), (0, 10), (7, 10), (10, 10), (990, 1000)])
def test_the_interval_is_that_of_scipy(hits, tries):
    expected = binomtest(hits, tries).proportion_ci(method="wilson")
    assert tuple(wilson(hits, tries)) == pytest.approx((expected.low, expected.high), abs=1e-9)
