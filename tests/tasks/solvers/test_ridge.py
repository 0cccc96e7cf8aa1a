"""The leave-one-out sweep against refits one by one."""

import numpy as np
import pytest

from headstart.tasks.solvers import ridge
from headstart.tasks.solvers.linear import class_weights


def brute_force(x, targets, k, weights, penalty, units=None):
    """(n, k) prediction of each example by a weighted ridge with a free intercept that never saw its unit."""
    n, d = x.shape
    predicted = np.zeros((n, k))
    units = np.arange(n) if units is None else units
    for out in range(n):
        rows = np.flatnonzero(units != units[out])
        design, w = np.hstack([x[rows], np.ones((len(rows), 1))]), weights[rows]
        left = design.T @ (w[:, None] * design) + penalty * np.diag([1.0] * d + [0.0])
        fit = np.linalg.solve(left, design.T @ (w[:, None] * np.eye(k)[targets[rows]]))
        predicted[out] = np.append(x[out], 1.0) @ fit
    return predicted


def problem(n, d, k=3, seed=0):
    draws = np.random.default_rng(seed)
    targets = np.sort(np.concatenate([np.arange(k), draws.choice(k, n - k, p=[0.7, 0.2, 0.1])]))
    return draws.normal(size=(n, d)) + targets[:, None] * np.linspace(0, 1, d), targets


def swept(x, targets, k, penalties, units=None):
    directions = ridge.rotate(x, class_weights(targets, k))
    return directions, ridge.leave_one_out(directions, np.eye(k)[targets], np.asarray(penalties), units)


SHAPES = pytest.mark.parametrize(("n", "d"), [(20, 4), (10, 25), (12, 12)])


@SHAPES
def test_leaving_one_out_is_exact(n, d):
    x, targets = problem(n, d)
    _, found = swept(x, targets, 3, [0.3])
    assert found.penalty == 0.3
    expected = brute_force(x, targets, 3, class_weights(targets, 3), 0.3)
    np.testing.assert_allclose(found.outputs, expected, atol=1e-8)


@SHAPES
def test_leaving_units_out_is_exact(n, d):
    x, targets = problem(n, d)
    units = np.random.default_rng(1).integers(0, 5, n)
    _, found = swept(x, targets, 3, [0.3], units)
    expected = brute_force(x, targets, 3, class_weights(targets, 3), 0.3, units)
    np.testing.assert_allclose(found.outputs, expected, atol=1e-6)
    penalties = np.logspace(-3, 2, 7)
    weights = class_weights(targets, 3)[:, None]
    wrong = [
        (weights * (brute_force(x, targets, 3, weights[:, 0], one, units) - np.eye(3)[targets]) ** 2).sum()
        for one in penalties
    ]
    assert swept(x, targets, 3, penalties, units)[1].penalty == penalties[np.argmin(wrong)]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_it_is_exact_on_awkward_features(scale):
    """Duplicated rows and columns, a constant, columns of very different size, one example of a class."""
    draws = np.random.default_rng(0)
    x = np.repeat(draws.normal(size=(9, 4)), 2, axis=0) * [1, 1e-3, 10, 1] * scale
    x = np.hstack([x, x[:, :1], np.full((18, 1), 5.0)])
    targets = np.array([1] + [0] * 12 + [2] * 5)
    _, found = swept(x, targets, 3, [0.1 * scale**2])
    expected = brute_force(x, targets, 3, class_weights(targets, 3), found.penalty)
    np.testing.assert_allclose(found.outputs, expected, atol=1e-7)


@pytest.mark.parametrize(("n", "d"), [(20, 4), (10, 25)])
def test_the_penalty_is_the_best_by_brute_force(n, d):
    x, targets = problem(n, d, seed=1)
    weights, grid = class_weights(targets, 3), n * np.logspace(-3, 2, 6)
    _, found = swept(x, targets, 3, grid)
    one_hot = np.eye(3)[targets]
    errors = [
        (weights[:, None] * (one_hot - brute_force(x, targets, 3, weights, penalty)) ** 2).mean()
        for penalty in grid
    ]
    assert found.penalty == grid[np.argmin(errors)]
    assert 0 < np.argmin(errors) < 5


@SHAPES
def test_how_many_penalties_share_a_product_does_not_matter(n, d, monkeypatch):
    x, targets = problem(n, d)
    grid = np.logspace(-2, 2, 7)
    _, together = swept(x, targets, 3, grid)
    monkeypatch.setattr(ridge, "COLUMNS", 6)
    _, apart = swept(x, targets, 3, grid)
    assert together.penalty == apart.penalty
    np.testing.assert_allclose(together.outputs, apart.outputs, atol=1e-12)


@SHAPES
def test_the_fit_is_that_of_the_normal_equations(n, d):
    x, targets = problem(n, d)
    weights = class_weights(targets, 3)
    directions, found = swept(x, targets, 3, [2.0])
    design = np.hstack([x, np.ones((n, 1))])
    left = design.T @ (weights[:, None] * design) + 2.0 * np.diag([1.0] * d + [0.0])
    fit = np.linalg.solve(left, design.T @ (weights[:, None] * np.eye(3)[targets]))
    weight, bias = directions.unrotated(found.weight)
    np.testing.assert_allclose(np.vstack([weight.T, bias]), fit, atol=1e-8)


@SHAPES
def test_the_directions_are_orthogonal_and_hold_the_intercept(n, d):
    x, targets = problem(n, d)
    directions = ridge.rotate(x, class_weights(targets, 3))
    gram = directions.scores.T @ directions.scores
    np.testing.assert_allclose(gram, np.diag(directions.squares), atol=1e-8)
    np.testing.assert_allclose(directions.root[:, 0] ** 2, class_weights(targets, 3))
    assert len(directions.squares) == min(n - 1, d) + 1
    assert directions.penalised.tolist() == [1.0] * min(n - 1, d) + [0.0]


def test_features_without_spread_have_the_intercept_only():
    directions, found = swept(np.ones((5, 3)), np.array([0, 0, 0, 1, 1]), 2, [1.0])
    assert directions.scores.shape == (5, 1)
    weight, bias = directions.unrotated(found.weight)
    np.testing.assert_allclose(weight, np.zeros((2, 3)))
    np.testing.assert_allclose(bias, [0.5, 0.5])
