from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import mean_moved, source_only


def test_a_target_that_was_only_moved_is_answered_as_before_the_move(made):
    domains, _ = made(strength=0.0)
    before = source_only.plugin.solve(domains).outputs(domains.target)
    offset = np.linspace(-3, 3, domains.source.shape[1])
    domains.target[:] += domains.source.mean(0) - domains.target.mean(0)
    still = source_only.plugin.solve(domains).outputs(domains.target)
    domains.target[:] += offset
    vars(domains).pop("moments", None)
    np.testing.assert_allclose(mean_moved.plugin.solve(domains).outputs(domains.target), still, atol=1e-9)
    assert not np.allclose(before, still)
