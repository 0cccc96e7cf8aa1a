"""The training loop: its draws, its rates, what moves, and when it ends. Resume is in test_fit.py."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from benches import Scripted, asking, same_tensors
from headstart.adaptation import _fit
from headstart.adaptation._fit import fit
from headstart.adaptation._start import start
from headstart.adaptation.base import HEAD_RATE, Recipe
from headstart.adaptation.finetune import BOTTOM_RATE
from headstart.adaptation.training import loop as _loop
from headstart.adaptation.training.loop import batches, evaluate, keep_statistics
from headstart.bases.base import INPUT
from headstart.runtime import Runtime


def training(rows, batch, seed=0, lengths=None):
    return SimpleNamespace(train=np.asarray(rows), recipe=Recipe(batch=batch), seed=seed, lengths=lengths)


@pytest.mark.parametrize("sorting", [False, True])
@pytest.mark.parametrize(("n", "batch"), [(9, 8), (12, 8), (100, 8), (257, 16), (1, 8)])
def test_an_epoch_shows_every_row_equally_often_in_even_batches(n, batch, sorting, monkeypatch):
    monkeypatch.setattr(_loop, "SORTED", 5)
    rows = np.arange(n) + 5
    steps = batches(training(rows, batch, lengths=np.arange(n + 5) % 7 if sorting else None), 0)
    seen = Counter(np.concatenate(steps).tolist())
    assert set(seen) == set(rows.tolist())
    assert len(set(seen.values())) == 1
    assert len(steps) >= _loop.MIN_STEPS
    sizes = [len(step) for step in steps]
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) > 1, "BatchNorm needs two examples"


def test_examples_of_near_lengths_share_a_batch_and_batches_come_in_any_order():
    lengths = np.random.default_rng(0).integers(1, 100, 400)
    steps = batches(training(np.arange(400), 8, lengths=lengths), 0)
    assert max(int(np.ptp(lengths[rows])) for rows in steps) < 15
    means = [float(lengths[rows].mean()) for rows in steps]
    assert means != sorted(means)


@pytest.mark.parametrize("lengths", [None, np.arange(100) % 7])
def test_the_order_is_drawn_from_seed_and_epoch(lengths):
    def order(seed, epoch):
        return np.concatenate(batches(training(np.arange(100), 8, seed, lengths), epoch)).tolist()

    assert order(0, 0) == order(0, 0)
    assert len({str(order(seed, epoch)) for seed in (0, 1) for epoch in (0, 1)}) == 4


def test_evaluation_is_in_eval_mode_and_in_order(monkeypatch):
    monkeypatch.setattr(_loop, "VALIDATION_BATCH", 4)
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.9)).train()
    values = torch.arange(22.0).view(11, 2)
    feed = SimpleNamespace(still=lambda rows: values[torch.from_numpy(rows)])
    rows = np.array([10, 3, 4, 0, 7, 1])
    found = evaluate(model, feed, rows)
    torch.testing.assert_close(found, values[torch.from_numpy(rows)], rtol=1e-4, atol=1e-4)
    assert model[0].num_batches_tracked == 0


def test_still_statistics_leave_the_rest_in_training():
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.Dropout(), nn.LayerNorm(3)).train()
    keep_statistics(model)
    assert [module.training for module in model] == [True, False, True, True]


@pytest.fixture
def one_step(home, fresh, monkeypatch):
    """`one_step(job)`: the loop after a single step with all training rows at the full rate."""
    monkeypatch.setattr(_loop, "MIN_STEPS", 1)
    made = []
    original = _loop.Loop.__init__

    def remember(self, *arguments):
        original(self, *arguments)
        made.append(self)

    monkeypatch.setattr(_loop.Loop, "__init__", remember)

    def go(strategy, **changes):
        changes = {"epochs": 1, "batch": 1_000, "views": 0, **changes}
        return made, fit(home.full_length(strategy, **changes), home.bench, fresh())

    return go


def test_layers_below_move_slower(one_step, home, base):
    """Adam's first step is as large as the rate, whatever the gradient."""
    _, fitted = one_step("finetune", cuts=("conv1.2",), rate=1e-3)
    stages, before = base.card.stages, base.state
    assert stages == ("conv1.2", "conv1.5", "maxpool", "layer1", "layer2", "layer3")
    depth = {
        "conv1.4.bias": 2 / 6,
        "bn1.bias": 3 / 6,
        "layer1.0.bn2.bias": 4 / 6,
        "layer2.0.bn2.bias": 5 / 6,
        "layer3.0.bn3.bias": 1.0,
        "layer4.0.bn2.bias": 1.0,
    }
    for name, where in depth.items():
        step = (fitted.kept[f"backbone.{name}"] - before[name]).abs().max().item()
        assert step == pytest.approx(1e-3 * BOTTOM_RATE ** (1 - where), rel=0.02), name
    head = start(home.full_length("finetune"), home.bench).head
    moved = (fitted.kept["head.bias"] - head.bias.detach()).abs().max().item()
    assert moved == pytest.approx(1e-3, rel=0.05)
    assert "backbone.conv1.0.weight" not in fitted.kept


