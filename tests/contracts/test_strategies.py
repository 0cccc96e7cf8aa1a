"""Every strategy is asked the same questions: found by its file name, with no list to keep."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

import headstart.adaptation
from benches import Ground, Killed, Mortal, asking, ground, needs_layers, plan, same, same_tensors
from headstart import registry
from headstart.adaptation import _pairs, _start, train_arm
from headstart.adaptation import _plan as planning
from headstart.adaptation._costs import Counts
from headstart.adaptation._fit import fit, model_of, outputs
from headstart.adaptation._start import start
from headstart.adaptation.base import Recipe, Stage
from headstart.adaptation.training import loop as _loop
from headstart.adaptation.training import speed
from headstart.adaptation.training.optimizer import AdamW
from headstart.adaptation.training.speed import Speeds
from headstart.bases.base import INPUT
from headstart.bases.networks.adapters import Adapted, linear_layers
from headstart.bases.networks.refined import JOINED
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.cli import main
from headstart.runtime import Clock, Runtime
from headstart.tasks.solvers import linear


@dataclass(frozen=True)
class Asked:
    """What a question is asked with."""

    home: Ground
    folder: Callable[[], Path]
    """A new empty folder."""
    patch: pytest.MonkeyPatch


def trains(name: str) -> bool:
    return bool(registry.get("adaptation", name).stages(("top", "lower", INPUT), 3))


def declares_itself(name: str, asked: Asked) -> None:
    strategy = registry.get("adaptation", name)
    assert len(strategy.summary.splitlines()) == 1
    flags = (strategy.inherits, strategy.solved_head, strategy.still_statistics)
    others = (strategy.proves, strategy.needs_classes)
    assert {type(flag) for flag in (*flags, *others)} == {bool}
    assert {type(one) for one in strategy.modalities} <= {str}
    own = strategy.own(Recipe(), INPUT)
    assert (own is None) == (strategy.shown(10) is None), "who has a recipe of its own knows what it runs"
    knowing = asked.home.bench.base
    assert not (strategy.classes(knowing) and strategy.solved_head), "a solved head has its rows"
    assert bool(strategy.rates) == trains(name), "rates are raced where something is trained by steps"
    assert all(rate > 0 for rate in strategy.rates)


def schedules_its_epochs_from_the_top_down(name: str, asked: Asked) -> None:
    strategy, every = registry.get("adaptation", name), (JOINED, "top", "lower", "lowest", INPUT)
    for cuts in (every[1:], every[1:2], every[1:3], every[2:]):
        for epochs in (1, 2, 3, 7, 30):
            stages = strategy.stages(cuts, epochs)
            opened = [every.index(stage.boundary) for stage in stages]
            assert opened == sorted(set(opened))
            may = {JOINED} if strategy.top == JOINED else {*cuts, INPUT}
            assert {every[number] for number in opened} <= may
            assert all(stage.epochs > 0 for stage in stages)
            assert sum(stage.epochs for stage in stages) == (epochs if stages else 0)


def moves_layers_below_no_faster(name: str, asked: Asked) -> None:
    rates = [registry.get("adaptation", name).rate(depth / 10) for depth in range(11)]
    assert rates == sorted(rates)
    assert rates[0] >= 0
    assert rates[-1] == (1.0 if trains(name) else rates[-1])


def saves_and_loads(name: str, asked: Asked) -> None:
    home, folder = asked.home, asked.folder()
    job = home.job(name)
    first = fit(job, home.bench, folder)
    assert [file.name for file in folder.iterdir()] == [f"{job.name}.safetensors"]
    with asked.patch.context() as patch:
        patch.setattr(_loop.Loop, "run", None)
        patch.setattr(linear, "solve", None)
        second = fit(job, home.bench, folder)
        assert same(first, second)
        rows = home.splits.test
        read = outputs(second, home.bench, rows)
        backbone, head = model_of(second, home.bench)
    np.testing.assert_array_equal(read, outputs(first, home.bench, rows))
    with torch.no_grad():
        whole = head(backbone(home.bench.subject(job.recipe.size).inputs.batch(rows))).numpy()
    np.testing.assert_allclose(read, whole, atol=1e-2 * np.ptp(whole) + 1e-5)


def repeats_with_the_same_seed(name: str, asked: Asked) -> None:
    """Bit for bit, and from an empty cache too."""
    home, job = asked.home, asked.home.job(name)
    first = fit(job, home.bench, asked.folder())
    assert same(first, fit(job, home.bench, asked.folder()))
    bench = home.with_runtime(home.bench.runtime)
    bench.cache = Cache(asked.folder())
    assert same(first, fit(job, bench, asked.folder()))


def differs_with_another_seed(name: str, asked: Asked) -> None:
    home = asked.home
    kept = [fit(home.full_length(name, seed=seed), home.bench, asked.folder()).kept for seed in (0, 1)]
    assert same_tensors(*kept) == (not trains(name))


def moves_what_it_opens_and_nothing_else(name: str, asked: Asked) -> None:
    home, strategy = asked.home, registry.get("adaptation", name)
    job = home.full_length(name, rate=1e-2)
    begin = start(job, home.bench)
    before = plain(begin.network)
    beginning = whole_state(before, begin.head)
    trained, run = [], _loop.Loop.run
    with asked.patch.context() as patch:
        patch.setattr(_loop.Loop, "run", lambda loop: (trained.append(loop.whole), run(loop))[1])
        fitted = fit(job, home.bench, asked.folder())
    end = whole_state(*model_of(fitted, home.bench))
    for whole in trained:
        moved = whole_state(plain(whole["backbone"]), whole["head"])
        assert same_tensors({key: end[key] for key in moved}, moved), "what moved is not what was kept"
    opened = above(before, job.lowest) if trains(name) else set()
    if isinstance(begin.network, Adapted):
        opened = {f"{layer}.weight" for layer in linear_layers(before)}
    statistics = {buffer for buffer, _ in before.named_buffers()}
    assert beginning.keys() == end.keys()
    for key in beginning:
        bare = key.removeprefix("backbone.")
        if key.startswith("head."):
            should = trains(name)
        elif bare in statistics:
            should = bare in opened and not strategy.still_statistics
        else:
            should = bare in opened
        assert torch.equal(beginning[key], end[key]) != should, f"{key} {'stayed' if should else 'moved'}"


def plain(network: torch.nn.Module) -> torch.nn.Module:
    return network.merged() if isinstance(network, Adapted) else network


def whole_state(backbone: torch.nn.Module, head: torch.nn.Module) -> dict[str, torch.Tensor]:
    whole = torch.nn.ModuleDict({"backbone": backbone, "head": head})
    return {name: tensor.clone() for name, tensor in whole.state_dict().items()}


def above(network: torch.nn.Module, boundary: str) -> set[str]:
    """Names of the state above a boundary of the tiny ResNet, which runs in the order of its definition."""
    parts = [name for name, _ in network.named_children()]
    if boundary == INPUT:
        return set(network.state_dict())
    if boundary == JOINED:
        return {key for key in network.state_dict() if key.startswith("encoder.")}
    end = parts.index(boundary)  # the planned boundaries are whole parts
    return {key for key in network.state_dict() if parts.index(key.split(".")[0]) > end}


def survives_kills_bit_for_bit(name: str, asked: Asked) -> None:
    """Killed every seven losses, over all stages, until it comes to its end."""
    home = asked.home
    stages = home.bench.base.card.stages
    cuts = ("layer2", "layer1", INPUT) if "layer2" in stages else (INPUT,)
    job = home.job(name, rate=1e-2, cuts=cuts)
    with asked.patch.context() as patch:
        patch.setattr(_loop, "SAVE_SECONDS", 0.0)
        whole = fit(job, home.bench, asked.folder())
        folder, kills = asked.folder(), 0
        while True:
            try:
                fitted = fit(job, mortal(asked, 7), folder)
                break
            except Killed:
                kills += 1
                assert kills < 30, "it never gets on"
    assert (kills > 0) == trains(name)
    assert same(fitted, whole), f"killed {kills} times"


PAIRS_LOSS = _pairs.Pairs.loss


def mortal(asked: Asked, calls: int) -> Bench:
    """A bench whose task, and whose comparison of pairs, lives for so many losses."""
    task = Mortal(calls)
    asked.patch.setattr(_pairs.Pairs, "loss", lambda *given: (task.live(), PAIRS_LOSS(*given))[1])
    return asked.home.with_task(asking(task))


def sees_no_test_label(name: str, asked: Asked) -> None:
    home, other = asked.home, asked.home.scrambled()
    short = plan(home.bench, name, seeds=1, epochs=1)
    arms = [train_arm(name, name, one.bench, one.splits, short, asked.folder()) for one in (home, other)]
    for first, second in zip(*(arm.fitted for arm in arms), strict=True):
        assert same(first, second)
        assert first.job.recipe == second.job.recipe
    for first, second in zip(*(arm.validation for arm in arms), strict=True):
        np.testing.assert_array_equal(first, second)
    refits = [
        headstart.adaptation.refit(arm, one.bench, asked.folder())
        for arm, one in zip(arms, (home, other), strict=True)
    ]
    assert same(*refits)


def works_on_three_examples_of_a_class(name: str, asked: Asked) -> None:
    folder = asked.folder()
    few = ground(asked.home.bench.base, folder / "photos", asked.home.bench.passes.cache, per_class=3)
    fitted = fit(few.job(name), few.bench, asked.folder())
    assert np.isfinite(outputs(fitted, few.bench, few.splits.test)).all()
    assert np.bincount(few.bench.examples.answers).tolist() == [3, 3, 3]
    again = fit(few.full_length(name, train=few.bench.pool), few.bench, asked.folder())
    assert all(tensor.isfinite().all() for tensor in again.kept.values())


def is_planned_so_that_it_trains(name: str, asked: Asked) -> None:
    """With time enough, the plan has a recipe with which the strategy does something."""
    bench = asked.home.with_runtime(Runtime(clock=Clock(60.0)))
    every = dict.fromkeys((*bench.base.card.stages, JOINED), 1e-5)
    fast = Speeds(1e-5, 1e-5, every, every, {32: 1e-5})
    with asked.patch.context() as patch:
        patch.setattr(speed, "measure", lambda *_: fast)
        transfer = [] if name == planning.SCRATCH else [name]  # the reference is always planned
        made = planning.make(bench, Counts(18, 15, 12, 3, 4), transfer, 0)
    recipe = made.recipes[name]
    stages = registry.get("adaptation", name).stages(recipe.cuts, recipe.epochs)
    assert bool(stages) == trains(name)
    assert made.notes == ()


QUESTIONS = (
    declares_itself,
    schedules_its_epochs_from_the_top_down,
    moves_layers_below_no_faster,
    saves_and_loads,
    repeats_with_the_same_seed,
    differs_with_another_seed,
    moves_what_it_opens_and_nothing_else,
    survives_kills_bit_for_bit,
    sees_no_test_label,
    works_on_three_examples_of_a_class,
    is_planned_so_that_it_trains,
)


@pytest.fixture
def asked(home, fresh, monkeypatch) -> Asked:
    monkeypatch.setattr(_loop, "MIN_STEPS", 2)
    return Asked(home, fresh, monkeypatch)


def fitting(name: str, asked: Asked, layers: Ground) -> Asked:
    """With a base that the strategy can be used on."""
    return replace(asked, home=layers) if needs_layers(name, asked.home.bench.base) else asked


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
@pytest.mark.parametrize("name", registry.names("adaptation"))
def test_every_strategy(name, question, asked, home_of_layers):
    question(name, fitting(name, asked, home_of_layers))


def test_the_usual_strategies_are_found():
    assert {"frozen", "finetune", "warm_init", "scratch"} <= set(registry.names("adaptation"))


TOY = '''"""The whole of a new strategy: only the part above the top boundary is trained, in one stage."""

from headstart.adaptation.base import Stage, Strategy


class Toy(Strategy):
    def stages(self, cuts, epochs):
        return [Stage(cuts[0], epochs)] if cuts else []

    def rate(self, depth):
        return depth


plugin = Toy("toy: the top part alone", rates=(1e-3, 1e-2), needs_classes=True)
'''


@pytest.fixture
def toy(tmp_path) -> Iterator[str]:
    """A strategy that is one new file; the package is as before afterwards."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "toy.py").write_text(TOY)
    headstart.adaptation.__path__.append(str(tmp_path / "plugins"))
    try:
        yield "toy"
    finally:
        headstart.adaptation.__path__.remove(str(tmp_path / "plugins"))
        sys.modules.pop("headstart.adaptation.toy", None)
        vars(headstart.adaptation).pop("toy", None)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_a_strategy_in_one_new_file_is_asked_too(toy, question, asked):
    question(toy, asked)


