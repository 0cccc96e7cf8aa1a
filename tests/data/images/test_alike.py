"""Rows that are nearly parallel are found among few rows and among many."""

import numpy as np
import pytest

from headstart.data.images import alike

LEAST = 0.9


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def found(rows):
    """Later row first; each pair once."""
    return sorted({tuple(pair) for some in alike.alike_pairs(rows, LEAST) for pair in some.tolist()})


@pytest.fixture
def rows():
    """300 of no likeness and 60 that are copies of the first ones, a little changed."""
    draw = np.random.default_rng(0)
    some = draw.normal(size=(300, 32))
    return unit(np.concatenate([some, some[:60] + 0.1 * draw.normal(size=(60, 32))]))


@pytest.mark.parametrize("most", [alike.MOST, 100])
def test_pairs_are_found_with_and_without_the_index(rows, most, monkeypatch):
    monkeypatch.setattr(alike, "MOST", most)
    monkeypatch.setattr(alike, "BLOCK", 7)
    assert found(rows) == [(300 + number, number) for number in range(60)]


def test_the_index_compares_few_of_the_pairs(rows, monkeypatch):
    """Whatever their likeness is: most are never looked at."""
    monkeypatch.setattr(alike, "MOST", 0)
    seen = sum(len(some) for some in alike.alike_pairs(rows, -1.0))
    assert seen < 0.5 * len(rows) ** 2


def test_rows_of_nothing_are_like_nothing(monkeypatch):
    rows = np.zeros((50, 8), np.float32)
    assert found(rows) == []
    monkeypatch.setattr(alike, "MOST", 10)
    assert found(rows) == []