@pytest.mark.parametrize("strategy", ["frozen", "finetune"])
def test_a_head_that_is_trained_first_has_its_own_rate_whatever_the_strategy_moves(one_step, home, strategy):
    _, fitted = one_step(strategy, epochs=0, head_epochs=1, cuts=(), rate=1e-5)
    head = start(home.full_length(strategy), home.bench).head
    moved = (fitted.kept["head.bias"] - head.bias.detach()).abs().max().item()
    assert moved == pytest.approx(HEAD_RATE, rel=0.05)
    assert not [name for name in fitted.kept if name.startswith("backbone.")]


def test_matrices_decay_and_biases_and_norms_do_not(one_step):
    (loop, *_), _ = one_step("warm_init", rate=1e-3)
    names = {id(parameter): name for name, parameter in loop.whole.named_parameters()}
    made = loop._groups(list(names.values()))
    groups = {names[id(parameter)]: group for group in made for parameter in group["params"]}
    assert len(groups) == len(names)
    assert groups["backbone.layer1.0.conv1.weight"]["weight_decay"] == _loop.WEIGHT_DECAY
    assert groups["head.weight"]["weight_decay"] == _loop.WEIGHT_DECAY
    for name in ("backbone.bn1.weight", "backbone.layer1.0.bn1.bias", "head.bias"):
        assert groups[name]["weight_decay"] == 0
    assert {group["full"] for group in groups.values()} == {1e-3}


def test_classes_weigh_the_same_in_the_loss(one_step, home):
    """The recorded loss is the weighted cross entropy of the solved head, computed by hand."""
    targets = home.bench.examples.answers
    by_class = [home.splits.train[targets[home.splits.train] == label] for label in range(3)]
    rows = np.sort(np.concatenate([by_class[0], by_class[1][:2], by_class[2][:1]]))
    made, fitted = one_step("finetune", train=rows, cuts=("layer2",))
    head = start(home.job("finetune", train=rows), home.bench).head
    features = np.asarray(home.bench.features()[rows], dtype=np.float64)
    outputs = features @ head.weight.detach().double().numpy().T + head.bias.detach().double().numpy()
    losses = -log_softmax(outputs, axis=1)[np.arange(len(rows)), targets[rows]]
    counts = np.bincount(targets[rows])
    assert len(set(counts.tolist())) == 3
    expected = np.mean([losses[targets[rows] == label].mean() for label in range(3)])
    assert fitted.history.train == pytest.approx((expected,), rel=2e-2, abs=1e-4)
    assert fitted.history.steps == 1


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(_loop, "MIN_STEPS", 1)


