from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.adaptation.domains import few, source_only


def test_labels_that_are_swapped_change_it(made):
    domains, _ = made(labels=3)
    swapped = few.plugin.solve(domains)
    domains.labelled.right[:] = (domains.labelled.right + 1) % domains.k
    assert not np.allclose(few.plugin.solve(domains).weight, swapped.weight)


def test_the_target_itself_is_learned_too(made):
    domains, _ = made(labels=3)
    other = replace(domains, target=domains.target[::2])
    vars(other).update(vote=domains.vote, carried=domains.carried)
    assert not np.allclose(few.plugin.solve(other).weight, few.plugin.solve(domains).weight)


def test_more_weight_of_labels_that_are_right_does_not_lose(made, accuracy, monkeypatch):
    domains, truth = made(strength=2.0, labels=5)
    monkeypatch.setattr(few, "HALF", 0.01)
    hardly = accuracy(few.plugin.solve(domains), domains, truth)
    monkeypatch.setattr(few, "HALF", 2.0)
    assert accuracy(few.plugin.solve(domains), domains, truth) >= hardly


def test_three_labels_of_each_class_gain(made, accuracy):
    domains, truth = made(strength=2.0, labels=3)
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(few.plugin.solve(domains), domains, truth) > plain + 0.2
    assert few.plugin.labels == 1
