"""A head that came with its base starts as it came, learns carefully, and says what it knew."""

from __future__ import annotations

import pytest
import torch

import detectors
import scenery
import small_detectors
from benches import NOBODY, Ground, plan
from headstart import data
from headstart.adaptation import strategy_named, train_arm
from headstart.adaptation._fit import fit, model_of
from headstart.adaptation._start import start
from headstart.adaptation.base import HEAD_RATE, Job, Recipe
from headstart.adaptation.training import loop as _loop
from headstart.adaptation.training.rates import factor
from headstart.bases import load_base
from headstart.bases.base import INPUT
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.ranking import benches
from headstart.runtime import Runtime
from headstart.tasks import object_detection
from stories import one_rate

NAMED = {"config": {"label_names": list(detectors.NAMES), "size": scenery.SIDE}, "k": len(detectors.NAMES)}
KINDS = {
    "rt_detr": lambda folder: detectors.write(folder, "rt_detr"),
    "yolox": lambda folder: small_detectors.write_yolox(folder, **NAMED),
    "fastestdet": lambda folder: small_detectors.write_fastestdet(folder, **NAMED),
}
"""What writes a detector that knows the same five classes, by the kind."""


@pytest.fixture(scope="module", params=KINDS)
def home(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("brought")
    base = load_base(str(KINDS[request.param](folder / "base")[0]))
    passes = FrozenPass(Cache(folder / "cache"), Runtime())
    with pytest.MonkeyPatch.context() as patch:
        scenery.shrink(patch.setattr)
        task = object_detection.plugin
        splits = data.load(scenery.write_boxes(folder / "data", {"train": 8, "valid": 3, "test": 2}), task)
        (bench,) = benches(task, splits, [base], passes)
        (plain,) = benches(task, splits, [base], passes, brought=False)
    assert plain.task.answer.head_architecture == task.answer.head_architecture
    return Ground(bench, splits)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(_loop, "MIN_STEPS", 2)


def job(home, strategy, **changes):
    usual = {"epochs": 0, "head_epochs": 2, "cuts": (), "views": 1, "rate": 1e-3}
    recipe = Recipe(**{"batch": 4, "size": scenery.SIDE, **usual, **changes})
    return Job(strategy, strategy_named(strategy), 0, recipe, home.splits.train, NOBODY)


def test_it_starts_as_it_came_and_a_fresh_one_does_not(home):
    def begun(strategy, fresh=False):
        one = job(home, strategy)
        head = start(Job(**{**vars(one), "fresh": fresh}), home.bench).head
        return head, head.state_dict()

    brought = home.bench.base.head
    head, came = begun("frozen")
    assert head.labels == scenery.NAMES
    rows = {name: value for name, value in came.items() if name in head.class_rows}
    assert all(torch.equal(value, brought.state[name]) for name, value in came.items() if name not in rows)
    assert all(torch.equal(value, brought.state[name][[0, 4]]) for name, value in rows.items())
    for other in (begun("frozen", fresh=True)[1], begun("scratch")[1]):
        assert not any(torch.equal(other[name], value) for name, value in rows.items())


def test_the_arm_says_how_many_classes_it_knew(home, fresh, monkeypatch):
    for owner, name, value in one_rate():
        monkeypatch.setattr(owner, name, value)
    short = plan(home.bench, "frozen", seeds=1, epochs=1)
    said = [
        train_arm(name, "frozen" if name == "reinit" else name, home.bench, home.splits, short, fresh()).note
        for name in ("frozen", "reinit", "scratch")
    ]
    assert said == ["2 of 2 classes start from the base's own output rows", None, None]


def test_alone_it_learns_at_its_own_rate(home, fresh, monkeypatch):
    rates, step = [], _loop.Loop._step

    def spied(loop, model, optimizer, *given):
        loss = step(loop, model, optimizer, *given)
        rates.append({group["lr"] for group in optimizer.param_groups})
        return loss

    monkeypatch.setattr(_loop.Loop, "_step", spied)
    one = job(home, "frozen", head_epochs=3)
    fit(one, home.bench, fresh())
    own = getattr(start(one, home.bench).head, "rate", HEAD_RATE)
    assert [one for (one,) in rates] == pytest.approx([own * factor(done, 6) for done in range(6)])


@pytest.mark.parametrize("strategy", ["frozen", "finetune", "scratch"])
def test_every_strategy_trains_it(home, fresh, strategy):
    changes = {
        "frozen": {"head_epochs": 6},
        "finetune": {"epochs": 2, "cuts": (home.bench.base.card.stages[-1], INPUT), "live": True},
        "scratch": {"epochs": 4, "head_epochs": 0, "live": True},
    }
    fitted = fit(job(home, strategy, **changes[strategy]), home.bench, fresh())
    assert fitted.history.train[-1] < fitted.history.train[0]
    network, head = model_of(fitted, home.bench)
    start = home.bench.base.network().state_dict()
    moved = [name for name, value in network.state_dict().items() if not torch.equal(value, start[name])]
    assert bool(moved) == (strategy != "frozen")
    assert all(value.isfinite().all() for value in head.state_dict().values())
