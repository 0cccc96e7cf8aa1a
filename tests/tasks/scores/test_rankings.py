"""How good lists are, by hand and by another library."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from headstart.tasks.scores.rankings import RANKINGS, Among, Next, ndcg, of_new, recall

COUNTS = np.array([4, 8, 0, 4, 0, *[0] * 45])
"""Items 2, 4 and all from 5 on are new; of the 16 times item 1 was taken half."""


def given(*lists, new=()):
    found = np.full((len(lists), 21, 4), -1.0)
    for row, items in zip(found, lists, strict=True):
        row[0] = 0
        row[1 : len(items) + 1, 0] = items
    for row, items in zip(found, new, strict=False):
        row[1 : len(items) + 1, 2] = items
    return found


def right(*numbers, known=0, counts=None):
    found = np.empty(len(numbers), dtype=object)
    among = Among(50, counts)
    found[:] = [
        Next(tuple(map(str, own)), known, np.array(own, dtype=np.int64), among=among) for own in numbers
    ]
    return found


def test_it_is_that_of_another_library():
    draws = np.random.default_rng(0)
    for _ in range(20):
        order, wanted = draws.permutation(30), draws.choice(30, draws.integers(1, 15), replace=False)
        relevance = np.isin(np.arange(30), wanted).astype(float)
        worth = np.empty(30)
        worth[order] = np.arange(30, 0, -1)
        assert ndcg(given(order[:20]), right(wanted))[0] == pytest.approx(
            ndcg_score([relevance], [worth], k=10)
        )


def test_what_nobody_can_recommend_counts_as_missed():
    assert ndcg(given([3]), right([3]))[0] == 1
    assert ndcg(given([3]), right([3, -1]))[0] < 1
    assert ndcg(given([]), right([-1]))[0] == 0  # the filling of a list is no hit
    assert recall(given([3, 4]), right([4, 5]))[0] == 0.5


def test_kinds_apart_and_what_is_ever_shown():
    said = np.concatenate([right([1]), right([2], known=2), right([3], known=9)])
    found = RANKINGS.all(given([1], [9], [3]), said)
    assert found["ndcg_of cold"] == found["ndcg_of warm"] == 1
    assert found["ndcg_of few"] == 0
    assert found["coverage"] == 3 / 50
    assert RANKINGS.titles.of("ndcg_of cold") == "NDCG@10 of cold"


def test_new_items_are_ranked_among_themselves_of_users_who_took_such():
    outputs = given([0], [1], [1], new=([4, 2], [2], [9]))
    said = right([2], [0, 1], [2, 0], counts=COUNTS)
    assert of_new(outputs, said).tolist() == pytest.approx([1 / np.log2(3), 0])
    assert RANKINGS.all(outputs, said)["ndcg_new"] == pytest.approx(0.5 / np.log2(3))
    assert "ndcg_new" not in RANKINGS.all(outputs[1:2], said[1:2])
    assert "ndcg_new" not in RANKINGS.all(outputs, right([2], [0, 1], [2, 0]))


def test_novelty_is_the_mean_information_of_what_is_recommended():
    found = RANKINGS.all(given([1], [0, 2]), right([0], [0], counts=COUNTS))
    assert found["novelty"] == pytest.approx((1 + 2 + 4) / 3)  # what nobody took counts as taken once
    assert RANKINGS.titles.of("novelty") == "novelty (bits)"
    assert "novelty" not in RANKINGS.all(given([1]), right([0]))


def test_novelty_is_no_share():
    """In bits: a report does not write it as a percentage."""
    assert RANKINGS.ranges["novelty"] == (0.0, None)
    assert RANKINGS.ranges["ndcg"] == (0.0, 1.0)