def test_a_strategy_in_one_new_file_is_listed(toy, capsys):
    assert toy in registry.names("adaptation")
    with pytest.raises(SystemExit) as left:
        main(["list"])
    assert left.value.code == 0
    assert "toy: the top part alone" in capsys.readouterr().out


def test_it_is_gone_again():
    assert "toy" not in registry.names("adaptation")


@pytest.mark.parametrize(
    ("attribute", "value", "question"),
    [
        ("rates", (), declares_itself),
        ("stages", lambda cuts, epochs: [Stage(cuts[0], epochs + 1)], schedules_its_epochs_from_the_top_down),
        ("rate", lambda depth: 2 - depth, moves_layers_below_no_faster),
        ("rate", lambda depth: depth * (depth < 1), moves_what_it_opens_and_nothing_else),
        ("rate", lambda depth: random.random(), repeats_with_the_same_seed),
    ],
)
def test_a_strategy_that_breaks_a_promise_is_caught(toy, asked, attribute, value, question):
    broken = copy(registry.get("adaptation", toy))
    vars(broken)[attribute] = value
    asked.patch.setattr(sys.modules["headstart.adaptation.toy"], "plugin", broken)
    with pytest.raises(AssertionError):
        question(toy, asked)


@pytest.mark.parametrize(
    ("where", "name", "fault", "question"),
    [
        (AdamW, "step", lambda *_, **__: None, moves_what_it_opens_and_nothing_else),
        (_loop, "keep_statistics", lambda _: None, moves_what_it_opens_and_nothing_else),
        (_loop.checkpoints, "restore_optimizer", lambda *_: None, survives_kills_bit_for_bit),
        (_start, "derive", lambda *_: random.getrandbits(40), repeats_with_the_same_seed),
        (_loop, "derive", lambda *_: 0, differs_with_another_seed),
    ],
)
def test_a_fault_of_the_machinery_is_caught(asked, where, name, fault, question):
    asked.patch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        question("scratch" if question is repeats_with_the_same_seed else "finetune", asked)
