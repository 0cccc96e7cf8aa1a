"""The neighbours' score, counted by hand."""

import numpy as np

from headstart.ranking.knn import plugin
from headstart.ranking.ridge import plugin as ridge
from scoring import structured


def test_it_is_the_share_whose_neighbours_vote_right():
    x, targets = structured(40, 5, 3, signal=0.7)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    right = []
    for i in range(40):
        others = [j for j in np.argsort(-(unit @ unit[i]), kind="stable") if j != i][:5]
        votes = [sum(1 - 1e-3 * place for place, j in enumerate(others) if targets[j] == c) for c in range(3)]
        right.append(float(np.argmax(votes) == targets[i]))
    assert 0.3 < np.mean(right) < 1
    assert plugin.score(x, targets).tolist() == right


def test_an_example_is_not_its_own_neighbour():
    alone = np.eye(4)
    assert plugin.score(alone, np.array([0, 1, 2, 3])).mean() < 1


def test_two_examples_are_enough():
    assert plugin.score(np.eye(2), np.array([0, 1])).tolist() == [0.0, 0.0]


def test_what_knows_patients_and_not_classes_is_no_better_than_chance():
    draws = np.random.default_rng(0)
    units, targets = np.repeat(np.arange(60), 10), np.repeat(draws.integers(0, 2, 60), 10)
    x = draws.normal(size=(60, 20))[units] + 0.05 * draws.normal(size=(600, 20))
    assert plugin.score(x, targets).mean() == 1.0
    assert 0.3 < plugin.score(x, targets, units).mean() < 0.7
    assert ridge.score(x, targets, units).mean() < 0.5 < ridge.score(x, targets).mean()
