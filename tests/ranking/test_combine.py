"""The combined order of made-up scores."""

import numpy as np
import pytest

from headstart.ranking._combine import combine, ranks


def pseudo(means, n=200, spread=1.0, scores=3, seed=0):
    """(b, s, n) pseudo-values with exactly these means."""
    found = np.random.default_rng(seed).normal(scale=spread, size=(len(means), scores, n))
    return found - found.mean(2, keepdims=True) + np.array(means)[:, None, None]


def nothing(count):
    return np.zeros(count)


def test_clear_differences_give_a_clear_order():
    found = combine(pseudo([0.0, 3.0, 1.5]), nothing(3))
    assert found.places.tolist() == [3, 1, 2]
    assert (found.deviations < 1e-9).all()
    assert found.values == pytest.approx([-1.2247, 1.2247, 0.0], abs=1e-3)


def test_differences_within_the_noise_are_ties():
    found = combine(pseudo([0.0, 0.02, 2.0]), nothing(3))
    assert found.places.tolist() == [2, 2, 1]
    assert found.deviations[0] > 0.1


def test_the_noise_that_the_examples_share_does_not_tie():
    """All bases find the same examples hard: their differences are what counts."""
    hard = np.random.default_rng(0).normal(size=(1, 1, 200))
    found = combine(pseudo([0.0, 0.2], spread=0.1) + hard, nothing(2))
    assert found.places.tolist() == [2, 1]


def test_equal_scores_leave_it_to_the_prior():
    same = np.repeat(pseudo([1.0]), 2, axis=0)
    found = combine(same, np.array([-0.5, 0.5]))
    assert found.values.tolist() == [-0.5, 0.5]
    assert found.places.tolist() == [1, 1], "the examples say nothing, whatever the prior says"


def test_the_last_bits_are_not_a_difference():
    same = np.repeat(pseudo([1.0]), 2, axis=0)
    same[1] += 1e-9
    assert combine(same, nothing(2)).places.tolist() == [1, 1]


def test_a_prior_moves_what_is_uncertain_and_not_what_is_clear():
    assert combine(pseudo([0.0, 0.02]), np.array([1.0, 0.0])).values.argmax() == 0
    assert combine(pseudo([0.0, 5.0]), np.array([1.0, 0.0])).values.argmax() == 1


def test_one_base_alone_is_first():
    found = combine(pseudo([0.3]), nothing(1))
    assert (found.values.tolist(), found.places.tolist()) == ([0.0], [1])


def test_the_same_scores_give_the_same_order():
    one, two = (combine(pseudo([0.0, 0.05, 0.1]), nothing(3)) for _ in range(2))
    assert (one.values == two.values).all()
    assert (one.deviations == two.deviations).all()


def test_one_is_the_best_rank_and_equals_share_theirs():
    assert ranks(np.array([0.1, 0.9, 0.9, 0.5])).tolist() == [4, 1.5, 1.5, 3]


def test_what_one_group_says_is_said_once():
    """Nine of ten examples are of one group, which likes the second base: others are needed to tell."""
    units = np.minimum(np.arange(200), 20)
    found = pseudo([0.0, 0.0], spread=0.01)
    found[1, :, 20:] += 1.0
    found[1, :, :20] -= 1.0
    assert combine(found, nothing(2)).places.tolist() == [2, 1], "as if all were independent"
    assert combine(found, nothing(2), units).places.tolist() == [1, 1]
    alone = combine(found, nothing(2), np.arange(200) + 7)
    assert (alone.values == combine(found, nothing(2)).values).all()