def test_it_stops_early_only_in_the_last_stage(home, fresh, short):
    """Validation gets worse at each look, so the start stays the best."""
    bench = home.with_task(asking(Scripted()))
    two = fit(home.job("finetune", epochs=12, cuts=("layer2", "layer1")), bench, fresh())
    one = fit(home.job("finetune", epochs=12, cuts=("layer2",)), home.with_task(asking(Scripted())), fresh())
    # 4 epochs of the first stage, then the last one's first epoch and a patience of 12 // 3 more, and one
    assert len(two.history.train) == 4 + 1 + 4 + 1
    assert len(one.history.train) == 1 + 4 + 1
    for fitted in (one, two):
        assert (fitted.history.candidate, fitted.history.kept) == ("start", None)
        assert not fitted.history.cut_short
        assert not fitted.history.diverged


def test_it_runs_to_the_end_while_it_gets_better(home, fresh, short):
    history = fit(home.job("scratch", epochs=6, rate=1e-4), home.bench, fresh()).history
    assert len(history.train) == len(history.validation) == 6
    assert history.steps == 6 * len(batches(training(home.splits.train, 8), 0))


def test_the_training_loss_is_the_mean_over_the_examples_of_each_epoch(home, fresh, monkeypatch):
    sizes: list[int] = []
    monkeypatch.setattr(
        _loop.Loop, "_step", lambda *arguments: sizes.append(len(arguments[-1][0])) or len(sizes)
    )
    history = fit(home.full_length("finetune", cuts=("layer2",), batch=5), home.bench, fresh()).history
    steps = len(sizes) // 3
    assert len(set(sizes[:steps])) == 2, "batches differ in size"
    losses = np.arange(1, len(sizes) + 1).reshape(3, steps)
    expected = np.average(losses, axis=1, weights=np.reshape(sizes, (3, steps)))
    assert history.train == pytest.approx(expected)


def test_a_loss_that_is_no_number_ends_it_with_the_best_so_far(home, fresh):
    steps = len(batches(training(home.splits.train, 8), 0))
    job = home.job("finetune", epochs=6, cuts=("layer2", "layer1"))
    bench = home.with_task(asking(Scripted(numbers_until=steps + 3, worse=False)))
    broken = fit(job, bench, fresh())
    assert broken.history.diverged
    assert (len(broken.history.train), broken.history.steps) == (1, steps + 3)
    assert all(tensor.isfinite().all() for tensor in broken.kept.values())
    # the same as if it had been stopped after the last whole epoch
    stopped = fit(job, home.bench, fresh(), deadline=0.0)
    assert same_tensors(broken.kept, stopped.kept)
    assert broken.history.candidate == stopped.history.candidate


def test_a_loss_that_is_no_number_at_once_keeps_the_start(home, fresh):
    for strategy in ("finetune", "scratch"):
        bench = home.with_task(asking(Scripted(numbers_until=0, worse=False)))
        history = fit(home.job(strategy), bench, fresh()).history
        assert history.diverged
        assert (history.candidate, history.kept, history.train) == ("start", None, ())


def test_a_deadline_ends_it_after_the_epoch(home, fresh, short):
    cut = fit(home.job("scratch"), home.bench, fresh(), deadline=0.0).history
    assert cut.cut_short
    assert len(cut.train) == len(cut.validation) == 1
    last = fit(home.job("scratch", epochs=1), home.bench, fresh(), deadline=0.0).history
    assert not last.cut_short, "it had no more epochs"
    enough = fit(home.job("scratch"), home.bench, fresh(), deadline=home.bench.runtime.clock.elapsed() + 600)
    assert not enough.history.cut_short
    assert len(enough.history.train) == 3


def test_a_deadline_ends_it_within_a_later_epoch(home, fresh, monkeypatch):
    """Where it passes there: the loss of the steps that were made is noted, and validation is looked at."""
    monkeypatch.setattr(_loop, "MIN_STEPS", 6)
    late = iter([*[False] * 3, *[True] * 100])  # after the first epoch, and two steps
    monkeypatch.setattr(_loop.Loop, "_late", lambda _loop: next(late))
    cut = fit(home.job("scratch"), home.bench, fresh(), deadline=0.0).history
    assert cut.cut_short
    assert 6 < cut.steps < 12
    assert len(cut.train) == len(cut.validation) == 2


