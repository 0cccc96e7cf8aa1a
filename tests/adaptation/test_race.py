"""The race of learning rates: on validation, in a third of the epochs and a share of the time."""

import math

import pytest

from benches import NOBODY, Killed, Mortal, asking
from headstart import registry
from headstart.adaptation import _race
from headstart.adaptation._fit import Fitted
from headstart.adaptation._race import race
from headstart.adaptation.base import History
from headstart.adaptation.training import loop as _loop


@pytest.fixture
def quick(monkeypatch):
    """Two steps an epoch, and a checkpoint after each."""
    monkeypatch.setattr(_loop, "MIN_STEPS", 2)
    monkeypatch.setattr(_loop, "SAVE_SECONDS", 0.0)


@pytest.fixture
def trials(monkeypatch):
    """`trials(rate=History, …)`: what fits give by rate; the list of (rate, epochs, deadline) that ran."""
    ran = []

    def set_up(histories):
        def stub(job, bench, folder, deadline=math.inf):
            ran.append((job.recipe.rate, job.recipe.epochs, deadline))
            return Fitted(job, {}, histories[job.recipe.rate], 0.0)

        monkeypatch.setattr(_race, "fit", stub)
        return ran

    return set_up


def test_the_race_takes_the_rate_of_least_validation_loss(home, fresh, trials):
    low, middle, high = registry.get("adaptation", "scratch").rates
    ran = trials(
        {
            low: History(validation=(0.9, 0.5)),
            middle: History(validation=(0.8, 0.3, 0.7)),
            high: History(validation=(0.4,)),
        }
    )
    found = race(home.job("scratch", epochs=12), home.bench, fresh(), math.inf)
    assert (found.rate, found.epochs) == (middle, 12)
    assert [(rate, epochs) for rate, epochs, _ in ran] == [(low, 4), (middle, 4), (high, 4)]


@pytest.mark.parametrize("bad", [(math.nan,), (0.1, math.nan), (0.1, math.inf)])
def test_a_rate_whose_loss_is_no_number_is_out(home, fresh, trials, bad):
    low, middle, high = registry.get("adaptation", "scratch").rates
    trials(
        {
            low: History(validation=bad),
            middle: History(validation=(0.01,), diverged=True),
            high: History(validation=(0.9,)),
        }
    )
    assert race(home.job("scratch"), home.bench, fresh(), math.inf).rate == high


def test_the_trials_share_the_time(home, fresh, trials):
    ran = trials({rate: History(validation=(1.0,)) for rate in registry.get("adaptation", "scratch").rates})
    start = home.bench.runtime.clock.elapsed()
    race(home.job("scratch"), home.bench, fresh(), start + 300)
    first, second, third = (deadline - start for _, _, deadline in ran)
    assert first == pytest.approx(100, abs=5)
    assert second == pytest.approx(150, abs=5)
    assert third == pytest.approx(300, abs=5)


def test_nothing_to_race_or_nothing_to_race_on(home, fresh, trials):
    ran = trials({})
    assert race(home.job("frozen"), home.bench, fresh(), math.inf).rate == 0.0
    middle = registry.get("adaptation", "finetune").rates[1]
    assert race(home.job("finetune", validation=NOBODY), home.bench, fresh(), math.inf).rate == middle
    assert ran == []


def test_a_race_is_taken_up_where_it_was(home, fresh, quick):
    folder, job = fresh(), home.job("scratch", epochs=2)
    whole = race(job, home.bench, fresh(), math.inf)
    with pytest.raises(Killed):
        race(job, home.with_task(asking(Mortal(12))), folder, math.inf)
    assert race(job, home.bench, folder, math.inf) == whole
    assert len(list(folder.glob("scratch-rate*-0.safetensors"))) == 3


def test_where_the_time_is_over_the_middle_rate_is_taken_and_what_was_begun_goes_on(home, fresh, trials):
    rates = registry.get("adaptation", "scratch").rates
    ran = trials({rate: History(validation=(rate,)) for rate in rates})
    job = home.job("scratch", epochs=12)
    assert race(job, home.bench, fresh(), 0.0).rate == rates[1]
    assert not ran
    folder = fresh()
    (folder / f"scratch-rate{rates[0]:g}-0.checkpoint").touch()
    assert race(job, home.bench, folder, 0.0).rate == rates[1], "one of three tells nothing"
    assert [rate for rate, *_ in ran] == [rates[0]]
    other = fresh()
    for rate in rates:
        (other / f"scratch-rate{rate:g}-0.checkpoint").touch()
    assert race(job, home.bench, other, 0.0).rate == rates[0]
