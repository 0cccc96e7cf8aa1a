"""The shrunk H-score against its definition with d × d matrices, and against its published behaviour."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from headstart.ranking.hscore import plugin
from scoring import influence, structured


def by_definition(x, targets, weights=None):
    """The score of Ibrahim et al. with explicit covariances; the weights leave the shrinkage alone."""
    found = LedoitWolf().fit(x)
    alpha, (n, d) = found.shrinkage_, x.shape
    w = np.ones(n) if weights is None else weights
    level = ((x - x.mean(0)) ** 2).sum() / (n * d)
    centred = x - np.average(x, axis=0, weights=w)
    covariance = (centred * w[:, None]).T @ centred / n
    between = np.zeros((d, d))
    for label in np.unique(targets):
        rows = targets == label
        mean = np.average(centred[rows], axis=0, weights=w[rows])
        between += w[rows].sum() / n * np.outer(mean, mean)
    shrunk = (1 - alpha) * covariance + alpha * level * np.eye(d)
    return float(np.trace(np.linalg.solve(shrunk, (1 - alpha) * between)))


SHAPES = [(40, 6, 3), (25, 60, 4), (30, 30, 2)]


@pytest.mark.parametrize(("n", "d", "k"), SHAPES)
def test_its_mean_is_the_score_by_definition(n, d, k):
    x, targets = structured(n, d, k)
    assert plugin.score(x, targets).mean() == pytest.approx(by_definition(x, targets), rel=1e-8)


@pytest.mark.parametrize(("n", "d", "k"), SHAPES)
def test_its_pseudo_values_are_slopes(n, d, k):
    x, targets = structured(n, d, k)
    slow = influence(lambda w: by_definition(x, targets, w), n)
    np.testing.assert_allclose(plugin.score(x, targets), slow, rtol=1e-5, atol=1e-6)


def test_more_signal_more_score_and_never_k_or_more():
    scores = [plugin.score(*structured(60, 8, 3, signal=s)).mean() for s in (0.0, 0.5, 1.5, 20.0)]
    assert scores == sorted(scores)
    assert scores[0] < 0.7
    assert 1.5 < scores[-1] <= 2.0, "k - 1 is the most that k class means can span"


def test_with_fewer_examples_than_features_noise_does_not_score_like_signal():
    """The raw score of any features with n < d is k - 1: that is what the shrinkage is for."""
    noise, signal = structured(30, 200, 3, signal=0.0), structured(30, 200, 3)
    assert plugin.score(*noise).mean() < 1.3
    assert plugin.score(*signal).mean() > 1.9


def test_it_has_no_scale_and_sees_no_shift():
    x, targets = structured(30, 10, 3)
    found = plugin.score(x, targets)
    for other in (1e80 * x, 1e-80 * x, x + 5.0):
        np.testing.assert_allclose(plugin.score(other, targets), found, rtol=1e-6, atol=1e-8)


def test_constant_features_score_nothing():
    assert (plugin.score(np.full((6, 4), 7.0), np.array([0, 1, 0, 1, 2, 2])) == 0).all()
