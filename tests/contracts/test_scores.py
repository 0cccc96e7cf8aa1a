"""Every score is asked the same questions."""

import inspect

import numpy as np
import pytest

from headstart import registry

SCORES = registry.names("ranking")


@pytest.fixture(params=SCORES)
def pseudo_values(request):
    return registry.get("ranking", request.param).score


@pytest.fixture
def score(pseudo_values):
    """The number that the pseudo-values are of."""
    return lambda features, targets: float(pseudo_values(features, targets).mean())


def problem(signal, n=60, d=12, k=3, seed=0):
    """(n, d) features whose class means are `signal` apart, and (n,) targets."""
    draws = np.random.default_rng(seed)
    targets = np.arange(n) % k
    found = draws.normal(size=(n, d)) + signal * draws.normal(size=(k, d))[targets]
    return found * np.linspace(2, 0.2, d), targets  # as in any network, some vary more than others


def test_all_scores_are_found():
    assert SCORES == ["hscore", "knn", "logme", "ridge"]


@pytest.mark.parametrize("name", SCORES)
def test_it_says_what_it_is_in_one_line(name):
    assert len(registry.get("ranking", name).summary.splitlines()) == 1
    taken = inspect.signature(registry.get("ranking", name).score).parameters
    assert list(taken) == ["features", "targets", "units"]
    assert taken["units"].default is None


@pytest.mark.parametrize(("n", "d"), [(60, 12), (30, 100)])
def test_the_more_the_features_say_the_higher_it_is(score, n, d):
    for seed in range(3):
        noise, some, much = (score(*problem(signal, n, d, seed=seed)) for signal in (0.0, 0.5, 2.0))
        assert noise < some < much or noise < some == much


def test_targets_that_the_features_know_nothing_of_score_low(score):
    features, targets = problem(2.0)
    scrambled = np.random.default_rng(1).permutation(targets)
    assert score(features, scrambled) < score(features, targets)


def test_the_order_of_the_examples_does_not_matter(score):
    features, targets = problem(0.5)
    order = np.random.default_rng(2).permutation(len(targets))
    assert score(features[order], targets[order]) == pytest.approx(score(features, targets), rel=1e-6)


def test_the_order_and_the_scale_of_the_features_do_not_matter(score):
    features, targets = problem(0.5)
    moved = 10 * features[:, ::-1]
    assert score(moved, targets) == pytest.approx(score(features, targets), rel=1e-6)


def test_it_says_how_much_each_example_adds(pseudo_values):
    """Of what is left without some examples, the pseudo-values of all foretell the score."""
    features, targets = problem(0.5, n=90)
    found = pseudo_values(features, targets)
    assert found.shape == (90,)
    assert np.isfinite(found).all()
    draws, told, seen = np.random.default_rng(3), [], []
    for _ in range(40):
        rows = draws.permutation(90)[:80]
        told.append(found[rows].mean())
        seen.append(pseudo_values(features[rows], targets[rows]).mean())
    assert np.corrcoef(told, seen)[0, 1] > 0.4


def test_the_same_features_give_the_same_number_and_stay_as_they_are(score):
    features, targets = problem(0.5)
    before = features.copy()
    assert score(features, targets) == score(features, targets)
    np.testing.assert_array_equal(features, before)


def test_three_examples_of_a_class_are_enough(score):
    features, targets = problem(2.0, n=9, d=50)
    assert np.isfinite(score(features, targets))


def test_features_that_are_dull_or_doubled_are_harmless(score):
    features, targets = problem(0.5)
    padded = np.hstack([features, features[:, :1], np.ones((60, 2)), np.zeros((60, 1))])
    assert np.isfinite(score(padded, targets))
    assert np.isfinite(score(np.ones((60, 4)), targets))


def test_a_class_that_does_not_occur_is_harmless(score):
    features, targets = problem(2.0)
    rows = targets != 1
    assert np.isfinite(score(features[rows], targets[rows]))
