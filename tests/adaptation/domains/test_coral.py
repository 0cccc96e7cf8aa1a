from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import coral, source_only
from headstart.adaptation.domains._moments import power


def test_the_moved_source_has_the_covariance_and_the_mean_of_the_target(made):
    domains, _ = made()
    moments = domains.moments
    matrix = power(moments.source, -0.5) @ power(moments.target, 0.5)
    moved = moments.moved(domains.source, matrix)
    np.testing.assert_allclose(moved.mean(0), domains.target.mean(0))
    np.testing.assert_allclose(matrix.T @ moments.source @ matrix, moments.target, atol=1e-8)


def test_it_gains_where_the_looks_changed(made, accuracy):
    domains, truth = made()
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(coral.plugin.solve(domains), domains, truth) > plain + 0.2
