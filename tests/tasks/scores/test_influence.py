"""Scores of images have the whole as their mean and the jackknife's variance."""

import numpy as np
import pytest

from headstart.tasks.scores.influence import influence


def without_each(values, number):
    return np.array([number(np.delete(values, i)) for i in range(len(values))])


def test_of_a_mean_the_scores_are_the_values_themselves():
    values = np.random.default_rng(0).random(9)
    assert influence(values.mean(), without_each(values, np.mean)) == pytest.approx(values)


@pytest.mark.parametrize("n", [2, 3, 50, 500])
def test_their_mean_is_the_whole_and_their_variance_the_jackknifes(n):
    draws = np.random.default_rng(n)
    values = draws.normal(size=n)
    whole, without = np.exp(values).std(), without_each(np.exp(values), np.std)
    found = influence(whole, without)
    assert found.shape == (n,)
    assert found.mean() == pytest.approx(whole, abs=1e-12)
    jackknife = (n - 1) / n * ((without - without.mean()) ** 2).sum()
    assert found.var(ddof=1) / n == pytest.approx(jackknife)


def test_an_image_that_makes_the_whole_better_scores_higher():
    low, high = influence(0.5, np.array([0.6, 0.4]))
    assert (low, high) == (pytest.approx(0.4), pytest.approx(0.6))


def test_one_image_scores_the_whole():
    assert influence(0.25, np.array([0.0])).tolist() == [0.25]
