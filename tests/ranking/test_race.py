"""The race on made-up scores: who is dropped when, and who wins."""

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.ranking import _race
from headstart.ranking._race import REPEATS, features_round, probability_below, probe_round, race
from headstart.runtime import Runtime
from headstart.tasks.scores.classes import ACCURACY

N = 200


class Entrant:
    """Stands for a bench: a name, and a clock that counts what its rounds take."""

    def __init__(self, name, right, each=1):
        self.base = type("Base", (), {"name": name})()
        self.runtime, self.right = Runtime(), right
        self.pool = np.arange(N)
        self.examples = type("Examples", (), {"units": np.arange(N) // each})()
        self.task = SimpleNamespace(score=ACCURACY)


def scores(share, seed=0):
    """(N,) ones and zeros, the share of ones as asked."""
    return np.random.default_rng(seed).permutation(np.arange(N) < share * N).astype(float)


def by_round(number):
    return lambda entrant, _share: entrant.right[number]


def ran(rights, rounds=2):
    entrants = [Entrant(name, right) for name, right in rights.items()]
    names = ["features", "short", "longer"][:rounds]
    runners = race(entrants, {name: by_round(number) for number, name in enumerate(names)})
    return runners[0].bench.base.name, {runner.bench.base.name: runner for runner in runners}


def test_what_is_clearly_behind_on_features_never_trains():
    good, bad = scores(0.9), scores(0.6, 1)
    winner, runners = ran({"bad": [bad, None], "good": [good, good]})
    assert winner == "good"
    assert runners["bad"].dropped == "features"
    assert runners["bad"].rounds[0]["behind"] >= 0.95
    assert [one["round"] for one in runners["good"].rounds] == ["features"], "alone, it need not go on"


def test_what_cannot_be_told_apart_goes_on_and_training_decides():
    first, second = scores(0.80), scores(0.79, 1)
    winner, runners = ran({"a": [first, scores(0.7, 2)], "b": [second, scores(0.95, 3)]})
    assert winner == "b"
    assert runners["a"].dropped == "short"
    assert runners["a"].rounds[1]["score"] == pytest.approx((0.8 + 0.7) / 2), "the rounds count alike"


def test_a_round_of_training_halves_what_is_left():
    alike = {name: [scores(0.8, i)] * 3 for i, name in enumerate("abc")}
    _, runners = ran(alike, rounds=2)
    assert sorted(len(runner.rounds) for runner in runners.values()) == [2, 2, 2]
    assert sum(runner.dropped is None for runner in runners.values()) == 2
    _, runners = ran(alike, rounds=3)
    assert sorted(len(runner.rounds) for runner in runners.values()) == [2, 3, 3]
    assert sum(runner.dropped is None for runner in runners.values()) == 1


def test_among_equals_the_one_named_first_wins():
    same = scores(0.8)
    assert ran({"x": [same, same], "y": [same, same]})[0] == "x"


def test_shares_of_the_time_left_are_equal():
    given = []

    def watch(_entrant, share):
        given.append(share)
        return scores(0.8, len(given))

    race([Entrant(name, None) for name in "abc"], {"features": watch})
    assert given == [1 / 3, 1 / 2, 1]


def test_a_round_that_the_time_ends_counts_for_nobody():
    def over(entrant, _share):
        return None if entrant.base.name == "b" else scores(1.0)

    entrants = [Entrant("a", [scores(0.8)]), Entrant("b", [scores(0.8, 1)])]
    runners = race(entrants, {"features": by_round(0), "short": over})
    assert [len(runner.rounds) for runner in runners] == [1, 1]
    assert not any(runner.dropped for runner in runners)


def test_the_probability_is_that_of_a_paired_bootstrap():
    leader, one = scores(0.8), scores(0.8)
    assert probability_below(one, leader) == 0, "equal is not below"
    one[:8], leader[:8] = 0, 1
    mean, error = 8 / N, np.sqrt(8 / N * (1 - 8 / N) / N)
    assert mean > 2 * error
    assert probability_below(one, leader) > 0.99
    noisy, other = scores(0.8, 4), scores(0.8, 5)
    assert 0.3 < probability_below(noisy, other) < 0.7


def test_features_are_scored_by_heads_that_have_not_seen_them(home):
    found = features_round(home.bench, 1.0)
    assert found.shape == (len(home.bench.pool),)
    assert set((found * REPEATS).round(6)) <= set(range(REPEATS + 1))
    shuffled = home.scrambled().bench
    assert (features_round(shuffled, 1.0) == found).all(), "test labels do not matter"


def test_where_no_head_is_solved_features_are_probed(home):
    draws = np.random.default_rng(0)
    wanted = draws.normal(size=(len(home.bench.examples), 3))

    class Probed(Entrant):
        def __init__(self, name, noise):
            super().__init__(name, None)
            self.examples, self.pool = home.bench.examples, home.bench.pool
            self.seen = wanted @ draws.normal(size=(3, 5)) + noise * draws.normal(size=(len(wanted), 5))
            answer = SimpleNamespace(probed=lambda features, rows, right: (features[rows], wanted[rows]))
            self.task = SimpleNamespace(score=ACCURACY, answer=answer)

        def features(self):
            return self.seen

    good, bad, none = Probed("good", 0.1), Probed("bad", 2.0), Probed("none", 1e3)
    errors = {one.base.name: -probe_round(one, 1.0) for one in (good, bad, none)}
    assert errors["good"].shape == home.bench.pool.shape
    assert errors["good"].mean() < 0.2 < errors["bad"].mean() < errors["none"].mean() + 0.2
    assert errors["none"].mean() == pytest.approx(1, abs=0.3)  # what the mean of all would give
    assert race([bad, none, good], {"features": probe_round})[0].bench is good


def test_of_groups_that_are_all_alike_each_counts_once():
    """Twenty examples of the leader's are better, but they are of one group: that may be luck."""
    leader, one, units = scores(0.8), scores(0.8), np.arange(N) // 20
    one[:20], leader[:20] = 0, 1
    assert probability_below(one, leader) > 0.99
    assert 0.5 < probability_below(one, leader, units) < 0.75, "the group is in no draw of a third"
    assert probability_below(one, leader, np.zeros(N)) == 0.5, "one group says nothing"
    assert probability_below(one, leader, np.arange(N) * 2) == probability_below(one, leader)


def test_a_base_that_one_group_is_against_stays_in_the_race():
    good, bad = scores(0.8), scores(0.8)
    good[:20], bad[:20] = 1, 0
    for each, dropped in ((1, "features"), (20, None)):
        entrants = [Entrant("good", [good], each), Entrant("bad", [bad], each)]
        assert race(entrants, {"features": by_round(0)})[1].dropped == dropped


def test_features_are_scored_by_heads_that_have_not_seen_the_group(home, monkeypatch):
    examples, folds = home.bench.examples, []
    groups = tuple(f"patient {row // 3}" for row in range(len(examples)))
    bench = copy.copy(home.bench)
    bench.examples = replace(examples, groups=groups)
    crossed = _race.cross_validated

    def watch(solver, features, targets, k, fold):
        folds.append(fold)
        return crossed(solver, features, targets, k, fold)

    monkeypatch.setattr(_race, "cross_validated", watch)
    features_round(bench, 1.0)
    assert len(folds) == REPEATS
    for fold in folds:
        of = {}
        for row, number in zip(bench.pool.tolist(), fold.tolist(), strict=True):
            assert of.setdefault(groups[row], number) == number
