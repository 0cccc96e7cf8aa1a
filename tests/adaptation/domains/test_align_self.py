from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import align, align_self, source_only
from headstart.adaptation.domains._mixture import Known, fitted
from headstart.adaptation.domains.base import mean_head


def test_it_begins_at_the_vote_and_learns_the_source_as_it_was_moved(made):
    domains, _ = made()
    mixture = fitted(domains.target, [Known(domains.carried, domains.right)], domains.vote)
    expected = mean_head([domains.vote, mixture])
    np.testing.assert_array_equal(align_self.plugin.solve(domains).weight, expected.weight)
    assert not np.allclose(align.plugin.solve(domains).weight, expected.weight)


def test_it_gains_where_the_looks_changed(made, accuracy):
    domains, truth = made()
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(align_self.plugin.solve(domains), domains, truth) > plain + 0.2
