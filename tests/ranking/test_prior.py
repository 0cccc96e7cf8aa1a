"""The prior of made-up tables, and the table that ships."""

import numpy as np
import pytest

from headstart.ranking._prior import UNKNOWN, prior, standings, table

RUNS = [
    {"set": "one", "examples": 10, "accuracy": {"a": 0.9, "b": 0.5, "c": 0.7}},
    {"set": "one", "examples": 99, "accuracy": {"a": 0.95, "b": 0.6, "c": 0.8}},
    {"set": "two", "examples": 10, "accuracy": {"a": 0.4, "b": 0.3}},
]


def test_nothing_is_known_of_a_stranger():
    assert prior("z", RUNS) == UNKNOWN == prior("a", [])


def test_standings_are_averaged_by_data_set_and_shrunk():
    best_of_three = np.sqrt(1.5)
    assert prior("a", RUNS).mean == pytest.approx((best_of_three + 1) / 2 * 2 / 3)
    assert prior("c", RUNS).mean == pytest.approx(0)
    assert (prior("a", RUNS).sets, prior("c", RUNS).sets) == (2, 1)
    assert prior("b", RUNS).mean < 0


def test_more_data_sets_shrink_less():
    more = [{"set": str(i), "examples": 1, "accuracy": {"a": 0.9, "b": 0.1}} for i in range(9)]
    assert prior("a", more[:1]).mean == pytest.approx(0.5)
    assert prior("a", more).mean == pytest.approx(0.9)


def test_equals_stand_equal():
    assert standings(np.array([0.5, 0.5, 0.5])).tolist() == [0, 0, 0]


def test_the_table_that_ships_is_whole():
    for run in table():
        assert {"set", "examples", "accuracy"} <= run.keys()
        assert all(0 <= value <= 1 for value in run["accuracy"].values())
        assert all(len(sha256) == 64 for sha256 in run["accuracy"])
