"""Looks: the two arms that are compared get more seeds until it is clear, and no others do."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benches import Killed, plan
from headstart import looks
from headstart.adaptation import adapt
from headstart.adaptation.training import loop
from headstart.bases.passes import engines
from headstart.runs import RunFolder
from headstart.runtime import Clock
from headstart.verification import verify

PAIR, OTHERS = 4, 2


@pytest.fixture(scope="module", autouse=True)
def _short():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "MIN_STEPS", 2)
        patch.setattr(engines, "rate", lambda *_: 1.0)
        yield


@pytest.fixture
def unclear(monkeypatch):
    monkeypatch.setattr(looks, "clear", lambda *_: False)


@pytest.fixture
def run(home, fresh):
    """What a run of frozen features says, and its folder; the same folder again goes on."""

    def go(folder=None, kill=None, clock=None, seeds=PAIR):
        folder = folder or RunFolder(fresh(), {"headstart": "test"})
        folder.work.mkdir(exist_ok=True)
        planned = replace(plan(home.bench, seeds=seeds), first=2)
        bench = home.bench if clock is None else home.with_runtime(replace(home.bench.runtime, clock=clock))

        def once(name, make):
            found = folder.once(name, make)
            if name == kill:
                raise Killed
            return found

        arms = adapt(bench, home.splits, planned, ["frozen"], folder.work, once)
        return verify(bench, home.splits, planned, arms, folder.work, once), folder

    return go


def seeds(found):
    return {arm.name: len(arm.test_scores) for arm in found.arms if arm.arm is not None}


def test_only_the_pair_gets_more_seeds_while_nothing_is_clear(run, unclear):
    found, folder = run()
    ours, theirs = found.verdict.transfer, found.verdict.baseline
    assert {ours, theirs} < set(seeds(found))
    assert seeds(found) == {name: PAIR if name in (ours, theirs) else OTHERS for name in seeds(found)}
    assert (found.verdict.seeds, found.verdict.ended) == (PAIR, "seeds")
    written = json.loads((folder.path / "settings.json").read_text())
    assert [written[f"look-{number}"] for number in (2, 3, 4)] == ["more", "more", "seeds"]


def test_where_there_was_no_time_for_another_seed_there_is_none_later_either(run, unclear, monkeypatch):
    monkeypatch.setattr("headstart.verification.with_next_seed", lambda arms, *_: [])
    found, folder = run()
    assert (found.verdict.seeds, found.verdict.ended) == (2, "time")
    monkeypatch.undo()
    monkeypatch.setattr(looks, "clear", lambda *_: False)
    again, _ = run(folder)
    assert (again.verdict, seeds(again)) == (found.verdict, seeds(found))


def test_what_is_clear_ends_it(run, monkeypatch):
    asked = []
    monkeypatch.setattr(
        looks, "clear", lambda difference, _units: asked.append(len(difference)) or len(asked) > 1
    )
    found, _ = run()
    assert asked == [2, 3]
    assert (found.verdict.seeds, found.verdict.ended) == (3, "decided")


def test_a_run_that_was_killed_after_a_look_ends_the_same(run, fresh, unclear, monkeypatch):
    whole, _ = run()
    folder = RunFolder(fresh(), {"headstart": "test"})
    with pytest.raises(Killed):
        run(folder, kill="look-3")
    monkeypatch.setattr(looks, "clear", lambda *_: True)  # what was decided before is not asked again
    again, _ = run(folder)
    assert again.verdict.seeds == PAIR
    assert again.verdict.ended == "decided", "only the last look is a new one"
    for one, other in zip(whole.arms, again.arms, strict=True):
        np.testing.assert_array_equal(one.test_scores, other.test_scores)


def test_the_time_ends_it(run, unclear):
    found, _ = run(clock=Clock(1e-6))
    assert found.verdict.ended == "time"
    assert found.verdict.seeds < PAIR


def test_a_reference_that_would_end_too_late_is_given_up_where_there_is_another(run, unclear, monkeypatch):
    monkeypatch.setattr("headstart.adaptation.Plan.late_for", lambda plan, arms, left, pace: True)
    found, folder = run()
    assert seeds(found).keys() == {"frozen", "reinit"}
    assert found.verdict.baseline == "reinit"
    assert not found.curves.scratch
    monkeypatch.undo()
    assert seeds(run(folder)[0]).keys() == {"frozen", "reinit"}, "the decision was written down"


def test_without_any_reference_there_is_no_verdict_and_the_best_on_validation_ships(run, monkeypatch):
    monkeypatch.setattr("headstart.adaptation.Plan.hopeless", lambda plan, arm, left, pace: True)
    found, folder = run()
    assert seeds(found).keys() == {"frozen"}
    assert found.verdict is None
    assert found.shipped.name == "frozen"
    assert not found.curves.scratch
    assert found.worth is not None
    monkeypatch.undo()
    assert run(folder)[0].verdict is None, "the decision was written down"
