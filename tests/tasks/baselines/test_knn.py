"""Votes of neighbours in the features of the base."""

import numpy as np
import pytest

from headstart.tasks.baselines.knn import Neighbours
from headstart.tasks.solvers.neighbours import nearest


def test_neighbours_are_found_in_the_features_of_the_base_and_do_not_ship(home):
    bench, rows = home.bench, home.splits.train
    model = Neighbours(bench, rows)
    deep = np.asarray(bench.features(), dtype=np.float64)
    right, k = bench.examples.answers, len(bench.examples.categories)
    expected = nearest(deep, rows, right, k, home.splits.validation)
    np.testing.assert_array_equal(model.outputs(home.splits.validation), expected)
    assert not model.ships
    with pytest.raises(AssertionError):
        model.shippable()
