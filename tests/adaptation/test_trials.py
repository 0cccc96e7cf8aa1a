"""Short trainings for the race: what is scored by what, and within which time."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation import trials
from headstart.adaptation._trials import EPOCHS, RACE_SHARE
from headstart.data.cutting.stratified import folds
from headstart.runtime import Clock, Runtime


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr("headstart.adaptation.training.loop.MIN_STEPS", 2)
    monkeypatch.setitem(EPOCHS, "short training", 1)
    monkeypatch.setitem(EPOCHS, "longer training", 2)


def rounds(fresh, minutes=None, strategies=("frozen", "finetune")):
    return trials(strategies, 0, fresh(), Clock(minutes))


def test_only_strategies_that_open_parts_have_trials(fresh):
    assert list(rounds(fresh)) == ["short training", "longer training"]
    assert rounds(fresh, strategies=("frozen",)) == {}


def test_each_round_trains_three_times_as_long():
    assert EPOCHS["longer training"] == 3 * EPOCHS["short training"]


def test_every_example_is_scored_by_a_model_that_has_not_seen_it(home, fresh, short, monkeypatch):
    seen = []
    from headstart.adaptation import _trials

    def watch(job, bench, folder, deadline):
        seen.append((set(job.train.tolist()), len(job.validation)))
        return fit(job, bench, folder, deadline)

    fit = _trials.fit
    monkeypatch.setattr(_trials, "fit", watch)
    scores = rounds(fresh)["short training"](home.bench, 1.0)
    pool = home.bench.pool
    assert scores.shape == pool.shape
    assert set(scores) <= {0.0, 1.0}
    half = folds(home.bench.examples, pool, 2, 0)
    assert seen == [(set(pool[half != number].tolist()), 0) for number in range(2)]


def test_test_labels_do_not_matter_and_the_same_seed_repeats(home, fresh, short):
    one, two, other = (
        rounds(fresh)["short training"](bench, 1.0)
        for bench in (home.bench, home.bench, home.scrambled().bench)
    )
    assert (one == two).all()
    assert (one == other).all()


def test_a_round_that_was_run_is_read_from_the_folder(home, fresh, short):
    folder, clock = fresh(), Clock()
    first = trials(["finetune"], 0, folder, clock)["short training"](home.bench, 1.0)
    files = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(files) == 2
    again = trials(["finetune"], 0, folder, clock)["short training"](home.bench, 1.0)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == files
    assert (again == first).all()


def test_trials_end_within_their_share_of_the_run(home, fresh, monkeypatch):
    from headstart.adaptation import _trials

    deadlines = []

    def watch(job, bench, folder, deadline):
        deadlines.append(deadline - clock.elapsed())
        raise InterruptedError

    clock = Clock(10.0)
    bench = home.with_runtime(Runtime(clock=clock))
    monkeypatch.setattr(_trials, "fit", watch)
    trial = trials(["finetune"], 0, fresh(), clock)["short training"]
    with pytest.raises(InterruptedError):
        trial(bench, 0.5)
    assert deadlines == [pytest.approx(10 * 60 * RACE_SHARE * 0.5 / 2, abs=1)]
    assert np.isfinite(trial.until)


def test_no_group_is_trained_on_and_scored(home, fresh, short, monkeypatch):
    from headstart.adaptation import _trials

    examples, trained = home.bench.examples, []
    groups = tuple(f"patient {row // 3}" for row in range(len(examples)))
    bench = copy.copy(home.bench)
    bench.examples = replace(examples, groups=groups)
    fit = _trials.fit
    monkeypatch.setattr(_trials, "fit", lambda job, *rest: trained.append(job.train) or fit(job, *rest))
    rounds(fresh)["short training"](bench, 1.0)
    for rows in trained:
        others = np.setdiff1d(bench.pool, rows)
        assert not {groups[row] for row in rows} & {groups[row] for row in others}


def test_a_trial_is_not_begun_where_its_time_is_over(home, fresh):
    clock = Clock(1e-6)
    trial = trials(["finetune"], 0, fresh(), clock)["short training"]
    assert trial(home.with_runtime(Runtime(clock=clock)), 0.5) is None
