from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import target_only


def test_it_knows_nothing_of_the_source(made):
    domains, truth = made(labels=5)
    head = target_only.plugin.solve(domains)
    assert (head.outputs(domains.labelled.features).argmax(1) == domains.labelled.right).all()
    domains.source[:] = 0
    np.testing.assert_array_equal(target_only.plugin.solve(domains).weight, head.weight)
