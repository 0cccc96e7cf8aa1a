"""Alternating least squares: against the exact solution, and what it is begun with."""

import numpy as np
import pytest
from scipy import sparse

from headstart.tasks.solvers.factorisation import Settings, factorised, half, ridge, unseen_of


def pairs(users=60, items=40, seed=0):
    draws = np.random.default_rng(seed)
    taken = draws.random((users, items)) < np.where(
        np.arange(users)[:, None] % 2 == np.arange(items) % 2, 0.4, 0.02
    )
    return sparse.csr_matrix(taken.astype(np.float32))


def loss(taken, solved, how):
    dense, told = taken.toarray(), solved.users @ solved.items.T
    count = dense.sum(1), dense.sum(0)
    users, items = (
        how.penalty * (own + how.unseen * other) @ (factors**2).sum(1)
        for own, other, factors in ((count[0], 40, solved.users), (count[1], 60, solved.items))
    )
    return float((dense * (1 - told) ** 2).sum() + how.unseen * (told**2).sum() + users + items)


def test_many_steps_solve_each_row_exactly():
    taken, how = pairs(), Settings(width=4, steps=60)
    items = np.random.default_rng(1).normal(size=(40, 4)).astype(np.float32)
    found = half(taken, np.zeros((60, 4), np.float32), items, how)
    for row, user in enumerate(found[:5]):
        own = items[taken[row].indices]
        strength = how.penalty * (len(own) + how.unseen * 40)
        left = own.T @ own + unseen_of(items, how) + strength * np.eye(4)
        assert np.allclose(user, np.linalg.solve(left, own.sum(0)), atol=1e-3)


def test_rounds_lower_the_loss_and_groups_are_found():
    taken = pairs()
    losses = [
        loss(taken, factorised(taken, how), how) for how in (Settings(width=8, rounds=1), Settings(width=8))
    ]
    assert losses[1] < losses[0]
    told = factorised(taken, Settings(width=8))
    scores = told.users @ told.items.T
    same = np.arange(60)[:, None] % 2 == np.arange(40) % 2
    assert scores[same].mean() > 5 * abs(scores[~same].mean())


def test_nothing_is_drawn():
    one, other = (factorised(pairs(), Settings(width=8)) for _ in range(2))
    assert np.array_equal(one.users, other.users)
    assert np.array_equal(one.items, other.items)


def test_it_goes_on_from_where_it_is_begun():
    taken, how = pairs(), Settings(width=8, rounds=1)
    long = factorised(taken, Settings(width=8, rounds=30))
    begun = factorised(taken, how, (long.users, long.items))
    half_known = long.users.copy()
    half_known[::2] = np.nan
    assert loss(taken, begun, how) < loss(taken, factorised(taken, how), how)
    assert np.isfinite(factorised(taken, how, (half_known, None)).items).all()


def test_few_pairs_at_a_time_give_the_same(monkeypatch):
    one = factorised(pairs(), Settings(width=8))
    monkeypatch.setattr("headstart.tasks.solvers.factorisation.CHUNK", 7)
    assert np.allclose(one.items, factorised(pairs(), Settings(width=8)).items, atol=1e-4)


def test_items_that_count_less_pull_less():
    items = np.eye(2, dtype=np.float32)
    assert unseen_of(items, Settings(unseen=1.0), np.array([1.0, 0.5], np.float32)).diagonal().tolist() == [
        1,
        0.5,
    ]


def test_a_ridge_without_penalty_is_least_squares():
    draws = np.random.default_rng(0)
    x, matrix = draws.normal(size=(30, 3)), draws.normal(size=(3, 2))
    assert ridge(x, x @ matrix, 1e-9) == pytest.approx(matrix, abs=1e-4)
