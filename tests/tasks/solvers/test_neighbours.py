"""Nearest neighbours, counted by hand."""

import numpy as np
import pytest

from headstart.tasks.solvers.neighbours import nearest


def directions(*degrees):
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def test_the_five_nearest_by_cosine_vote():
    # row 6 looks at 0 degrees; its nearest five are 10, 20, 30, 40, 50 degrees
    features = directions(10, 50, 20, 40, 30, 60, 0) * np.array([[1, 9, 2, 100, 1, 1, 5]]).T
    targets = np.array([0, 0, 1, 0, 2, 1, 9])
    found = nearest(features, np.arange(6), targets, 3, np.array([6]))
    # votes weigh 1, 0.999, 0.998, 0.997, 0.996 from the nearest on
    votes = np.array([1 + 0.997 + 0.996, 0.999, 0.998]) + 1e-3
    np.testing.assert_allclose(found, np.log(votes / votes.sum())[None], rtol=1e-9)
    odds = np.exp(found)[0]
    assert odds.sum() == pytest.approx(1)


def test_the_nearer_of_two_equally_frequent_classes_wins():
    features = directions(10, 20, 30, 40, 0)
    targets = np.array([1, 0, 0, 1, 9])
    assert nearest(features, np.arange(4), targets, 2, np.array([4]))[0].argmax() == 0
    targets = np.array([1, 0, 9, 9, 9])
    assert nearest(features, np.arange(2), targets, 2, np.array([4]))[0].argmax() == 1


def test_a_row_in_training_is_not_its_own_neighbour():
    features = directions(0, 1, 2, 3, 4, 5)
    targets = np.array([1, 1, 0, 0, 1, 0])  # the first row itself would tip the five nearest to 1
    assert nearest(features, np.arange(6), targets, 2, np.array([0]))[0].argmax() == 0


def test_fewer_training_examples_than_neighbours_and_features_of_nothing():
    features = np.vstack([directions(0, 90), np.zeros((1, 2))])
    found = nearest(features, np.arange(2), np.array([0, 1, 0]), 2, np.array([0, 2]))
    assert np.isfinite(found).all()


def test_what_is_of_its_unit_is_no_neighbour():
    features = directions(0, 1, 2, 60, 61)
    targets = np.array([1, 1, 1, 0, 0])
    everyone, units = np.arange(5), np.array([0, 0, 0, 1, 2])
    found = nearest(features, everyone, targets, 2, everyone, units)
    assert found.argmax(1).tolist() == [0, 0, 0, 1, 1], "three of the first unit outvote one"
    alone = nearest(features, everyone, targets, 2, everyone, np.zeros(5))
    assert np.ptp(alone) == 0, "nobody is left"
