"""What is said of items, mapped to what is known of them."""

import numpy as np
import pytest
from scipy import sparse

from headstart.tasks.fitters import contents
from headstart.tasks.fitters.contents import Contents

ITEMS, TAKEN = 300, 200


@pytest.fixture
def draws():
    return np.random.default_rng(0)


def matrix(rows):
    return sparse.csr_matrix(np.asarray(rows, dtype=np.float32))


def contents_of(*said):
    return Contents([matrix(one) for one in said], np.arange(ITEMS) < TAKEN)


def test_values_of_items_that_nobody_took_are_told_by_what_is_said_of_them(draws):
    words = draws.random((ITEMS, 6)) < 0.4
    right = words @ draws.normal(size=(6, 3)) + 2 + draws.normal(size=(ITEMS, 3)) / 10
    values = np.where(np.arange(ITEMS)[:, None] < TAKEN, right, 0)
    told = contents_of(words).predicted(values)
    silent = ~words.any(1)
    assert silent.any()
    assert np.isnan(told[silent]).all()
    assert np.abs(told - right)[~silent].mean() < 0.15


def test_texts_that_tell_are_heeded_and_others_do_no_harm(draws):
    worse = []
    for _ in range(20):
        words, texts = draws.random((ITEMS, 4)) < 0.5, draws.normal(size=(ITEMS, 8))
        right = words @ draws.normal(size=(4, 2)) + draws.normal(size=(ITEMS, 2)) / 5
        worse.append(missed(right, words, texts) / missed(right, words))
        telling = right + texts[:, :2]
        assert missed(telling, words, texts) < missed(telling, words) / 4
    assert np.mean(worse) < 1.02


def missed(right, words, *texts):
    """Mean squared error on items that nobody took."""
    told = contents_of(words, *(np.hstack([words, one]) for one in texts)).predicted(right)
    return np.nanmean((told - right)[TAKEN:] ** 2)


def test_what_says_nothing_says_nothing(draws):
    noise, values = draws.normal(size=(ITEMS, 30)), draws.normal(size=(ITEMS, 2))
    assert np.isnan(contents_of(noise).predicted(values)).all()
    assert np.isnan(contents_of().predicted(values)).all()
    few = Contents([matrix(noise)], np.arange(ITEMS) < 9)
    assert np.isnan(few.predicted(values)).all()


def test_of_very_many_items_some_teach(draws, monkeypatch):
    words = draws.random((ITEMS, 6)) < 0.4
    right = words @ draws.normal(size=(6, 3))
    monkeypatch.setattr(contents, "MOST", 60)
    one = contents_of(words)
    told = one.predicted(right)
    assert len(one._teaching) <= 60
    assert np.nanmax(np.abs(told - right)) < 0.05


def test_what_seems_to_say_a_little_by_luck_is_seldom_heeded():
    heeded = 0
    for seed in range(60):
        draws = np.random.default_rng(seed)
        words = np.hstack([draws.random((40, 3)) < 0.5, np.ones((40, 1))])
        told = Contents([matrix(words)], np.ones(40, np.bool_)).predicted(draws.normal(size=(40, 1)))
        heeded += np.isfinite(told).any()
    assert heeded <= 2  # of ten that seem to say something


def test_of_nine_items_nothing_is_learned_and_of_ten_something():
    words = np.arange(ITEMS)[:, None] % 2 == 0
    for few, says in ((9, False), (10, True)):
        one = Contents([matrix(np.hstack([words, ~words]))], np.arange(ITEMS) < few)
        assert np.isfinite(one.predicted(np.where(words, 1.0, 2.0))).all() == says


def test_the_words_of_a_profile_are_the_most_frequent_ones(monkeypatch):
    monkeypatch.setattr(contents, "PROFILED", 2)
    words, texts = matrix([[1, 0, 1], [1, 1, 0], [0, 0, 1]]), np.array([[1.0], [0.0], [1.0]], np.float32)
    half = np.sqrt(0.5)
    assert np.allclose(contents.profiles(words), [[1, 0], [half, half], [0, 0]])
    assert np.allclose(contents.profiles(words, texts), [[half, 0, half], [half, half, 0], [0, 0, 1]])
