"""LogME against the evidence written out with full matrices and searched on a grid."""

import numpy as np
import pytest
from scipy.optimize import minimize

from headstart.ranking.logme import plugin
from scoring import influence, structured


def evidence(x, y, a, b, weights=None):
    """Log evidence of y = x m + noise, weights of m with precision a, noise with precision b."""
    n, d = x.shape
    w = np.ones(n) if weights is None else weights
    left = a * np.eye(d) + b * (x * w[:, None]).T @ x
    m = b * np.linalg.solve(left, (x * w[:, None]).T @ y)
    fit = (w * (y - x @ m) ** 2).sum()
    volume = np.linalg.slogdet(left)[1]
    return 0.5 * (d * np.log(a) + w.sum() * np.log(b / (2 * np.pi)) - b * fit - a * m @ m - volume)


def best(x, y):
    """The precisions of greatest evidence, by a search that knows nothing of fixed points."""
    found = minimize(
        lambda p: -evidence(x, y, *np.exp(p)), np.zeros(2), method="Nelder-Mead", options={"maxiter": 4000}
    )
    return np.exp(found.x)


SHAPES = [(40, 6, 3, 1.5), (24, 40, 3, 0.3)]
"""The second has no optimum at precise fit: with much signal and n < d it lies at no noise at all."""


@pytest.mark.parametrize(("n", "d", "k", "signal"), SHAPES)
def test_its_mean_is_the_greatest_evidence(n, d, k, signal):
    x, targets = structured(n, d, k, signal=signal)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    slow = [evidence(x, y, *best(x, y)) / n for y in np.eye(k)[targets].T]
    assert plugin.score(x, targets).mean() == pytest.approx(np.mean(slow), abs=2e-4)


@pytest.mark.parametrize(("n", "d", "k", "signal"), SHAPES)
def test_its_pseudo_values_are_slopes(n, d, k, signal):
    x, targets = structured(n, d, k, signal=signal)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    ys = np.eye(k)[targets].T
    at = [best(x, y) for y in ys]
    slow = influence(
        lambda w: np.mean([evidence(x, y, a, b, w) / n for y, (a, b) in zip(ys, at, strict=True)]), n
    )
    np.testing.assert_allclose(plugin.score(x, targets), slow, atol=6e-3)


def test_more_signal_more_evidence():
    scores = [plugin.score(*structured(60, 8, 3, signal=s)).mean() for s in (0.0, 0.5, 1.5)]
    assert scores == sorted(scores)


def test_noise_in_many_features_does_not_win():
    """With n < d least squares fits anything; the evidence charges for that."""
    noise, signal = structured(30, 300, 3, signal=0.0), structured(30, 10, 3)
    assert plugin.score(*noise).mean() < plugin.score(*signal).mean()


def test_it_has_no_scale_in_any_example():
    x, targets = structured(30, 10, 3)
    lengths = np.random.default_rng(0).uniform(0.1, 10, size=(30, 1))
    np.testing.assert_allclose(plugin.score(lengths * x, targets), plugin.score(x, targets), atol=1e-6)
    for factor in (1e60, 1e-60):
        np.testing.assert_allclose(plugin.score(factor * x, targets), plugin.score(x, targets), atol=1e-6)


@pytest.mark.parametrize(
    "x", [np.zeros((6, 3)), np.full((6, 3), 2.0), np.eye(6), np.repeat(np.eye(3), 2, 0)], ids=str
)
def test_features_that_say_nothing_or_everything_give_a_number(x):
    assert np.isfinite(plugin.score(x, np.array([0, 0, 1, 1, 2, 2]))).all()


def test_classes_without_an_example_do_not_count():
    x, targets = structured(30, 5, 2)
    assert plugin.score(x, targets * 3) == pytest.approx(plugin.score(x, targets))


def test_examples_of_a_unit_and_class_count_once():
    x, targets = structured(30, 6, 3)
    found = plugin.score(np.repeat(x, 3, 0), np.repeat(targets, 3), np.repeat(np.arange(30), 3))
    np.testing.assert_allclose(found, np.repeat(plugin.score(x, targets), 3))
    np.testing.assert_allclose(plugin.score(x, targets, np.arange(30)), plugin.score(x, targets))
