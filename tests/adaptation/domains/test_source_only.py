from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import source_only
from headstart.tasks.solvers import linear


def test_it_is_the_head_of_the_source_and_knows_no_target(made):
    domains, _ = made()
    plain = linear.solve(domains.source, domains.right, domains.k)
    np.testing.assert_array_equal(source_only.plugin.solve(domains).weight, plain.weight)
    elsewhere, _ = made(strength=0.5)
    np.testing.assert_array_equal(source_only.plugin.solve(elsewhere).weight, plain.weight)
