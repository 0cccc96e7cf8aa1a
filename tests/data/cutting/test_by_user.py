"""Interactions are cut at one time for all, or user by user."""

import numpy as np

from headstart.data.cutting.by_user import TEST, TRAIN, VALIDATION, cut, share_of, taken

USER = np.repeat(np.arange(200), 6)
NAMES = [f"u{number}" for number in range(200)]


def test_one_time_for_all():
    when = np.random.default_rng(0).permutation(len(USER))
    found = cut(USER, when, NAMES)
    assert found.times
    assert when[found.side == TRAIN].max() < found.times[0] <= when[found.side == VALIDATION].min()
    assert when[found.side == VALIDATION].max() < found.times[1] <= when[found.side == TEST].min()
    assert abs((found.side == TEST).mean() - 0.15) < 0.01


def test_stamps_that_are_all_the_same_are_none():
    assert cut(USER, np.zeros(len(USER), dtype=np.int64), NAMES).times is None


def test_without_stamps_some_users_are_held_out_whole_and_some_but_for_two_items():
    side = cut(USER, None, NAMES).side.reshape(200, 6)
    told = {tuple(np.bincount(one, minlength=3).tolist()) for one in side}
    assert told == {(4, 1, 1), (0, 0, 6), (2, 0, 4), (0, 6, 0), (2, 4, 0)}
    assert 0.08 < (side == TEST).all(1).mean() < 0.25


def test_what_others_took_does_not_move_a_user():
    one = cut(USER, None, NAMES).side
    other = cut(USER[USER < 50], None, NAMES[:50]).side
    assert other.tolist() == one[USER < 50].tolist()


def test_users_of_one_item_are_learned_from():
    assert cut(np.arange(50), None, NAMES[:50]).side.tolist() == [TRAIN] * 50


def test_as_many_as_are_asked_for():
    assert taken(NAMES, 20).sum() == 20
    assert taken(NAMES, 500).all()
    assert 0 <= share_of("a", "b") < 1
