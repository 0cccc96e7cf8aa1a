"""A run on a machine that is slower than it was when all was planned: what is given up, and when it ends.

The clock is made up: it goes on by so many seconds for each step of training, and by nothing else.
"""

import json
from dataclasses import replace
from functools import cache

import pytest

from benches import asking, plan
from headstart import looks
from headstart.adaptation import adapt
from headstart.adaptation.training import loop
from headstart.bases.passes import engines
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.runs import RunFolder
from headstart.runtime import Clock, Runtime
from headstart.tasks.answers.classes import Classes
from headstart.verification import final_model, verify

STEP = 1.0
"""Seconds of a step as planned."""
SEEDS = 4
"""Most of an arm."""
OVER, LATE = 1.15, 20.0
"""What a run may take of its minutes, and seconds beyond that."""


class MadeUp(Clock):
    """Goes on when it is told to."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds / 60)
        self.now = 0.0

    def elapsed(self) -> float:
        return self.now


class Slow(Classes):
    """Classes whose training steps take time on a made-up clock."""

    def __init__(self, clock: MadeUp, step: float) -> None:
        self.clock, self.step = clock, step

    def loss(self, outputs, targets):
        if outputs.requires_grad:
            self.clock.now += self.step
        return super().loss(outputs, targets)


@pytest.fixture(scope="module", autouse=True)
def _short():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "MIN_STEPS", 6)
        patch.setattr(engines, "rate", lambda *_: 1.0)
        patch.setattr(looks, "clear", lambda *_: False)
        yield


def ran(home, folder, budget, seconds, pace=1.0):
    """What is verified, the clock and the decisions, where steps take `pace` times the planned time."""
    clock = MadeUp(budget)
    slow = asking(Slow(clock, pace * STEP))
    one = home.bench
    passes = FrozenPass(one.passes.cache, Runtime(clock=clock))
    bench = Bench(slow, one.examples, one.pool, one.base, passes)
    planned = replace(
        plan(bench, "finetune", seeds=SEEDS, reinit="finetune"), minutes=budget / 60, first=2, seconds=seconds
    )
    run = RunFolder(folder, {"headstart": "test"})
    run.work.mkdir()
    arms = adapt(bench, home.splits, planned, ["frozen", "finetune"], run.work, run.once)
    found = verify(bench, home.splits, planned, arms, run.work, run.once)
    final_model(found.shipped, bench, run.work)
    return found, clock, json.loads((run.path / "settings.json").read_text())


def seeds(found):
    return {arm.name: len(arm.test_scores) for arm in found.arms if arm.arm is not None}


@pytest.fixture(scope="module")
def expected(home, tmp_path_factory):
    """Seconds of all runs of each arm, on the machine that the plan is made for."""
    needed = {"frozen": 0.1, "finetune": 1.0, "reinit": 1.0, "scratch": 1.0}
    found, *_ = ran(home, tmp_path_factory.mktemp("planned"), 1e6, needed)
    assert set(seeds(found).values()) == {2, SEEDS}
    each = {arm.name: arm.seconds / len(arm.test_scores) for arm in found.arms if arm.arm is not None}
    assert min(each[name] for name in ("finetune", "reinit", "scratch")) >= 10 * STEP
    return {name: max(0.1, seconds) * (SEEDS + 2) for name, seconds in each.items()}


PACES = (1.0, 3.0, 10.0)


@pytest.fixture(scope="module")
def runs(home, tmp_path_factory, expected):
    """On machines that have become slower and slower than planned, by their pace."""
    budget = sum(expected.values()) + 40
    return cache(lambda pace: ran(home, tmp_path_factory.mktemp("run"), budget, expected, pace))


@pytest.mark.slow("1.0", "3.0")
@pytest.mark.parametrize("pace", PACES)
def test_it_ends_in_its_time_however_busy_the_machine_gets(runs, pace):
    """And there is always something that ships."""
    found, clock, _ = runs(pace)
    assert clock.now <= OVER * clock.budget + LATE
    assert found.shipped.name in seeds(found)
    assert seeds(found)["frozen"] == 2


@pytest.mark.slow
def test_what_no_longer_fits_goes_in_its_order(runs):
    """Seeds beyond two first, then the second seed of what is trained; the solved head keeps both."""
    as_planned, busy, busier = (seeds(runs(pace)[0]) for pace in PACES)
    pair = {runs(1.0)[0].verdict.transfer, runs(1.0)[0].verdict.baseline}
    assert all(as_planned[name] == SEEDS for name in pair)
    assert max(busy.values()) == 2
    assert sum(busier.values()) < sum(busy.values()) < sum(as_planned.values())
    assert busier["frozen"] == 2


def test_where_two_pairs_no_longer_fit_there_is_no_verdict(runs):
    found, *_ = runs(20.0)
    assert found.verdict is None
    assert {"reinit", "scratch"}.isdisjoint(seeds(found))


def test_what_got_no_time_loses_no_verdict(home, tmp_path, expected, monkeypatch):
    """It becomes as slow as that after the references were begun."""
    monkeypatch.setattr("headstart.adaptation.Plan.hopeless", lambda plan, arm, left, pace: False)
    found, *_ = ran(home, tmp_path, sum(expected.values()) + 40, expected, 20.0)
    assert found.verdict.call == "undecided"
    assert found.verdict.ended in ("time", "cut")
