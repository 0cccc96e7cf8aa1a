from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart import registry
from headstart.adaptation import domains as across
from headstart.adaptation.domains.base import Labelled, alike, mean_head
from headstart.tasks.solvers.base import LinearHead


def test_the_mean_of_heads_is_the_mean_of_what_they_say():
    draws = np.random.default_rng(0)
    heads = [LinearHead(draws.normal(size=(3, 4)), draws.normal(size=3), 1.0, 0.5) for _ in range(3)]
    rows = draws.normal(size=(5, 4))
    expected = np.mean([head.outputs(rows) for head in heads], axis=0)
    np.testing.assert_allclose(mean_head(heads).outputs(rows), expected)


@pytest.mark.parametrize("name", registry.names(across.FOLDER))
def test_every_way_says_what_it_is_and_repeats(name, made):
    way = registry.get(across.FOLDER, name)
    assert len(way.summary.splitlines()) == 1
    first, second = (way.solve(made(labels=5)[0]) for _ in range(2))
    np.testing.assert_array_equal(first.weight, second.weight)
    assert first.weight.shape == (3, 8)
    assert np.isfinite(first.weight).all()


@pytest.mark.parametrize("name", [name for name, way in across.ways().items() if not way.labels])
def test_ways_without_labels_never_see_one(name, made):
    way = registry.get(across.FOLDER, name)
    plain, labelled = (way.solve(made(labels=labels)[0]) for labels in (0, 5))
    np.testing.assert_array_equal(plain.weight, labelled.weight)


def test_which_ways_there_are_depends_on_the_labels(made):
    without, some = (set(across.heads(made(labels=labels)[0])) for labels in (0, 1))
    assert some - without == {"few"}
    assert set(across.heads(made(labels=2)[0])) - some == {"target_only"}
    for labels, arms in ((0, ["align_self", "align"]), (1, ["few", "few"])):
        domains, _ = made(labels=labels)
        assert [across.candidate(domains, declared) for declared in ("same", "unknown")] == arms


def test_a_way_is_asked_about_labels_that_it_has_not_learned(made):
    domains, _ = made(labels=5)
    fold = across.turns(domains.labelled.right) % across.FOLDS
    outputs = across.on_labelled(across.heads(domains), domains)
    held = np.flatnonzero(fold == 0)
    # whatever these say is not known to who answers them
    others = Labelled(domains.labelled.features, domains.labelled.right.copy())
    others.right[held] = (others.right[held] + 1) % 3
    without = across.ways()["few"].solve(replace(domains, labelled=others).without(held))
    np.testing.assert_allclose(outputs["few"][held], without.outputs(others.features[held]))
    whole = across.heads(domains)["few"].outputs(domains.labelled.features)
    assert not np.allclose(outputs["few"], whole)
    vote = across.ways()["align"].solve(domains).outputs(domains.labelled.features)
    np.testing.assert_array_equal(outputs["align"], vote)


def test_labels_of_a_class_are_dealt_out_over_the_folds():
    right = np.array([0, 0, 0, 1, 1, 2, 0, 0])
    assert across.turns(right).tolist() == [0, 1, 2, 5, 6, 7, 3, 4]


def with_sets(made, labels=0):
    """The same domains where an example has a label for its class, and another one for every third row."""
    domains, truth = made(labels=labels)

    def sets(right):
        return np.stack([right == 0, right == 1, np.arange(len(right)) % 3 == 0], axis=1).astype(np.int64)

    known = Labelled(domains.labelled.features, sets(domains.labelled.right))
    return replace(domains, right=sets(domains.right), labelled=known), sets(truth)


def test_a_label_is_a_question_of_its_own(made):
    domains, truth = with_sets(made)
    assert domains.sets
    assert [one.k for one in domains.questions] == [2, 2, 2]
    assert all(one.carried is domains.carried for one in domains.questions)
    for name, head in across.heads(domains).items():
        assert head.weight.shape == (3, 8)
        alone = across.ways()[name].solve(domains.questions[1]).outputs(domains.target)
        yes = domains.right[:, 1].sum() + 0.5
        prior = np.log(yes / (len(domains.right) + 1 - yes))
        np.testing.assert_allclose(
            head.outputs(domains.target)[:, 1], alone[:, 1] - alone[:, 0] + prior, atol=1e-6
        )
    said = across.said(across.heads(domains)["align"].outputs(domains.target), domains)
    assert said.shape == truth.shape
    assert (said[:, :2] == truth[:, :2]).mean() > 0.9


def test_of_sets_the_vote_is_what_may_ship(made):
    domains, _ = with_sets(made)
    assert [across.candidate(domains, declared) for declared in ("same", "unknown")] == ["align", "align"]


def test_of_sets_each_answer_of_each_label_needs_labels(made):
    domains, _ = with_sets(made, labels=2)
    assert across.least(domains) == 2
    assert {"few", "target_only"} <= across.heads(domains).keys()
    bare = replace(domains.labelled, right=domains.labelled.right * [1, 1, 0])
    assert across.least(replace(domains, labelled=bare)) == 0


def test_sets_that_were_left_out_are_not_learned(made):
    domains, _ = with_sets(made, labels=4)
    part = domains.without(np.arange(3))
    assert [len(one.labelled.right) for one in part.questions] == [9, 9, 9]
    assert all(one.vote is whole.vote for one, whole in zip(part.questions, domains.questions, strict=True))
    outputs = across.on_labelled(across.heads(domains), domains)
    held = np.arange(12) % across.FOLDS == 0
    expected = across.solved(across.ways()["few"], domains.without(np.flatnonzero(held)))
    np.testing.assert_allclose(
        outputs["few"][held], expected.outputs(domains.labelled.features[held]), atol=1e-9
    )


@pytest.mark.parametrize("everybody", [0, 1])
def test_a_label_that_all_have_or_nobody_has_stays_so(made, everybody):
    domains, _ = with_sets(made)
    right = domains.right.copy()
    right[:, 2] = everybody
    domains = replace(domains, right=right)
    for head in across.heads(domains).values():
        assert (across.said(head.outputs(domains.target), domains)[:, 2] == everybody).all()


def test_rows_are_alike_where_all_of_them_is():
    assert alike(np.array([0, 1, 2]), np.array([0, 2, 2])).tolist() == [True, False, True]
    one, other = np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]])
    assert alike(one, other).tolist() == [True, False]


def test_what_labels_do_not_change_is_computed_once(made):
    domains, _ = made(labels=2)
    part = domains.without(np.array([0, 1]))
    assert len(part.labelled.right) == 4
    assert part.vote is domains.vote
    assert part.carried is domains.carried
