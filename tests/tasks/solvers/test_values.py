"""Ridge regression on features: it finds what is there, in any unit, and knows how good it is."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from headstart.tasks.solvers.values import solve


def drawn(n=120, d=12, noise=0.1, scale=1.0, seed=0):
    draws = np.random.default_rng(seed)
    features = draws.normal(size=(n, d)) * draws.uniform(0.5, 2, d)
    return features, scale * (features @ draws.normal(size=d) + noise * draws.normal(size=n) + 5)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
def test_it_predicts_new_examples_as_well_as_scikit_learns(scale):
    features, right = drawn(scale=scale)
    train, rest = slice(0, 80), slice(80, 120)
    found = solve(features[train], right[train], 1).outputs(features[rest])[:, 0]
    other = RidgeCV(np.logspace(-4, 4, 40)).fit(features[train], right[train]).predict(features[rest])
    spread = right.std()
    assert np.sqrt(np.mean((found - right[rest]) ** 2)) < 0.12 * spread
    np.testing.assert_allclose(found, other, atol=0.05 * spread)


def test_what_is_left_out_tells_how_good_it_is():
    features, right = drawn(noise=0.01)
    assert solve(features, right, 1).left_out > 0.99
    noise = np.random.default_rng(1).normal(size=120)
    assert solve(features, noise, 1).left_out < 0.15


def test_more_features_than_examples_are_no_error():
    features, right = drawn(n=10, d=40)
    solved = solve(features, right, 1)
    assert (solved.weight.shape, solved.bias.shape) == ((1, 40), (1,))
    assert np.isfinite(solved.outputs(features)).all()


def test_a_feature_that_never_varies_and_one_value_only_are_no_error():
    features, right = drawn()
    features[:, 0] = 3.0
    assert np.isfinite(solve(features, right, 1).outputs(features)).all()
    np.testing.assert_allclose(solve(features, np.full(120, 7.0), 1).outputs(features), 7.0)
