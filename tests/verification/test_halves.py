from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.domains.base import Domains
from headstart.tasks.solvers import linear
from headstart.verification.halves import MOST, Halves, beyond_chance, evenly, halves

WIDTH = 40


def rows(draws, centres, many=120, spread=1.0):
    return centres[np.arange(many) % len(centres)] + spread * draws.normal(size=(many, WIDTH))


def test_the_same_classes_in_other_looks_are_agreed_about_and_other_things_are_not():
    draws = np.random.default_rng(0)
    centres, others = draws.normal(size=(3, WIDTH)), draws.normal(size=(3, WIDTH))
    source, right = rows(draws, centres), np.arange(120) % 3
    looks = rows(draws, centres) * np.exp(0.3 * draws.normal(size=WIDTH)) + 2
    found = {
        name: halves(Domains(source, right, target, 3, linear))
        for name, target in (
            ("looks", looks),
            ("others", rows(draws, others)),
            ("noise", rows(draws, 0 * others)),
        )
    }
    assert found["looks"].kept > 0.8
    assert found["others"].kept < 0.45
    assert found["noise"].kept < 0.45
    assert all(one.source > 0.8 for one in found.values())


def test_of_sets_each_label_is_agreed_about():
    draws = np.random.default_rng(0)
    centres = draws.normal(size=(3, WIDTH))
    right = np.arange(120) % 3
    sets = np.stack([right == 0, right != 2], axis=1).astype(np.int64)
    looks = rows(draws, centres) * np.exp(0.3 * draws.normal(size=WIDTH)) + 2
    found = halves(Domains(rows(draws, centres), sets, looks, 2, linear))
    assert found.kept > 0.7
    assert found.source > 0.8
    one, other = np.array([[1, 1], [0, 1], [1, 1], [0, 1]]), np.array([[1, 1], [0, 1], [0, 1], [1, 1]])
    assert beyond_chance(one, other, 2) == pytest.approx(0.0)


def test_by_chance_is_no_agreement():
    one = np.arange(400) % 2
    assert beyond_chance(one, one, 2) == 1.0
    assert beyond_chance(one, 1 - one, 2) == -1.0
    assert beyond_chance(one, np.arange(400) // 2 % 2, 2) == pytest.approx(0.0)
    assert beyond_chance(np.zeros(9, int), np.zeros(9, int), 2) == 0.0, "one class alone tells nothing"


def test_what_is_kept():
    assert Halves(0.4, 0.8).kept == pytest.approx(0.5)
    assert Halves(-0.1, 0.8).kept == Halves(0.5, 0.0).kept == 0.0


def test_one_feature_and_very_many_rows():
    draws = np.random.default_rng(0)
    one = draws.normal(size=(60, 1))
    assert halves(Domains(one, np.arange(60) % 2, one, 2, linear)).kept == 0.0
    assert len(range(10 * MOST)[evenly(10 * MOST)]) <= MOST
    assert len(range(MOST)[evenly(MOST)]) == MOST
