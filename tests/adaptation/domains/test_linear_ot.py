from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import linear_ot, source_only
from headstart.adaptation.domains._moments import power


def test_the_map_carries_one_covariance_to_the_other_and_is_symmetric(made):
    domains, _ = made()
    moments = domains.moments
    unit = np.eye(domains.source.shape[1])
    matrix = moments.moved(unit + moments.source_mean, linear_map(moments)) - moments.target_mean
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-8)
    np.testing.assert_allclose(matrix.T @ moments.source @ matrix, moments.target, atol=1e-8)


def linear_map(moments):
    root, inverse = power(moments.source, 0.5), power(moments.source, -0.5)
    return inverse @ power(root @ moments.target @ root, 0.5) @ inverse


def test_what_is_learned_is_the_carried_source(made):
    domains, _ = made()
    expected = domains.moments.moved(domains.source, linear_map(domains.moments))
    np.testing.assert_allclose(domains.carried, expected, atol=1e-9)


def test_it_gains_where_the_looks_changed(made, accuracy):
    domains, truth = made()
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(linear_ot.plugin.solve(domains), domains, truth) > plain + 0.2
