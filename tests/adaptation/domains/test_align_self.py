from __future__ import annotations

import numpy as np

from headstart.adaptation.domains import align_self, source_only
from headstart.adaptation.domains.align_self import surest


def test_the_surest_half_of_each_class_is_taken():
    outputs = np.array([[3.0, 0], [2, 0], [1, 0], [0.5, 0], [0, 4], [0, 1]])
    rows, said = surest(outputs)
    assert rows.tolist() == [0, 1, 4]
    assert said.tolist() == [0, 0, 1]


def test_it_gains_where_the_looks_changed(made, accuracy):
    domains, truth = made()
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(align_self.plugin.solve(domains), domains, truth) > plain + 0.2
