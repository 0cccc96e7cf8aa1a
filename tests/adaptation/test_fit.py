"""Fitting one arm with one seed: files, starts, outputs, the race, and kills at every point."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from benches import NOBODY, Killed, Mortal, asking, same, same_tensors
from headstart import registry
from headstart.adaptation import _fit
from headstart.adaptation._fit import Fitted, fit, lowest, model_of, outputs, race
from headstart.adaptation.base import History
from headstart.adaptation.training import loop as _loop
from headstart.adaptation.training.feed import LiveFeed
from headstart.bases.base import FEATURES, INPUT
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.solvers import linear


@pytest.fixture
def quick(monkeypatch):
    """Two steps an epoch, and a checkpoint after each."""
    monkeypatch.setattr(_loop, "MIN_STEPS", 2)
    monkeypatch.setattr(_loop, "SAVE_SECONDS", 0.0)


def losses(job, home, folder):
    """How many losses an uninterrupted fit computes, and what it gives."""
    task = Mortal(10_000)
    fitted = fit(job, home.with_task(asking(task)), folder)
    return 10_000 - task.calls, fitted


@pytest.mark.parametrize(("cuts", "stride"), [(("layer2", "layer1"), 1), (("layer2", INPUT), 3)])
def test_killed_at_any_point_it_ends_with_the_same_weights(home, fresh, quick, cuts, stride):
    """Each loss, in a step or in a look at validation, is once the last that is computed."""
    job = home.job("finetune", cuts=cuts, rate=1e-2, epochs=2)
    total, whole = losses(job, home, fresh())
    assert total >= 9
    for survived in range(0, total, stride):
        folder, second = fresh(), Mortal(10_000)
        with pytest.raises(Killed):
            fit(job, home.with_task(asking(Mortal(survived))), folder)
        resumed = fit(job, home.with_task(asking(second)), folder)
        assert same(resumed, whole), f"killed after {survived} of {total} losses"
        if survived > 3:
            assert 10_000 - second.calls < total, "it began anew"


def test_work_since_the_last_checkpoint_is_done_again(home, fresh, quick, monkeypatch):
    """Where not every step is written, a kill loses some, and they come out the same."""
    job = home.job("warm_init")
    whole = fit(job, home.bench, fresh())
    write, count = _loop.Loop._save, iter(range(1_000))
    monkeypatch.setattr(
        _loop.Loop, "_save", lambda loop, optimizer: next(count) % 3 == 0 and write(loop, optimizer)
    )
    folder, kills = fresh(), 0
    while True:
        try:
            fitted = fit(job, home.with_task(asking(Mortal(9))), folder)
            break
        except Killed:
            kills += 1
            assert kills < 20
    assert kills >= 1
    assert same(fitted, whole)


def test_a_killed_refit_ends_with_the_same_weights(home, fresh, quick):
    job = home.full_length("finetune", keep="interpolated")
    total, whole = losses(job, home, fresh())
    for survived in range(1, total, 3):
        folder = fresh()
        with pytest.raises(Killed):
            fit(job, home.with_task(asking(Mortal(survived))), folder)
        assert same(fit(job, home.bench, folder), whole)


def test_a_finished_job_is_read_and_its_checkpoint_is_gone(home, fresh, quick, monkeypatch):
    folder, job = fresh(), home.job("finetune")
    first = fit(job, home.bench, folder)
    assert [file.name for file in folder.iterdir()] == ["finetune-0.safetensors"]
    monkeypatch.setattr(_fit, "_start", None)
    second = fit(job, home.bench, folder)
    assert same(first, second)
    assert first.history == second.history
    assert second.seconds == first.seconds > 0


def test_jobs_have_files_of_their_own(home):
    jobs = [
        home.job("finetune"),
        home.job("finetune", seed=1),
        home.job("finetune", part="refit"),
        home.job("finetune", part="rate0.001"),
        home.job("finetune", arm="reinit"),
    ]
    assert len({job.name for job in jobs}) == len(jobs)
    assert jobs[3].name == "finetune-rate0.001-0"


def test_where_outputs_begin(home):
    assert lowest(home.job("frozen")) == FEATURES
    assert lowest(home.job("finetune", cuts=("layer2", "layer1"))) == "layer1"
    assert lowest(home.job("scratch")) == INPUT


@pytest.mark.parametrize("strategy", registry.names("adaptation"))
def test_outputs_are_those_of_the_whole_model(home, home_of_layers, fresh, strategy):
    home = home_of_layers if registry.get("adaptation", strategy).adapters else home
    fitted, rows = fit(home.job(strategy), home.bench, fresh()), home.splits.test
    backbone, head = model_of(fitted, home.bench)
    assert not backbone.training
    assert not head.training
    with torch.no_grad():
        whole = head(backbone(home.bench.subject(32).inputs.batch(rows))).numpy()
    found = outputs(fitted, home.bench, rows)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, whole, atol=5e-3 * np.ptp(whole) + 1e-5)


def test_the_solved_head_is_the_solution_on_the_training_rows(home, fresh):
    fitted = fit(home.job("frozen"), home.bench, fresh())
    rows, targets = home.splits.train, home.bench.examples.answers
    solved = linear.solve(home.bench.features()[rows], targets[rows], 3)
    np.testing.assert_allclose(fitted.kept["head.weight"], solved.weight, rtol=1e-4, atol=1e-6)
    assert set(fitted.kept) == {"head.weight", "head.bias"}


def drawn(job, home):
    network, head, _ = _fit._start(job, home.bench, solve=False)
    return network.state_dict()


def test_random_weights_come_from_the_seed(home, base):
    start = drawn(home.job("scratch"), home)
    assert same_tensors(start, drawn(home.job("scratch"), home))
    assert not same_tensors(start, drawn(home.job("scratch", seed=1), home))
    assert not torch.equal(start["layer1.0.conv1.weight"], base.state["layer1.0.conv1.weight"])
    assert same_tensors(drawn(home.job("warm_init"), home), base.network().state_dict())


def test_the_draw_leaves_torchs_generator_alone(home):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    drawn(home.job("scratch"), home)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_fresh_arm_starts_from_random_weights_with_measured_statistics(home, base):
    job = home.job("finetune", fresh=True)
    network, _, _ = _fit._start(job, home.bench, solve=False)
    plain = drawn(home.job("scratch"), home)
    assert torch.equal(network.conv1[0].weight, plain["conv1.0.weight"])
    with torch.no_grad():
        first = network.conv1[0](home.bench.subject(32).inputs.batch(job.train[:16]))
    torch.testing.assert_close(network.conv1[1].running_mean, first.mean((0, 2, 3)), rtol=1e-3, atol=1e-5)
    variance = first.transpose(0, 1).flatten(1).var(1)
    torch.testing.assert_close(network.conv1[1].running_var, variance, rtol=1e-3, atol=1e-5)
    assert network.conv1[1].momentum == nn.BatchNorm2d(1).momentum
    assert not network.training


def test_the_head_of_a_fresh_arm_is_solved_on_its_own_random_features(home, fresh):
    job = home.job("frozen", arm="reinit", fresh=True)
    fitted = fit(job, home.bench, fresh())
    backbone, _ = model_of(fitted, home.bench)
    with torch.no_grad():
        features = backbone(home.bench.subject(32).inputs.batch(home.bench.everything)).numpy()
    rows, targets = job.train, home.bench.examples.answers
    solved = linear.solve(features[rows].astype(float), targets[rows], 3)
    np.testing.assert_allclose(outputs(fitted, home.bench, rows), solved.outputs(features[rows]), atol=1e-2)
    assert not np.allclose(features, home.bench.features())


def test_views_are_what_training_sees(home):
    job = home.job("finetune", cuts=("layer2",), views=2)
    feed = _fit._start(job, home.bench, solve=False)[2]("layer2")
    rows = job.train[:3]
    plain, first, second = feed.still(rows), *(feed.tensor(feed.fetch(rows, n, 0)) for n in (0, 1))
    assert not torch.equal(plain, first)
    assert not torch.equal(first, second)
    assert torch.equal(first, feed.tensor(feed.fetch(rows, 2, 5))), "two views take turns"


@pytest.mark.parametrize("cuts", [("layer3",), ("layer3", "layer1")])
def test_with_one_view_the_cache_changes_nothing(home, fresh, monkeypatch, tmp_path, cuts):
    """The same seed, the plain view, a float32 cache: the weights of an uncached training.

    But for the order in which float32 numbers are added, and that differs with the processor. The optimizer
    divides by the size of slopes, so that a weight whose slopes are hardly more than such an error moves by
    it as far as others move: what counts is how far a whole tensor is off over how far it moved. By order
    that is 4e-5 at most where it was measured; a cache of float16 is off by 1e-2.
    """
    monkeypatch.setattr(LiveFeed, "fetch", lambda self, rows, epoch, step: self.inputs.encoded(rows))
    passes = FrozenPass(Cache(tmp_path / "cache", dtype="float32"), Runtime())
    bench = Bench(home.bench.task, home.bench.examples, home.bench.pool, home.bench.base, passes)
    cached, live = (
        fit(home.full_length("finetune", cuts=cuts, views=0, live=live, epochs=4), bench, fresh())
        for live in (False, True)
    )
    assert cached.kept.keys() == live.kept.keys()
    assert cached.history.steps == live.history.steps > 0
    moved = 0.0
    for name, tensor in cached.kept.items():
        start = home.bench.base.state.get(name.removeprefix("backbone."), torch.zeros(()))
        far = float((live.kept[name] - start).double().norm())
        assert float((tensor - live.kept[name]).double().norm()) <= 5e-4 * far + 1e-7, name
        if name.startswith("backbone."):
            moved = max(moved, float((tensor - start).abs().max()))
    assert moved > 1e-3, "training that moved nothing would prove nothing"


def test_a_live_training_keeps_no_boundary(home, fresh, tmp_path):
    passes = FrozenPass(Cache(tmp_path / "cache"), Runtime())
    bench = Bench(home.bench.task, home.bench.examples, home.bench.pool, home.bench.base, passes)
    fitted = fit(home.job("finetune", cuts=("layer3",), live=True, views=0), bench, fresh())
    assert np.isfinite(outputs(fitted, bench, home.splits.test)).all()
    entries = [passes.cache.find(path.stem) for path in passes.cache.folder.glob("*.rows")]
    assert sorted(len(entry.shape) for entry in entries) == [2, 4], "features and pixels"


@pytest.fixture
def trials(monkeypatch):
    """`trials(rate=History, …)`: what fits give by rate; the list of (rate, epochs, deadline) that ran."""
    ran = []

    def set_up(histories):
        def stub(job, bench, folder, deadline=math.inf):
            ran.append((job.recipe.rate, job.recipe.epochs, deadline))
            return Fitted(job, {}, histories[job.recipe.rate], 0.0)

        monkeypatch.setattr(_fit, "fit", stub)
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


def test_a_start_that_was_never_better_can_be_refitted_without_steps(home, fresh):
    fitted = fit(home.full_length("finetune", epochs=0, cuts=(), keep="start"), home.bench, fresh())
    assert (fitted.history.steps, set(fitted.kept)) == (0, {"head.weight", "head.bias"})
    assert outputs(fitted, home.bench, home.splits.test).shape == (len(home.splits.test), 3)
