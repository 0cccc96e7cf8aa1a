"""Features as short rows of length 1."""

import time

import numpy as np

from headstart.exploration import space


def test_rows_have_length_1_and_keep_their_neighbours(grouped, rows):
    features, which = grouped
    assert rows.shape == (150, 24)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    alike = rows @ rows.T
    np.fill_diagonal(alike, -1)
    assert (which[alike.argmax(1)] == which).mean() > 0.98


def test_components_keep_their_own_spread(grouped):
    """Equal ones (whitening) would lift noise."""
    into = space.fit(grouped[0])
    scores = (space.unit(grouped[0]) - into.centre) @ into.axes
    assert scores.std(0)[0] > 5 * scores.std(0)[-1]
    assert np.allclose(np.linalg.norm(into.axes, axis=0), 1, atol=1e-4)


def test_what_does_not_vary_has_no_direction():
    into = space.fit(np.ones((5, 8), np.float32))
    assert into.axes.shape == (8, 1)
    assert not into(np.ones((5, 8), np.float32)).any()


def test_there_are_no_more_components_than_rows_tell():
    assert space.fit(np.random.default_rng(0).normal(size=(4, 30))).axes.shape == (30, 3)


def test_nearly_right_components_are_nearly_the_same_space(grouped, rows):
    quick = space.fit(grouped[0], exact=False)(grouped[0])
    assert np.abs(quick @ quick.T - rows @ rows.T).max() < 0.05


def test_wide_features_take_no_time_of_the_cube_of_their_number():
    """Word counts have thousands of columns: an exact solution takes minutes."""
    features = np.random.default_rng(0).normal(size=(60, 4 * space.WIDE)).astype(np.float32)
    started = time.process_time()
    assert space.fit(features).axes.shape == (4 * space.WIDE, space.COMPONENTS)
    assert time.process_time() - started < 30


def test_some_are_spread_evenly():
    assert space.evenly(10, 20).tolist() == list(range(10))
    assert space.evenly(101, 3).tolist() == [0, 50, 100]
