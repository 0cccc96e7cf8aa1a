from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.adaptation.domains import few, source_only
from headstart.adaptation.domains._mixture import Known, fitted
from headstart.tasks.solvers import linear


def test_labels_that_are_swapped_change_it(made):
    domains, _ = made(labels=3)
    swapped = few.plugin.solve(domains)
    domains.labelled.right[:] = (domains.labelled.right + 1) % domains.k
    assert not np.allclose(few.plugin.solve(domains).weight, swapped.weight)


def test_where_the_vote_is_wrong_about_the_labels_the_source_stays_as_it_is(made):
    domains, _ = made(strength=0.0, labels=3)
    wrong = replace(domains.head, weight=-domains.head.weight)
    vars(domains)["vote"] = wrong
    assert few.loss(wrong, domains.labelled) > few.loss(domains.head, domains.labelled)
    rows = np.concatenate([domains.source, np.repeat(domains.labelled.features, 17, axis=0)])
    right = np.concatenate([domains.right, np.repeat(domains.labelled.right, 17)])
    both = linear.solve(rows, right, domains.k)
    beside = few.beside_source(domains)
    np.testing.assert_allclose(beside.weight, (domains.head.weight + both.weight) / 2)


def test_the_target_itself_is_learned_too(made):
    domains, _ = made(labels=3)
    beside, head = few.beside_source(domains), few.plugin.solve(domains)
    other = replace(domains, target=domains.target[::2])
    vars(other).update(head=domains.head, vote=domains.vote, carried=domains.carried)
    np.testing.assert_allclose(few.beside_source(other).weight, beside.weight)
    assert not np.allclose(few.plugin.solve(other).weight, head.weight)


def test_the_surest_half_of_each_class_is_taken():
    outputs = np.array([[3.0, 0], [2, 0], [1, 0], [0.5, 0], [0, 4], [0, 1]])
    rows, said = few.surest(outputs)
    assert rows.tolist() == [0, 1, 4]
    assert said.tolist() == [0, 0, 1]


def test_it_is_the_mean_of_what_is_trained_and_of_a_mixture_with_the_labels(made):
    domains, _ = made(labels=3)
    labelled = domains.labelled
    known = [Known(domains.carried, domains.right), Known(labelled.features, labelled.right, 27 / 150)]
    np.testing.assert_allclose(few.mixed(domains).weight, fitted(domains.target, known, domains.vote).weight)
    expected = (few.trained(domains).weight + few.mixed(domains).weight) / 2
    np.testing.assert_allclose(few.plugin.solve(domains).weight, expected)


def test_three_labels_of_each_class_gain(made, accuracy):
    domains, truth = made(strength=2.0, labels=3)
    plain = accuracy(source_only.plugin.solve(domains), domains, truth)
    assert accuracy(few.plugin.solve(domains), domains, truth) > plain + 0.2
    assert few.plugin.labels == 1
