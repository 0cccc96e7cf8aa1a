from __future__ import annotations

import numpy as np

from headstart.adaptation.domains._moments import Moments, power


def test_a_power_of_a_matrix():
    matrix = np.array([[2.0, 1], [1, 3]])
    np.testing.assert_allclose(power(matrix, 0.5) @ power(matrix, 0.5), matrix)
    np.testing.assert_allclose(power(matrix, -1.0) @ matrix, np.eye(2), atol=1e-12)


def test_more_features_than_rows_are_the_same_in_the_directions_that_rows_span():
    draws = np.random.default_rng(0)
    turn = np.linalg.qr(draws.normal(size=(60, 60)))[0]
    source, target = draws.normal(size=(9, 5)), 2 * draws.normal(size=(8, 5)) + 1
    wide = [np.pad(rows, ((0, 0), (0, 55))) @ turn for rows in (source, target)]
    narrow, found = Moments.of(source, target), Moments.of(*wide)
    assert found.directions is not None
    assert narrow.directions is None
    np.testing.assert_allclose(np.linalg.eigvalsh(found.source), np.linalg.eigvalsh(narrow.source), atol=1e-9)
    matrix = power(narrow.source, -0.5) @ power(narrow.target, 0.5)
    turned = power(found.source, -0.5) @ power(found.target, 0.5)
    moved = found.moved(wide[0], turned) @ turn.T
    np.testing.assert_allclose(moved[:, :5], narrow.moved(source, matrix), atol=1e-8)
    np.testing.assert_allclose(moved[:, 5:], 0, atol=1e-8)


def test_rows_that_are_all_the_same_have_no_endless_inverse():
    found = Moments.of(np.ones((4, 3)), np.ones((5, 3)))
    assert np.isfinite(power(found.source, -0.5)).all()
