"""Heads that are trained by steps: alone first, on cached views whose answers belong to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import scenery
from benches import NOBODY, Ground, Killed, same, same_tensors
from headstart import data
from headstart.adaptation import _fit, strategy_named
from headstart.adaptation._fit import fit, model_of, outputs
from headstart.adaptation._start import reused, start
from headstart.adaptation.base import HEAD_RATE, Job, Recipe
from headstart.adaptation.training import loop as _loop
from headstart.adaptation.training.feed import CachedFeed
from headstart.adaptation.training.objective import Answered
from headstart.adaptation.training.rates import factor
from headstart.bases.base import FEATURES, INPUT, Brought
from headstart.bases.networks.maps import maps_of
from headstart.bases.passes.frozen import FrozenPass, seed_of
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks import object_detection, segmentation

TASKS = {"object_detection": object_detection.plugin, "segmentation": segmentation.plugin}


class Forwarding:
    """An answer that is a task's but for what is said here."""

    def __init__(self, task, calls=10**9, loss=None):
        self.task, self.calls, self.own = task, calls, loss or task.answer.loss

    def __getattr__(self, name):
        return getattr(self.task.answer, name)

    def asked(self):
        """The task with it."""
        return replace(self.task, answer=self)

    def loss(self, given, targets):
        self.calls -= 1
        if self.calls < 0:
            raise Killed
        return self.own(given, targets)


def scene_ground(name, base, folder, cache):
    with pytest.MonkeyPatch.context() as patch:
        task = TASKS[name]
        scenery.shrink(patch.setattr)
        splits = data.load(scenery.WRITE[name](folder, {"train": 8, "valid": 3, "test": 2}), task)
        suited = task.suited(base, splits.examples, range(len(splits.examples)))
    pool = np.concatenate([splits.train, splits.validation])
    return Ground(Bench(task, splits.examples, pool, suited, FrozenPass(cache, Runtime())), splits)


