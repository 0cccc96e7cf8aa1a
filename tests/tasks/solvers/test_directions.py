"""Principal directions against the singular value decomposition."""

import numpy as np
import pytest

from headstart.tasks.solvers.directions import principal


@pytest.mark.parametrize("shape", [(12, 5), (5, 12), (7, 7)])
def test_products_are_kept_and_columns_are_orthogonal(shape):
    x = np.random.default_rng(0).normal(size=shape)
    along, squares = principal(x)
    np.testing.assert_allclose(along @ along.T, x @ x.T, atol=1e-10)
    np.testing.assert_allclose(along.T @ along, np.diag(squares), atol=1e-9)
    np.testing.assert_allclose(squares, np.linalg.svd(x, compute_uv=False)[::-1] ** 2)


def test_repeated_columns_and_rows_leave_no_direction_of_their_own():
    x = np.tile(np.random.default_rng(0).normal(size=(6, 2)), (2, 5))
    along, squares = principal(x)
    assert along.shape == (12, 2)
    assert len(squares) == 2