def test_without_validation_it_runs_all_its_epochs(home, fresh, short):
    for epochs in (1, 9):
        job = home.full_length("finetune", epochs=epochs, cuts=("layer2",), rate=1.0)
        history = fit(job, home.bench, fresh()).history
        assert (len(history.train), history.validation) == (epochs, ())
        assert (history.candidate, history.kept) == ("trained", epochs - 1)


def test_without_validation_the_named_candidate_is_kept(home, fresh):
    job = home.full_length("finetune", cuts=("layer2",))
    kept = {
        keep: fit(replace(job, recipe=replace(job.recipe, keep=keep)), home.bench, fresh()).kept
        for keep in ("start", "trained", "ema", "interpolated")
    }
    for name, first in kept["start"].items():
        if first.is_floating_point():
            torch.testing.assert_close(kept["interpolated"][name], (first + kept["ema"][name]) / 2)
    assert not same_tensors(kept["trained"], kept["ema"])
    assert not same_tensors(kept["trained"], kept["start"])
    head = start(job, home.bench).head
    assert torch.equal(kept["start"]["head.weight"], head.weight)


def test_the_kept_weights_have_the_recorded_validation_loss(home, fresh):
    job = home.job("scratch", epochs=6)
    fitted = fit(job, home.bench, fresh())
    assert fitted.history.candidate != "start", "otherwise this test says nothing"
    outputs = _fit.outputs(fitted, home.bench, job.validation)
    targets = home.bench.examples.answers[job.validation]
    loss = -log_softmax(outputs, axis=1)[np.arange(len(targets)), targets].mean()
    assert loss <= min(fitted.history.validation) + 1e-6


def test_an_unfreezing_that_ends_at_the_input_trains_everything(home, base, fresh):
    job = home.full_length("finetune", cuts=("layer2", INPUT))
    fitted = fit(job, home.bench, fresh())
    names = [f"backbone.{name}" for name, _ in base.network().named_parameters()]
    assert set(names) < fitted.kept.keys()
    assert all(not torch.equal(fitted.kept[name], base.state[name[9:]]) for name in names)


class Second:
    """A fabric as the second of two processes sees it."""

    global_rank, world_size = 1, 2

    def __init__(self, alone):
        self.alone = alone

    def __getattr__(self, name):
        return getattr(self.alone, name)


def test_processes_that_train_together_share_each_batch(home, fresh, monkeypatch):
    job, shown, steps = home.full_length("warm_init"), [], []
    alone, step, given = Runtime.trainer, _loop.Loop._step, _loop.batches
    monkeypatch.setattr(Runtime, "trainer", lambda runtime: Second(alone(runtime)))
    monkeypatch.setattr(_loop.Loop, "_step", lambda *all_: shown.append(all_[-1][0]) or step(*all_))
    monkeypatch.setattr(_loop, "batches", lambda *all_: steps.append(given(*all_)) or steps[-1])
    fit(job, home.bench, fresh())
    whole = [rows for epoch in steps[1:] for rows in epoch]  # the first look only counts them
    assert len(shown) == len(whole)
    assert all(own.tolist() == rows[1::2].tolist() for own, rows in zip(shown, whole, strict=True))


@pytest.mark.parametrize(("together", "looks"), [(True, [7]), (False, [3, 3, 1])])
def test_large_outputs_are_validated_in_parts(monkeypatch, together, looks):
    seen = []

    class Counted:
        def __init__(self):
            self.together = together

        def validation(self, outputs, rows):
            assert len(outputs) == len(rows)
            seen.append(len(rows))
            return float(rows.mean())

    monkeypatch.setattr(_loop, "VALIDATION_BATCH", 3)
    monkeypatch.setattr(_loop, "evaluate", lambda model, feed, rows: rows)
    rows = np.arange(7)
    loop = _loop.Loop.__new__(_loop.Loop)
    loop.training = SimpleNamespace(objective=Counted(), validation=rows)
    assert loop._validation_loss(None, None) == pytest.approx(rows.mean())
    assert seen == looks
