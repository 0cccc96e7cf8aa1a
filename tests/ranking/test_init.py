"""Bases are ranked by what their features say of the training and validation rows, and of no other."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from benches import Listening, renamed
from headstart import ranking as stage
from headstart import registry
from headstart.bases.passes.frozen import FrozenPass
from headstart.errors import BaseError
from headstart.ranking import FINALISTS, benches, choose, rank
from headstart.ranking._prior import prior
from headstart.runtime import Clock, Runtime


@pytest.fixture
def blind(base):
    """The base with weights that see nothing: its features are the same for every picture."""
    state = {name: torch.zeros_like(tensor) for name, tensor in base.state.items()}
    return renamed(base, "blind", state=state)


@pytest.fixture
def broken(base):
    """The base with weights that are not numbers."""
    state = {
        name: tensor + float("nan") if tensor.is_floating_point() else tensor
        for name, tensor in base.state.items()
    }
    return renamed(base, "broken", state=state)


@pytest.fixture
def on(home):
    """`on(bases, …)`: the benches of the bases on the pictures of `home`."""

    def go(bases, ground=home, runtime=None, cache=None):
        bench = ground.bench
        passes = FrozenPass(cache or bench.passes.cache, runtime or Runtime())
        return benches(bench.task, ground.splits, bases, passes)

    return go


def order(ranking):
    return [row.bench.base.name for row in ranking.rows]


def test_one_base_is_not_scored_but_its_features_have_to_be_numbers(on, base, broken):
    (row,) = choose(on([base]), {}, {}).ranking.rows
    assert (row.bench.base.name, row.scores, row.place, row.tied) == (base.name, {}, 1, False)
    with pytest.raises(BaseError, match="not numbers"):
        choose(on([broken]), {}, {})


def test_the_better_features_come_first_whatever_the_order(on, base, blind):
    for bases in ([base, blind], [blind, base]):
        found = rank(on(bases))
        assert order(found) == [base.name, "blind"]
        first, last = found.rows
        assert first.value > last.value
        assert (first.place, last.place) == (1, 2)
        assert not first.tied
        assert set(first.ranks.values()) == {1.0}
        assert set(first.ranks) == set(registry.names("ranking"))


def test_the_same_base_twice_is_tied_in_the_order_of_naming(on, base):
    found = rank(on([renamed(base, name) for name in ("b", "c", "a")]))
    assert order(found) == ["b", "c", "a"]
    assert {(row.place, row.tied, row.value) for row in found.rows} == {(1, True, 0.0)}
    assert {value for row in found.rows for value in row.ranks.values()} == {2.0}


def test_size_and_the_static_list_stand_beside_it(on, base, blind):
    large = replace(blind, card=replace(blind.card, parameters=10**9))
    known = [
        {"set": "others", "examples": 9, "accuracy": {"blind": 0.9, base.card.sha256: 0.5, "third": 0.1}}
    ]
    found = {row.bench.base.name: row for row in rank(on([base, large]), known).rows}
    assert (found["blind"].by_size, found[base.name].by_size) == (1, 2)
    assert (found["blind"].by_list, found[base.name].by_list) == (1, 2)
    assert found["blind"].prior == prior("blind", known)


def test_the_prior_decides_what_the_data_cannot(on, base):
    twin = renamed(base, "twin", state=base.state)
    known = [{"set": "others", "examples": 9, "accuracy": {"twin": 0.9, base.card.sha256: 0.5}}]
    assert order(rank(on([base, twin]), known)) == ["twin", base.name]
    assert order(rank(on([base, twin]), [])) == [base.name, "twin"]


def test_a_base_without_numbers_is_left_out_and_said(on, base, broken):
    heard = Listening()
    found = rank(on([broken, base], runtime=Runtime(reporter=heard)))
    assert order(found) == [base.name]
    (one,) = found.left_out
    assert one.file == "broken"
    assert "not numbers" in one.reason
    assert any("broken is left out" in note for note in heard.notes)


def test_a_base_without_numbers_does_not_race(on, base, broken):
    choice = choose(on([broken, base]), {}, {})
    assert choice.bench.base.name == base.name
    assert len(choice.runners) == 1


def test_nothing_but_bases_without_numbers_is_an_error(on, broken):
    with pytest.raises(BaseError, match="not numbers"):
        rank(on([broken]))


def test_only_training_and_validation_rows_are_scored(on, home, base, blind):
    plain, scrambled = (rank(on([base, blind], ground)) for ground in (home, home.scrambled()))
    assert [(row.scores, row.value) for row in plain.rows] == [
        (row.scores, row.value) for row in scrambled.rows
    ]
    assert not np.intersect1d(plain.rows[0].bench.pool, home.splits.test).size


def test_many_examples_are_thinned_evenly(on, home, base, monkeypatch):
    monkeypatch.setattr(stage, "MOST_EXAMPLES", 6)
    (bench,) = on([base])
    rows = stage._sample(bench)
    assert np.isin(rows, bench.pool).all()
    assert np.bincount(bench.examples.answers[rows]).tolist() == [2, 2, 2]


def test_every_base_is_logged(on, base, tmp_path):
    rank(on([base], runtime=Runtime(log_file=tmp_path / "log.jsonl")))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    (line,) = [line for line in lines if line["event"] == "ranked"]
    assert (line["base"], line["place"]) == (base.name, 1)


def test_few_candidates_are_prepared_at_once_and_the_best_wins(on, base, blind):
    cut = base.card.stages[-1]
    choice = choose(on([blind, base]), {base.name: [cut]}, {})
    assert choice.bench.base.name == base.name
    assert order(choice.ranking) == [base.name, "blind"]
    assert [runner.bench.base.name for runner in choice.runners] == [base.name, "blind"]
    assert set(choice.preparing) == {base.name, "blind"}


def test_of_many_candidates_only_the_best_race(on, base, blind):
    crowd = [renamed(base, f"copy {i}") for i in range(FINALISTS - 1)]
    dull = [renamed(blind, f"blind {i}", state=blind.state) for i in range(3)]
    choice = choose(on([*dull, *crowd]), {}, {})
    assert len(choice.ranking.rows) == 3 + len(crowd)
    assert len(choice.runners) == FINALISTS
    assert choice.bench.base.name == "copy 0"
    assert {runner.bench.base.name for runner in choice.runners} >= {one.name for one in crowd}


def test_a_short_run_ranks_on_fewer_examples(on, base, monkeypatch):
    monkeypatch.setattr(stage, "MOST_EXAMPLES", 20)
    monkeypatch.setattr(stage, "FEWEST_EXAMPLES", 4)
    sizes = []
    for minutes in (None, 20.0, 5.0, 1.0):
        (bench,) = on([base], runtime=Runtime(clock=Clock(minutes)))
        sizes.append(len(stage._sample(bench)))
    assert sizes == [15, 15, 10, 4], "all there are; half; the fewest"


def test_bases_that_there_is_no_time_to_look_at_are_left_out_and_said(on, base):
    reporter = Listening()
    late = Runtime(clock=Clock(1e-6), reporter=reporter)
    found = rank(on([base, renamed(base, "twin")], runtime=late))
    assert order(found) == [base.name], "one is always looked at"
    assert [one.file for one in found.left_out] == ["twin"]
    assert any("twin" in note and "more --minutes" in note for note in reporter.notes)


def test_no_more_finalists_are_prepared_than_there_is_time_for(on, base, blind, monkeypatch):
    clock = Clock(9.0)
    candidates = on([base, blind], runtime=Runtime(clock=clock))
    assert len(choose(candidates, {}, {}).runners) == 2
    monkeypatch.setattr(stage, "SHARE", 0.0)
    found = rank(candidates[:1]).rows * 2
    assert len(stage._finalists(found, clock)) == 1


def test_trials_decide_where_features_do_not(on, base):
    def trial(bench, share):
        assert share in (1 / 2, 1)
        return np.full(len(bench.pool), float(bench.base.name == "b"))

    choice = choose(on([renamed(base, name) for name in "ab"]), {}, {"training": trial})
    assert choice.bench.base.name == "b"
