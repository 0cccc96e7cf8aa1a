from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.adaptation import domains as across
from headstart.adaptation.domains.base import Domains, Labelled
from headstart.tasks.solvers import linear
from headstart.verification.across import at_home, judged, numbered, on_labels, to_label


def made(shift=3.0, labels=0, wrong=False):
    """Two domains of three classes; with so many labels of each."""
    draws = np.random.default_rng(0)
    centres = draws.normal(size=(3, 10))
    right = np.arange(240) % 3
    source, target = (centres[right] + 0.35 * draws.normal(size=(240, 10)) for _ in range(2))
    target = target * np.exp(0.3 * draws.normal(size=10)) + shift * draws.normal(size=10)
    known = right[: 3 * labels]
    known = (known + 1) % 3 if wrong else known
    domains = Domains(source, right, target, 3, linear, Labelled(target[: 3 * labels], known))
    return domains, across.heads(domains), right


def test_without_labels_the_guard_decides_and_nothing_is_an_accuracy():
    domains, heads, right = made()
    found = judged(domains, heads, "same")
    assert found.refused == ()
    assert (found.chosen, found.beside, found.compared, found.rates) == (
        "align_self",
        "source_only",
        None,
        {},
    )
    assert (found.said["align_self"] == right).mean() > (found.said["source_only"] == right).mean() + 0.1
    assert found.needed > 0


def test_where_nothing_is_declared_the_source_alone_ships():
    domains, heads, _ = made()
    found = judged(domains, heads, "unknown")
    assert (found.chosen, found.beside) == ("source_only", "align")
    assert "the guard refuses" in found.why


def test_a_target_that_is_like_the_source_is_refused():
    draws = np.random.default_rng(0)
    rows = draws.normal(size=(240, 10)) + 4 * np.eye(10)[np.arange(240) % 3]
    domains = Domains(rows[:120], np.arange(120) % 3, rows[120:], 3, linear)
    found = judged(domains, across.heads(domains), "same")
    assert found.chosen == "source_only"
    assert any("looks like the source" in reason for reason in found.refused)


def test_labels_decide_before_the_guard_does():
    domains, heads, _ = made(labels=20)
    found = judged(domains, heads, "unknown")
    assert found.refused
    assert (found.adapted, found.chosen, found.compared.call) == ("few", "few", "helps")
    assert found.compared.labels == 60
    assert set(found.rates) == set(heads)
    assert "60 labels" in found.why


def test_labels_against_it_leave_the_source_alone():
    """One label of a class more: the vote is compared, which learned none of them."""
    domains, heads, right = made(shift=3.0)
    said = heads["source_only"].outputs(domains.target).argmax(1)
    some = np.flatnonzero(said != np.bincount(said, minlength=3).argmin())[:60]
    told = Domains(
        domains.source, domains.right, domains.target, 3, linear, Labelled(domains.target[some], said[some])
    )
    found = judged(told, heads, "same")
    assert found.refused == ()
    assert (found.adapted, found.compared.call, found.chosen, found.beside) == (
        "align_self",
        "hurts",
        "source_only",
        "align_self",
    )


def test_labels_that_lean_towards_the_source_leave_it_alone():
    domains, heads, _ = made()
    said = {name: heads[name].outputs(domains.target).argmax(1) for name in ("align_self", "source_only")}
    differ = np.flatnonzero(said["align_self"] != said["source_only"])[:3]
    right = np.array(
        [said["source_only"][differ[0]], said["source_only"][differ[1]], said["align_self"][differ[2]]]
    )
    told = Domains(
        *(domains.source, domains.right, domains.target, 3, linear), Labelled(domains.target[differ], right)
    )
    assert len(set(right.tolist())) < 3, "one class is missing: no few"
    found = judged(told, heads, "same")
    assert found.refused == ()
    assert (found.compared.call, found.chosen) == ("undecided", "source_only")
    assert "lean towards it" in found.why


def test_examples_to_label_are_those_on_which_the_two_disagree():
    domains, heads, _ = made()
    found = judged(domains, heads, "same")
    rows = to_label(found)
    assert len(rows) == len(set(rows.tolist())) == 30
    assert set(rows.tolist()) <= set(found.differ.tolist())
    pairs = {(found.said["align_self"][row], found.said["source_only"][row]) for row in found.differ}
    shown = {(found.said["align_self"][row], found.said["source_only"][row]) for row in rows}
    common = {
        pair
        for pair in pairs
        if sum((found.said["align_self"][r], found.said["source_only"][r]) == pair for r in found.differ) > 8
    }
    assert common <= shown


def test_where_they_hardly_disagree_others_follow():
    domains, heads, _ = made(shift=0.0)
    found = judged(domains, heads, "same")
    assert len(found.differ) < 30
    rows = to_label(found)
    assert len(set(rows.tolist())) == 30
    assert set(found.differ.tolist()) <= set(rows.tolist())


@pytest.mark.parametrize("many", [5, 30])
def test_a_small_target_is_named_whole(many):
    domains, _, _ = made()
    small = Domains(domains.source, domains.right, domains.target[:many], 3, linear)
    assert sorted(to_label(judged(small, across.heads(small), "same"))) == list(range(many))


def sets_of(right):
    """Two labels of three classes: the third class has none."""
    return np.stack([right == 0, right == 1], axis=1).astype(np.int64)


def test_of_sets_of_labels_the_whole_set_counts():
    domains, _, right = made(labels=20)
    known = Labelled(domains.labelled.features, sets_of(domains.labelled.right))
    domains = Domains(domains.source, sets_of(domains.right), domains.target, 2, linear, known)
    found = judged(domains, across.heads(domains), "same")
    assert found.said["few"].shape == (240, 2)
    assert found.seen.sets
    differ = (found.said[found.adapted] != found.said["source_only"]).any(1)
    np.testing.assert_array_equal(found.differ, np.flatnonzero(differ))
    rate, interval = found.rates["few"]
    assert interval.low <= rate <= interval.high
    assert rate > 0.7
    assert (found.said["few"] == sets_of(right)).all(1).mean() > 0.7
    assert len(to_label(found)) == 30


def test_sets_have_a_number_each():
    assert numbered(np.array([3, 1])).tolist() == [3, 1]
    assert numbered(np.array([[0, 1], [0, 0], [0, 1]])).tolist() == [1, 0, 1]


def test_at_home_it_is_asked_about_the_tested_rows_alone():
    domains, heads, _ = made()
    right = domains.right.copy()
    right[:10] = (right[:10] + 1) % 3
    splits = SimpleNamespace(test=np.arange(30), examples=SimpleNamespace(units=np.arange(240)))
    asked = []

    def known(rows):
        asked.append(rows)
        return Labelled(domains.source[rows], right[rows])

    rate, interval = at_home(heads["source_only"], domains, splits, known)
    assert len(asked) == 1
    np.testing.assert_array_equal(asked[0], splits.test)
    assert rate == pytest.approx(20 / 30, abs=0.07)
    assert interval.low < rate < interval.high


def test_on_labels_the_sources_model_is_asked_alone():
    domains, heads, right = made(labels=10)
    rate, interval = on_labels(domains)
    said = heads["source_only"].outputs(domains.labelled.features).argmax(1)
    assert rate == pytest.approx((said == right[:30]).mean())
    assert interval.low <= rate <= interval.high
