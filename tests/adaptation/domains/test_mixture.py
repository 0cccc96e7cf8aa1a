from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from headstart.adaptation.domains import _mixture
from headstart.adaptation.domains._mixture import Known, fitted
from headstart.tasks.solvers.base import LinearHead


def right_of(head, domains, truth):
    return (head.outputs(domains.target).argmax(1) == truth).mean()


def plainly(target, rows, right, start, rounds):
    """The same by the book, a class and a row at a time, in scaled features."""
    mean, scale = target.mean(0), np.maximum(target.std(0), target.std(0).mean())
    unknown, known = (target - mean) / scale, (rows - mean) / scale
    odds = np.exp(start.outputs(target))
    odds /= odds.sum(1, keepdims=True)
    every = np.concatenate([unknown, known])
    for _ in range(rounds):
        said = np.concatenate([odds, len(target) / len(rows) * np.eye(3)[right]])
        means = [np.average(every, axis=0, weights=said[:, c]) for c in range(3)]
        within = sum(((every - means[c]).T * said[:, c]) @ (every - means[c]) for c in range(3)) / said.sum()
        spread = np.trace(within) / len(within)
        inverse = np.linalg.inv(
            (1 - _mixture.SHRUNK) * within + _mixture.SHRUNK * spread * np.eye(len(within))
        )
        far = np.stack([((unknown - mean) @ inverse * (unknown - mean)).sum(1) for mean in means], axis=1)
        odds = np.exp(-far / 2) / np.exp(-far / 2).sum(1, keepdims=True)
    return odds


def test_it_is_expectation_and_maximisation_by_the_book(made, monkeypatch):
    monkeypatch.setattr(_mixture, "ROUNDS", 3)
    domains, _ = made(strength=1.0, many=30)
    head = fitted(domains.target, [Known(domains.source, domains.right)], domains.head)
    odds = log_softmax(head.outputs(domains.target), axis=1)
    expected = np.log(plainly(domains.target, domains.source, domains.right, domains.head, 3))
    start = log_softmax(domains.head.outputs(domains.target), axis=1)
    centred = [one - one.mean(1, keepdims=True) for one in (odds, expected, start)]
    sure = [one / one.std() for one in centred]
    np.testing.assert_allclose(sure[0], sure[1], atol=1e-6)
    assert centred[0].std() == pytest.approx(centred[2].std()), "as sure as what it began at"


def test_more_features_than_rows_are_the_same_as_the_directions_that_rows_span(made):
    domains, _ = made(strength=1.0, many=30)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(80, 80)))[0][:8]
    deviation = np.sqrt(np.square(domains.target - domains.target.mean(0)).mean())
    source, target = domains.source / deviation, domains.target / deviation
    wide = LinearHead(domains.head.weight @ turn * deviation, domains.head.bias, 1.0, 0.5)
    head = fitted(target @ turn, [Known(source @ turn, domains.right)], wide)
    assert head.weight.shape == (3, 80)
    outputs = head.outputs(target @ turn)
    assert np.isfinite(outputs).all()
    assert (outputs.argmax(1) == domains.vote.outputs(domains.target).argmax(1)).mean() > 0.8


def test_the_target_itself_is_learned(made):
    domains, truth = made(strength=2.0)
    known = [Known(domains.carried, domains.right)]
    found = fitted(domains.target, known, domains.vote)
    assert right_of(found, domains, truth) > right_of(domains.head, domains, truth) + 0.2
    fewer = fitted(domains.target[::2], known, domains.vote)
    assert not np.allclose(found.weight, fewer.weight)


def test_rows_count_as_much_together_as_is_said_however_many_they_are(made):
    domains, _ = made(labels=3)
    labelled = domains.labelled
    once = Known(labelled.features, labelled.right, 0.5)
    twice = Known(np.tile(labelled.features, (2, 1)), np.tile(labelled.right, 2), 0.5)
    heads = [
        fitted(domains.target, [Known(domains.source, domains.right), one], domains.head)
        for one in (once, twice)
    ]
    np.testing.assert_allclose(heads[0].weight, heads[1].weight, rtol=1e-6)


@pytest.mark.parametrize("name", ["constant", "one row"])
def test_a_target_that_says_nothing_gives_numbers(made, name):
    domains, _ = made()
    target = np.ones_like(domains.target) if name == "constant" else domains.target[:1]
    head = fitted(target, [Known(domains.source, domains.right)], domains.head)
    assert np.isfinite(head.outputs(domains.target)).all()
