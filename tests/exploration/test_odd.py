"""What lies apart from all others."""

import numpy as np
import pytest

from headstart.exploration import odd, space


def test_rows_far_from_all_others_stand_out(rows):
    far = space.unit(np.random.default_rng(5).normal(size=(3, rows.shape[1])))
    every = np.concatenate([rows, far])
    members = np.argmax(every @ rows[[0, 80, 140]].T, 1)
    scores = odd.loneliness(every, members)
    assert set(np.argsort(-scores)[:3]) == {150, 151, 152}
    assert odd.lonely(scores)[150:].all()
    assert odd.lonely(scores)[:150].mean() < 0.05
    assert np.median(scores) == pytest.approx(1, abs=0.15)


def test_copies_do_not_make_others_lonely():
    """A cluster of nothing but copies has no width to compare with."""
    rows = space.unit(np.concatenate([np.ones((30, 4)), np.random.default_rng(0).normal(size=(30, 4))]))
    assert np.isfinite(odd.loneliness(rows, np.repeat([0, 1], 30))).all()
    assert not odd.lonely(np.ones(40)).any()


def test_of_few_rows_nobody_can_say_what_is_usual():
    assert not odd.lonely(np.array([1.0, 1, 1, 1, 100])).any()
    assert odd.loneliness(np.ones((1, 3), np.float32), np.zeros(1, int)).tolist() == [1]


def test_the_limit_holds_all_but_a_few_of_what_was_seen(rows):
    marks = odd.landmarks(rows)
    assert marks.tolist() == list(range(150))
    limit = odd.limit(rows, marks)
    near = np.sort(np.sqrt(np.maximum(0, 2 - 2 * rows @ rows.T)), 1)[:, 1:6].mean(1)
    assert 0.97 <= (near <= limit).mean() < 1
    assert odd.limit(rows[:1], np.array([0])) == 1
