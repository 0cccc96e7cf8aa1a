"""Groups beside labels that exist."""

import numpy as np
import pytest

from headstart.exploration.agreement import agreement, matched


def test_groups_that_are_the_labels_agree(rows, grouped):
    labels = [("ant", "bee", "wasp")[one] for one in grouped[1]]
    found = agreement(rows, grouped[1], labels, "kind")
    assert (found.nmi, found.ari, found.matched) == pytest.approx((1, 1, 1))
    assert found.neighbours > 0.98
    assert found.neighbours_interval.low < found.neighbours
    assert (found.column, found.labels, found.examples) == ("kind", 3, 150)
    assert found.majority == pytest.approx(70 / 150)


def test_labels_by_lot_do_not(rows, grouped):
    labels = np.random.default_rng(0).choice(["a", "b", "c"], 150).tolist()
    found = agreement(rows, grouped[1], labels, "lot")
    assert abs(found.ari) < 0.05
    assert found.neighbours < 0.5


def test_clusters_are_matched_in_the_best_way():
    """Greedily cluster 0 would take label 0 (3 rows), and leave nothing for cluster 1."""
    members = np.array([0, 0, 0, 0, 0, 1, 1])
    numbers = np.array([0, 0, 0, 1, 1, 0, 0])
    assert matched(members, numbers) == pytest.approx(4 / 7)
    assert matched(np.array([0, 1, 2, 3]), np.array([0, 0, 0, 0])) == pytest.approx(1 / 4)
