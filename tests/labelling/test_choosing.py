"""What to label: unsure rows that stand for others, none like an earlier one."""

from __future__ import annotations

import numpy as np

from headstart.exploration.space import unit
from headstart.labelling import choosing
from headstart.labelling.choosing import to_label

DRAWS = np.random.default_rng(0)


def heaps(*sizes: int) -> np.ndarray:
    """Tight heaps of rows of length 1, each in a direction of its own."""
    centres = np.eye(len(sizes))
    rows = [centres[place] + DRAWS.normal(0, 0.02, (size, len(sizes))) for place, size in enumerate(sizes)]
    return unit(np.concatenate(rows))


def test_each_heap_is_asked_about_before_any_twice():
    rows = heaps(30, 10, 20)
    first = to_label(rows, np.full(60, 0.5), 3)
    assert sorted(np.searchsorted([30, 40], first, side="right").tolist()) == [0, 1, 2]
    assert first[0] < 30, "the largest stands for most"


def test_what_the_model_is_sure_of_comes_last():
    rows = heaps(30, 30)
    unsure = np.repeat([0.0, 0.9], 30)
    chosen = to_label(rows, unsure, 10)
    assert (chosen >= 30).sum() >= 9
    assert chosen[0] >= 30


def test_a_beginning_of_the_list_is_the_shorter_list():
    rows, unsure = heaps(9, 9, 9), DRAWS.random(27)
    assert to_label(rows, unsure, 12)[:5].tolist() == to_label(rows, unsure, 5).tolist()


def test_all_are_listed_once_where_more_are_wanted():
    assert sorted(to_label(heaps(4, 3), np.zeros(7), 50).tolist()) == list(range(7))
    assert to_label(np.zeros((0, 2), np.float32), np.zeros(0), 5).tolist() == []


def test_of_very_many_the_least_sure_may_be_taken(monkeypatch):
    monkeypatch.setattr(choosing, "COVERED", 5)
    unsure = np.linspace(0, 1, 20)
    assert sorted(to_label(heaps(10, 10), unsure, 9).tolist()) == [15, 16, 17, 18, 19]
