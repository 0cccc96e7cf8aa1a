"""Each example is looked at by a model that has not learned from it, at the scale of the one that has."""

import numpy as np
import pytest

from headstart.targets import of_classes
from headstart.tasks.solvers import crossfit
from headstart.tasks.solvers.crossfit import crossfitted, scale_of
from headstart.types import Examples


def examples_of(targets, groups=None):
    """Examples of these classes."""
    names = tuple(map(str, range(len(targets))))
    labels = tuple(map(str, sorted(set(targets))))
    groups = None if groups is None else tuple(groups)
    return Examples(names, (b"",) * len(targets), names, of_classes(np.array(targets), labels), groups)


def test_no_model_is_asked_for_what_it_learned_from():
    examples, asked = examples_of([0, 1] * 20), []

    def fit(rows):
        def outputs(some):
            asked.append((set(rows.tolist()), some))
            return np.stack([some * 1.0, -some * 1.0], 1)

        return outputs

    pool = np.arange(4, 36)
    outputs, rows = crossfitted(fit, lambda some: np.stack([some * 3.0, -some * 3.0], 1), pool, examples)
    assert sorted(rows.tolist()) == pool.tolist()
    held = [some for learned, some in asked if not learned & set(some.tolist())]
    assert sum(map(len, held)) == len(pool)
    np.testing.assert_allclose(outputs[:, 0], 3.0 * rows, err_msg="the scale is that of the whole model")


def test_what_belongs_together_is_in_one_fold():
    examples = examples_of([0, 1] * 20, groups=[f"g{row // 4}" for row in range(40)])
    folds = []

    def fit(rows):
        folds.append(np.setdiff1d(np.arange(40), rows))
        return lambda some: np.ones((len(some), 2))

    crossfitted(fit, lambda some: np.ones((len(some), 2)), np.arange(40), examples)
    assert all(len(fold) % 4 == 0 and (fold // 4).max() < 10 for fold in folds)
    assert all(
        {row // 4 * 4 + i for row in fold.tolist() for i in range(4)} == set(fold.tolist()) for fold in folds
    )


def test_a_class_that_no_other_fold_has_is_not_judged():
    examples = examples_of([0, 0, 0, 1, 1, 1, 2])
    _, rows = crossfitted(
        lambda _: lambda some: np.ones((len(some), 3)),
        lambda some: np.ones((len(some), 3)),
        np.arange(7),
        examples,
    )
    assert sorted(rows.tolist()) == [0, 1, 2, 3, 4, 5]


def test_the_scale_is_bounded_and_one_where_there_is_none():
    draw = np.random.default_rng(0).normal(0, 1, (20, 3))
    assert scale_of(draw * 20, draw) == pytest.approx(20)
    assert scale_of(draw * 1e6, draw) == crossfit.MOST
    assert scale_of(draw, np.zeros_like(draw)) == scale_of(np.ones_like(draw), draw) == 1.0
