"""What a recipe does when, with a head that comes first and without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart import registry
from headstart.adaptation.base import History, Recipe, Stage
from headstart.bases.base import FEATURES, INPUT

FINETUNE, FROZEN, SCRATCH = (registry.get("adaptation", name) for name in ("finetune", "frozen", "scratch"))
WHOLE = Recipe(epochs=6, head_epochs=4, cuts=("top", INPUT), rate=0.1, size=32)


def test_the_head_comes_before_what_the_strategy_opens():
    assert WHOLE.stages(FINETUNE) == [Stage(FEATURES, 4), Stage("top", 2), Stage(INPUT, 4)]
    assert replace(WHOLE, epochs=0).stages(FROZEN) == [Stage(FEATURES, 4)]
    assert replace(WHOLE, head_epochs=0).stages(FINETUNE) == [Stage("top", 2), Stage(INPUT, 4)]
    assert replace(WHOLE, head_epochs=0).stages(SCRATCH) == [Stage(INPUT, 6)]


@pytest.mark.parametrize("epochs", range(1, 11))
def test_a_recipe_that_ends_early_has_so_many_epochs_from_the_start(epochs):
    ended = WHOLE.ended(epochs)
    stages = ended.stages(FINETUNE)
    assert sum(stage.epochs for stage in stages) == epochs
    assert stages[0] == Stage(FEATURES, min(epochs, 4))
    assert len(stages) == 1 if epochs <= 4 else stages[1].boundary == "top"
    assert (ended.rate, ended.size, ended.keep) == (WHOLE.rate, WHOLE.size, WHOLE.keep)


def test_without_a_head_of_its_own_the_epochs_are_the_strategys():
    plain = replace(WHOLE, head_epochs=0)
    assert plain.ended(6) == plain
    assert plain.ended(2) == replace(plain, epochs=2)
    assert WHOLE.ended(10) == WHOLE


def test_a_history_comes_back_from_json():
    plain = {"train": [0.5, 0.4], "validation": [0.6, 0.5], "watched": [{"x": 1.0}], "kept": 1, "steps": 8}
    found = History.from_json(plain)
    assert (found.train, found.validation, found.watched) == ((0.5, 0.4), (0.6, 0.5), ({"x": 1.0},))
    assert (found.kept, found.steps, found.diverged) == (1, 8, False)


@pytest.mark.parametrize(
    ("kept", "epochs", "still"),
    [(None, 5, False), (4, 5, True), (3, 5, False), (17, 20, True), (16, 20, False)],
)
def test_it_was_still_improving_where_one_of_the_last_epochs_is_kept(kept, epochs, still):
    assert History(train=(1.0,) * epochs, kept=kept).still_improving is still
