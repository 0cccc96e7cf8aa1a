from __future__ import annotations

import numpy as np
import pytest

from headstart.verification.checked import binomial, compared, interval, needed


def of(wins, losses, both_wrong=0, agree=0):
    adapted = np.repeat([True, False, False, True], [wins, losses, both_wrong, agree])
    source = np.repeat([False, True, False, True], [wins, losses, both_wrong, agree])
    differ = np.repeat([True, True, True, False], [wins, losses, both_wrong, agree])
    return adapted, source, differ


def test_only_disagreements_count():
    found = compared(*of(12, 2, 3, 20), share=0.4)
    assert (found.labels, found.disagreements, found.adapted_right, found.source_right) == (37, 17, 12, 2)
    assert found.delta == pytest.approx(0.4 * 10 / 17)
    assert compared(*of(12, 2, 3, 500), share=0.4).interval == found.interval


@pytest.mark.parametrize(
    ("wins", "losses", "call"), [(12, 1, "helps"), (1, 12, "hurts"), (6, 5, "undecided"), (0, 0, "undecided")]
)
def test_the_call_is_where_the_interval_lies(wins, losses, call):
    assert compared(*of(wins, losses, 2), share=0.3).call == call


def test_it_is_the_same_from_both_sides():
    low, high = interval(9, 3, 15, 0.5)
    assert interval(3, 9, 15, 0.5) == pytest.approx((-high, -low))


def test_no_difference_can_be_larger_than_the_disagreement():
    for wins, losses, of_all in ((5, 0, 5), (0, 0, 0), (0, 7, 9)):
        low, high = interval(wins, losses, of_all, 0.2)
        assert -0.2 <= low <= high <= 0.2
    assert interval(0, 0, 0, 0.2) == (-0.2, 0.2)


@pytest.mark.parametrize(
    ("labels", "share", "won", "lost"), [(30, 0.5, 0.6, 0.1), (60, 0.3, 0.3, 0.3), (100, 0.3, 0.6, 0.2)]
)
def test_it_holds_the_truth_in_about_95_of_100_cases(labels, share, won, lost):
    draws = np.random.default_rng(0)
    odds = [share * won, share * lost, share * (1 - won - lost), 1 - share]
    counts = draws.multinomial(labels, odds, size=1500)
    truth, known, held = share * (won - lost), {}, 0
    for wins, losses, wrong, _ in counts.tolist():
        key = wins, losses, wrong
        if key not in known:
            known[key] = interval(wins, losses, wins + losses + wrong, share)
        held += known[key].low <= truth <= known[key].high
    assert 0.92 <= held / len(counts) <= 0.98


def test_a_share_has_an_interval_between_nothing_and_all():
    assert binomial(0, 20).low == 0
    assert binomial(20, 20).high == 1
    assert binomial(10, 20).low == pytest.approx(1 - binomial(10, 20).high)


def test_labels_that_are_needed():
    assert needed(0.0) is None
    assert needed(0.05) < needed(0.4)
    assert needed(1.0, gain=0.01) is None
