"""What a recipe costs, in the seconds that were measured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart import registry
from headstart.adaptation._costs import Costs, Counts, Way, runs, sizes_of
from headstart.adaptation.base import Recipe
from headstart.adaptation.training.loop import Training, batches
from headstart.adaptation.training.speed import Speeds
from headstart.bases.base import INPUT

SPEEDS = Speeds(1e-3, 2e-3, {"top": 3e-3}, {"top": 4e-3}, {16: 5e-3})


def costs(train=80, batch=None, **way):
    counts = Counts(130, 100, train, 20, 20)
    return Costs(SPEEDS, counts, ("top", INPUT), 16, 0.5, Way(batch=batch, **way))


@pytest.mark.parametrize("train", [3, 7, 14, 40, 63, 64, 65, 200])
def test_an_epoch_costs_as_many_examples_as_the_loop_shows(train):
    frozen, rows = registry.get("adaptation", "frozen"), np.arange(train)
    training = Training(None, frozen, Recipe(batch=8), 0, rows, rows[:0], (), Path())
    assert costs(train, 8).epoch(train) == sum(map(len, batches(training, 0)))


def test_steps_are_paid_above_what_is_still():
    one = costs(train=640)
    shown = 640 + 0.7 * max(20, one.batch)
    cached = Recipe(epochs=2, cuts=("top",), size=16)
    assert one.steps("finetune", cached) == pytest.approx(shown * 2 * 3e-3)
    live = Recipe(epochs=2, cuts=("top",), size=16, live=True)
    assert one.steps("finetune", live) == pytest.approx(shown * 2 * (3e-3 + 4e-3 + 2e-3))
    assert one.steps("scratch", Recipe(epochs=3, size=16)) == pytest.approx(shown * 3 * 5e-3)
    assert one.steps("frozen", Recipe(size=16)) == 0


def test_a_strategy_with_steps_of_its_own_pays_for_those_alone():
    few, many = (costs(train=n).steps("contrastive", costs(train=n).own("contrastive")) for n in (40, 4_000))
    assert 0 < many < few * 10
    assert costs().own("finetune") is None


def test_views_are_paid_once_and_a_race_only_where_rates_differ():
    one = costs()
    assert one.views(Recipe(views=4)) == pytest.approx(4 * 100 * 3e-3)
    assert runs("finetune", 6) == runs("frozen", 6) + 1 == 8
    assert one.arm("frozen", Recipe(), 6) == pytest.approx(7 * 0.5)


def test_what_is_always_there_has_no_pass_without_reinitialised_networks():
    with_reinit, without = costs(), costs(references=("scratch",))
    assert with_reinit.untrained(2) - without.untrained(2) == pytest.approx(2 * (130e-3 + 0.5))


def test_each_reinitialised_network_needs_an_engine_of_its_own():
    quick = costs()
    slow = replace(quick, speeds=replace(SPEEDS, engine=3.0))
    assert slow.untrained(2) - quick.untrained(2) == pytest.approx(2 * 3.0)
    assert slow.views(Recipe(views=4)) == quick.views(Recipe(views=4)), "the base's own is there"


@pytest.mark.parametrize(("least", "sizes"), [(1, 1), (2, 1), (4, 2), (16, 4), (1_000, 5)])
def test_the_learning_curve_halves_until_a_class_has_two(least, sizes):
    assert sizes_of(least) == sizes
