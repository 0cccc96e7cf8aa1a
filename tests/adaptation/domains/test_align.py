from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import align, coral, linear_ot, mean_moved, source_only


def test_the_vote_is_the_mean_of_four_heads(made):
    domains, _ = made()
    heads = [one.plugin.solve(domains) for one in (source_only, mean_moved, coral, linear_ot)]
    outputs = np.mean([head.outputs(domains.target) for head in heads], axis=0)
    np.testing.assert_allclose(align.plugin.solve(domains).outputs(domains.target), outputs, atol=1e-9)


def test_it_gains_where_the_looks_changed_and_loses_little_where_they_did_not(made, accuracy):
    domains, truth = made()
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(align.plugin.solve(domains), domains, truth) > plain + 0.2
    domains, truth = made(strength=0.0)
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(align.plugin.solve(domains), domains, truth) > plain - 0.03