@pytest.fixture(scope="module")
def homes(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    return {name: scene_ground(name, base, folder / name, Cache(folder / "cache")) for name in TASKS}


@pytest.fixture(params=TASKS)
def home(request, homes):
    return homes[request.param]


@pytest.fixture
def boxed(homes):
    return homes["object_detection"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Two steps an epoch, and a checkpoint after each."""
    monkeypatch.setattr(_loop, "MIN_STEPS", 2)
    monkeypatch.setattr(_loop, "SAVE_SECONDS", 0.0)


def job(home, strategy, validation=True, **changes):
    stages = home.bench.base.card.stages
    usual = {"epochs": 2, "head_epochs": 2, "cuts": stages[::-1], "live": True, "views": 2, "rate": 1e-3}
    if strategy == "frozen":
        usual |= {"epochs": 0, "cuts": (), "live": False}
    recipe = Recipe(**{"batch": 4, "size": scenery.SIDE, **usual, **changes})
    rows = home.splits.validation if validation else NOBODY
    return Job(strategy, strategy_named(strategy), 0, recipe, home.splits.train, rows)


def watched(home, which, fresh):
    """What each epoch left of all weights and the rates of its steps."""
    after, rates = [], []

    def spy(method, note):
        return lambda loop, *given: (method(loop, *given), note(loop, *given))[0]

    def weights(loop, *given):
        after.append({name: tensor.clone() for name, tensor in loop.whole.state_dict().items()})

    def rate(loop, model, optimizer, *given):
        rates.append(sorted({group["lr"] for group in optimizer.param_groups}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_loop.Loop, "_epoch", spy(_loop.Loop._epoch, weights))
        patch.setattr(_loop.Loop, "_step", spy(_loop.Loop._step, rate))
        fit(which, home.bench, fresh())
    return after, rates


def test_the_head_learns_first_and_alone_and_then_what_is_opened_moves_too(home, fresh):
    after, _ = watched(home, job(home, "finetune", validation=False), fresh)
    start = home.bench.base.network().state_dict()
    moved = [
        [name for name in start if not torch.equal(one[f"backbone.{name}"], start[name])] for one in after
    ]
    assert len(after) == 4
    assert moved[0] == moved[1] == []
    assert moved[3]
    heads = [{name: one[name] for name in one if name.startswith("head.")} for one in after]
    assert not any(same_tensors(*pair) for pair in zip(heads, heads[1:], strict=False))


def test_the_head_of_a_frozen_base_learns_too(home, fresh):
    """Its strategy moves nothing at all: the head has a rate of its own."""
    which = job(home, "frozen", validation=False, head_epochs=8)
    fitted = fit(which, home.bench, fresh())
    assert fitted.history.train[-1] < 0.9 * fitted.history.train[0]
    assert {name.split(".")[0] for name in fitted.kept} == {"head"}
    assert which.lowest == FEATURES


def test_rates_run_through_two_cycles(boxed, fresh):
    _, rates = watched(boxed, job(boxed, "finetune", head_epochs=3, epochs=3, cuts=(INPUT,)), fresh)
    assert len(rates) == 12
    assert [one for (one,) in rates[:6]] == pytest.approx([HEAD_RATE * factor(done, 6) for done in range(6)])
    assert [max(one) for one in rates[6:]] == pytest.approx([1e-3 * factor(done, 6) for done in range(6)])
    assert len(rates[6]) > 1, "lower layers learn slower"


@pytest.mark.parametrize("strategy", ["frozen", "finetune"])
def test_killed_at_any_point_it_ends_with_the_same_weights(boxed, fresh, strategy):
    task = Forwarding(boxed.bench.task)
    which = job(boxed, strategy, cuts=() if strategy == "frozen" else (INPUT,))
    whole = fit(which, boxed.with_task(task.asked()), fresh())
    total = 10**9 - task.calls
    assert total >= 8
    for survived in range(2, total, 4):
        folder, second = fresh(), Forwarding(boxed.bench.task)
        with pytest.raises(Killed):
            fit(which, boxed.with_task(Forwarding(boxed.bench.task, survived).asked()), folder)
        assert same(fit(which, boxed.with_task(second.asked()), folder), whole), (
            f"killed after {survived} losses"
        )
        if survived > 4:
            assert 10**9 - second.calls < total, "it began anew"


def test_statistics_of_a_head_are_trained_and_kept(boxed, fresh):
    """Those of the base stay as they were inherited."""

    class Normed(Forwarding):
        def head(self, width, labels, maps=()):
            return nn.Sequential(nn.BatchNorm1d(width), self.task.answer.head(width, labels, maps))

    for validation in (True, False):
        which = job(boxed, "finetune", validation=validation, cuts=(INPUT,))
        fitted = fit(which, boxed.with_task(Normed(boxed.bench.task).asked()), fresh())
        assert "head.0.running_mean" in fitted.kept
        assert fitted.kept["head.0.running_mean"].abs().max() > 0
        assert fitted.kept["head.0.num_batches_tracked"] > 0
        assert not [name for name in fitted.kept if "running" in name and name.startswith("backbone.")]


def test_what_is_right_is_asked_for_the_view_that_the_features_were_made_from(home, fresh):
    """Each batch of features is that of the network on the inputs of the named view."""
    asked, network = [], home.bench.base.network()
    inputs = home.bench.subject(scenery.SIDE).inputs

    class Seen(Answered):
        def loss(self, given, rows, view=None):
            asked.append((rows.copy(), view))
            return super().loss(given, rows, view)

    fed, fetch = [], CachedFeed.tensor
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fit, "objective_of", lambda task, examples, train, inputs: Seen(task, inputs))
        patch.setattr(CachedFeed, "tensor", lambda *given: fed.append(fetch(*given)) or fed[-1])
        given = job(home, "frozen", validation=False, head_epochs=4)
        fit(given, home.bench, fresh())
    assert len(asked) == len(fed) == 8
    assert {view for _, view in asked} == {seed_of(view) for view in given.views}
    for (rows, view), features in zip(asked, fed, strict=True):
        with torch.no_grad():
            torch.testing.assert_close(features, network(inputs.batch(rows, view)), rtol=5e-3, atol=5e-3)
    plain = network(inputs.batch(asked[0][0])).detach()
    assert (plain - fed[0]).abs().max() > 0.1, "otherwise any view would do"


def test_live_views_and_their_answers_belong_together(home, fresh):
    asked, encoded = [], []
    inputs = home.bench.subject(scenery.SIDE).inputs
    answers, pixels = inputs.answers, inputs.encoded
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "answers", lambda *given: asked.append(given) or answers(*given))
        patch.setattr(inputs, "encoded", lambda *given: encoded.append(given) or pixels(*given))
        fit(job(home, "scratch", validation=False, head_epochs=0, cuts=(), views=0), home.bench, fresh())
    steps = [(rows.tolist(), view) for rows, view in asked]
    assert len(steps) == len({view for _, view in steps}) == 4
    assert steps == [(rows.tolist(), view) for rows, *rest in encoded for view in rest]


def test_on_cached_features_it_is_the_training_of_the_whole_frozen_network(boxed, fresh, tmp_path):
    """The same head, to what a cache of single precision leaves."""
    passes = FrozenPass(Cache(tmp_path / "cache", dtype="float32"), Runtime())
    task, examples = boxed.bench.task, boxed.bench.examples
    bench = Bench(task, examples, boxed.bench.pool, boxed.bench.base, passes)
    which = job(boxed, "frozen", validation=False)
    fitted = fit(which, bench, fresh())
    inputs = bench.subject(scenery.SIDE).inputs
    begin = start(which, bench)
    network, head, feeds = begin.network, begin.head, begin.feeds
    training = _fit._training(which, begin, bench, tmp_path / "none", float("inf"))
    feed = feeds(FEATURES)
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for one in head.parameters() if (one.ndim > 1) == heavy], "weight_decay": decay}
            for heavy, decay in ((True, _loop.WEIGHT_DECAY), (False, 0.0))
        ],
        lr=1.0,
    )
    steps = [(epoch, step, rows) for epoch in (0, 1) for step, rows in enumerate(training.steps(epoch))]
    average = {name: one.detach().clone() for name, one in head.named_parameters()}
    for done, (epoch, step, rows) in enumerate(steps):
        view = feed.view(epoch, step)
        for group in optimizer.param_groups:
            group["lr"] = HEAD_RATE * factor(done, len(steps))
        with torch.no_grad():
            features = network(inputs.batch(rows, view))
        optimizer.zero_grad()
        task.answer.loss(head(features), inputs.answers(rows, view)).mean().backward()
        nn.utils.clip_grad_norm_(head.parameters(), _loop.LARGEST_GRADIENT)
        optimizer.step()
        decay = min(1 - 1 / max(1.0, 0.1 * len(steps)), (2 + done) / (11 + done))
        for name, one in head.named_parameters():
            average[name].lerp_(one.detach(), 1 - decay)
    assert fitted.history.candidate == "ema"
    for name, tensor in average.items():
        torch.testing.assert_close(fitted.kept[f"head.{name}"], tensor, rtol=1e-3, atol=1e-4)


class Raw(Forwarding):
    """Answers with the numbers themselves."""

    def answers(self, model, inputs, preprocess):
        with torch.no_grad():
            return model(inputs).flatten(1).numpy()


@pytest.mark.parametrize("strategy", ["frozen", "finetune", "scratch"])
def test_answers_are_made_of_what_the_whole_model_gives(home, fresh, strategy):
    which = job(home, strategy, **({"head_epochs": 0, "cuts": ()} if strategy == "scratch" else {}))
    fitted, rows = fit(which, home.bench, fresh()), home.splits.test
    model = nn.Sequential(*model_of(fitted, home.bench))
    with torch.no_grad():
        whole = model(home.bench.subject(scenery.SIDE).inputs.batch(rows)).flatten(1).numpy()
    found = outputs(fitted, home.with_task(Raw(home.bench.task).asked()), rows)
    np.testing.assert_allclose(found, whole, atol=5e-3 * np.ptp(whole))
    assert whole.std(0).max() > 0, "pictures differ"


def test_a_head_that_is_kept_from_its_own_stage_is_refitted_so(boxed, fresh):
    which = job(boxed, "finetune", validation=False, cuts=(INPUT,))
    ended = replace(which, recipe=which.recipe.ended(1))
    fitted = fit(ended, boxed.bench, fresh())
    assert len(fitted.history.train) == 1
    assert {name.split(".")[0] for name in fitted.kept} == {"head"}
    assert ended.lowest == FEATURES


def brought(home, labels):
    """A bench whose base comes with a head for these labels."""
    bench = home.bench
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        head = bench.task.answer.head(bench.base.card.width, labels, maps_of(bench.base.network()))
    carried = Brought(bench.task.answer.head_architecture, labels, head.state_dict())
    return replace(home, bench=bench.with_base(replace(bench.base, head=carried))), head.state_dict()


def test_a_head_that_came_with_the_base_is_where_transfer_starts_and_nothing_else_does(home):
    labels = home.bench.examples.categories
    known, state = brought(home, labels)
    which = job(known, "frozen")
    assert same_tensors(start(which, known.bench).head.state_dict(), state)
    assert reused(which, known.bench) == len(labels)
    for other in (replace(which, fresh=True), job(known, "scratch")):
        assert not same_tensors(start(other, known.bench).head.state_dict(), state)
        assert reused(other, known.bench) == 0


def test_where_training_makes_such_a_head_worse_it_is_kept_as_it_came(home, fresh):
    known, _ = brought(home, home.bench.examples.categories)
    first = fit(job(known, "frozen", head_epochs=8), known.bench, fresh())
    better = {name.removeprefix("head."): value for name, value in first.kept.items()}
    labels = known.bench.examples.categories
    base = replace(known.bench.base, head=Brought(known.bench.task.answer.head_architecture, labels, better))
    again = replace(known, bench=known.bench.with_base(base))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_loop, "HEAD_RATE", 1e3)
        second = fit(job(again, "frozen", head_epochs=1), again.bench, fresh())
    assert second.history.candidate == "start"
    assert all(torch.equal(second.kept[f"head.{name}"], value) for name, value in better.items())
