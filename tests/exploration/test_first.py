"""What to label first."""

import numpy as np
import pytest

from headstart.exploration import first


def test_any_beginning_covers_the_groups(rows, grouped):
    order = first.to_label(rows)
    assert len(set(order.tolist())) == len(order) == 100
    assert set(grouped[1][order[:3]]) == {0, 1, 2}


def test_what_is_taken_first_stands_for_most(rows):
    """Greedy: no other row would have brought all nearer."""
    alike = np.exp(rows @ rows.T - 1)
    assert first.to_label(rows)[0] == alike.sum(0).argmax()


def test_a_copy_is_never_second():
    rows = np.repeat(np.eye(3, dtype=np.float32), 4, 0)
    assert sorted(first.to_label(rows, 3) // 4) == [0, 1, 2]
    assert len(first.to_label(rows, 50)) == 12


def test_rows_between_two_clusters_are_half_way():
    centres = np.array([[1, 0], [0, 1]], np.float32)
    rows = np.array([[1, 0], [0.5, 0.5], [0, 0.9]], np.float32)
    assert first.between(rows, centres) == pytest.approx([0, 1, 0.1 / np.hypot(1, 0.9)], abs=1e-5)
    assert not first.between(rows, centres[:1]).any()
