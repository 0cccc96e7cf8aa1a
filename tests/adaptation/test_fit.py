"""Fitting one arm with one seed: files, starts, outputs, the race, and kills at every point."""

import numpy as np
import pytest
import torch

from benches import Killed, Mortal, asking, needs_layers, same
from headstart import registry
from headstart.adaptation import _fit
from headstart.adaptation._fit import fit, model_of, outputs
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


@pytest.mark.slow("cuts0-1")
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
    monkeypatch.setattr(_fit, "start", None)
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
    assert home.job("frozen").lowest == FEATURES
    assert home.job("finetune", cuts=("layer2", "layer1")).lowest == "layer1"
    assert home.job("scratch").lowest == INPUT


@pytest.mark.parametrize("strategy", registry.names("adaptation"))
def test_outputs_are_those_of_the_whole_model(home, home_of_layers, fresh, strategy):
    home = home_of_layers if needs_layers(strategy, home.bench.base) else home
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


def test_a_start_that_was_never_better_can_be_refitted_without_steps(home, fresh):
    fitted = fit(home.full_length("finetune", epochs=0, cuts=(), keep="start"), home.bench, fresh())
    assert (fitted.history.steps, set(fitted.kept)) == (0, {"head.weight", "head.bias"})
    assert outputs(fitted, home.bench, home.splits.test).shape == (len(home.splits.test), 3)
