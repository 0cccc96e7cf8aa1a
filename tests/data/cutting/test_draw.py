"""Draws: quotas sum to the share, units stay whole, and one of each class stays behind."""

import numpy as np
import pytest

from headstart.data.cutting.draw import members, pool, quotas, take


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(4))
def test_quotas_sum_to_the_share_of_the_whole(seed):
    want = quotas(np.full(10, 10), 0.15, 1, rng(seed))
    assert want.sum() == 15
    assert set(want.tolist()) == {1, 2}


def test_quotas_take_at_least_what_is_asked_but_never_the_last():
    assert quotas(np.array([1000, 3, 2, 1, 0]), 0.1, 1, rng()).tolist() == [100, 1, 1, 0, 0]
    assert quotas(np.array([1000, 3, 2, 1, 0]), 0.1, 0, rng()).tolist() == [100, 1, 0, 0, 0]


def test_units_join_through_bytes_and_groups():
    joined = pool(["a", "b", "b", "c", "d"], ["p", "p", "", "q", ""], np.array([0, 0, 0, 1, 1]), 2)
    assert joined.units == ((0, 1, 2), (3,), (4,))
    assert joined.counts == ({0: 3}, {1: 1}, {1: 1})
    assert joined.total.tolist() == [3, 2]


@pytest.mark.parametrize("seed", range(4))
def test_single_examples_are_drawn_exactly(seed):
    targets = np.repeat([0, 1, 2], [10, 20, 3])
    source = pool([str(i) for i in range(33)], None, targets, 3)
    drawn = members(source, take(source, np.array([4, 7, 1]), rng(seed)))
    assert np.bincount(targets[drawn]).tolist() == [4, 7, 1]


def test_the_last_example_of_a_class_stays():
    source = pool(["a", "b"], None, np.array([0, 1]), 2)
    assert take(source, np.array([1, 1]), rng()) == []


def test_units_used_less_often_are_taken_first():
    source = pool([str(i) for i in range(6)], None, np.zeros(6, dtype=np.int64), 1)
    for seed in range(5):
        assert sorted(take(source, np.array([2]), rng(seed), np.array([1, 1, 0, 1, 0, 2]))) == [2, 4]


def test_where_every_unit_is_too_large_the_nearest_is_taken():
    source = pool([str(i) for i in range(12)], ["p"] * 4 + ["q"] * 8, np.zeros(12, dtype=np.int64), 1)
    assert members(source, take(source, np.array([1]), rng())).tolist() == [0, 1, 2, 3]


def test_a_key_of_a_copy_and_a_group_of_the_same_name_are_two():
    joined = pool(["a", "b", "c"], ["b", "a", ""], np.zeros(3, int), 1)
    assert joined.units == ((0,), (1,), (2,))


def test_many_single_examples_share_their_counts():
    source = pool([str(i) for i in range(1000)], None, np.arange(1000) % 3, 3)
    assert len({id(counts) for counts in source.counts}) == 3
