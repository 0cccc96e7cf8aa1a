"""A plan in words: no zeros, no hashes, no names of settings; and nothing of it is lost."""

from __future__ import annotations

from dataclasses import asdict

from headstart.adaptation import Plan, Recipe
from headstart.shipping.report.planned import WORDED, planned

RECIPES = {
    "frozen": Recipe(size=32),
    "finetune": Recipe(epochs=4, head_epochs=2, size=32, views=3, cuts=("layer3", "input")),
    "scratch": Recipe(epochs=9, size=32, rate=0.003),
}


def plan(**changed) -> dict[str, object]:
    made = Plan(
        10.0, 2, 7, 6, RECIPES, "finetune", {"finetune": 90.0}, curve_seeds=2, engines={"f1f2": "pytorch"}
    )
    return asdict(made) | changed


def test_the_sentences_are_words():
    assert planned(plan(half=True, processes=2)).sentences == [
        "At most 10 minutes on 2 threads.",
        "At most 6 paired seeds of every arm, counted from 7; the first look at the test split after 2.",
        "2 seeds of an arm are trained side by side.",
        "8.0\N{NO-BREAK SPACE}s are kept for the bundle and this report.",
        "For the learning curve 2 seeds also train from scratch on parts of the labels.",
        "The arm reinit trains as finetune does, on re-initialised weights.",
        "Networks are trained in half precision (bfloat16) where that is exact enough.",
        "Frozen networks run on pytorch.",
    ]


def test_each_arm_is_a_row_without_zeros():
    frozen, finetune, scratch = planned(plan()).arms
    assert (frozen["Epochs"], frozen["Learning rate"]) == ("solved at once", "")
    assert (finetune["Epochs"], finetune["Learning rate"]) == ("6", "the best of a short race")
    assert (finetune["Views"], finetune["Opened"]) == ("3 of each, kept", "layer3, input")
    assert finetune["Expected time"] == "1 min 30 s"
    assert (scratch["Learning rate"], scratch["Views"]) == ("0.003", "new at each step")
    assert [list(row) == list(frozen) for row in (finetune, scratch)] == [True, True]


def test_every_key_of_a_plan_has_words():
    assert set(plan()) <= set(WORDED)


def test_what_has_no_words_is_passed_on():
    assert planned(plan(later="x")).others == {"later": "x"}
    odd = {"minutes": 6, "recipes": None}
    assert planned(odd).others == odd
