from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import source_only, source_only_scaled
from headstart.tasks.solvers import linear


def test_it_is_a_head_on_scaled_features_told_in_plain_ones(made):
    domains, _ = made()
    scale = domains.source.std(0)
    scaled = linear.solve(domains.source / scale, domains.right, domains.k)
    head = source_only_scaled.plugin.solve(domains)
    np.testing.assert_allclose(
        head.outputs(domains.target), scaled.outputs(domains.target / scale), atol=1e-9
    )
    assert not np.allclose(head.weight, source_only.plugin.solve(domains).weight)


def test_a_feature_that_never_varies_is_not_blown_up(made):
    domains, _ = made()
    domains.source[:, 2] = 1.0
    assert np.isfinite(source_only_scaled.plugin.solve(domains).weight).all()
    assert np.abs(source_only_scaled.plugin.solve(domains).weight[:, 2]).max() < 1e-6
