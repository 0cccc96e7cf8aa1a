"""R², RMSE and MAE are scikit-learn's, and the scores of examples are their parts."""

import numpy as np
import pytest
from sklearn import metrics

from headstart.tasks.scores.values import VALUES

BY_NAME = {score.name: score for score in VALUES.each}


def drawn(seed=0, n=40):
    draws = np.random.default_rng(seed)
    right = draws.normal(size=n) * 3 + 10
    return right[:, None] + draws.normal(size=(n, 1)), right


def test_they_are_those_of_scikit_learn():
    outputs, right = drawn()
    assert VALUES.all(outputs, right) == {
        "r2": pytest.approx(metrics.r2_score(right, outputs[:, 0])),
        "rmse": pytest.approx(metrics.root_mean_squared_error(right, outputs[:, 0])),
        "mae": pytest.approx(metrics.mean_absolute_error(right, outputs[:, 0])),
    }
    assert VALUES.deciding.name == "r2"


@pytest.mark.parametrize("name", ["r2", "rmse"])
def test_a_score_is_what_an_example_does_to_the_whole(name):
    """The mean over a resampling of the examples follows the metric of that resampling."""
    outputs, right = drawn(n=400)
    score, draws = BY_NAME[name], np.random.default_rng(1)
    parts, exact, told = score.of(outputs, right), [], []
    for _ in range(60):
        rows = draws.integers(0, 400, 400)
        exact.append(score.value(outputs[rows], right[rows]))
        told.append(parts[rows].mean())
    assert np.corrcoef(exact, told)[0, 1] > 0.98
    assert np.std(told) == pytest.approx(np.std(exact), rel=0.2)


def test_the_perfect_and_the_constant_are_no_error():
    _, right = drawn()
    assert VALUES.all(right, right) == {"r2": 1.0, "rmse": 0.0, "mae": 0.0}
    constant = np.full(5, 2.0)
    assert VALUES.all(constant, constant)["r2"] == 0.0
    assert BY_NAME["rmse"].sign == BY_NAME["mae"].sign == -BY_NAME["r2"].sign == -1
