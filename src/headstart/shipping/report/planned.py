"""A plan in words: what a run decided before it started, without the names and zeros that programs need.

What is known is worded; whatever else a plan holds (of a later Headstart) is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import words

WORDED = (
    *("minutes", "threads", "processes", "seed", "seeds", "first", "curve_seeds", "reinit", "half"),
    *("engines", "unit", "notes", "recipes", "seconds", "shipping"),
)
"""Keys that the sentences and the table are made of; notes stand among the notes of the run."""


@dataclass(frozen=True)
class Planned:
    """A plan as people read it."""

    sentences: list[str]
    arms: list[dict[str, str]]
    """By column, in the order of the plan."""
    others: dict[str, object]
    """What there are no words for."""


def planned(plan: Mapping[str, object]) -> Planned:
    """The words of a plan."""
    recipes = plan.get("recipes")
    if not isinstance(recipes, Mapping):
        return Planned([], [], dict(plan))
    seconds, unit = plan.get("seconds"), plan.get("unit")
    expected = seconds if isinstance(seconds, Mapping) else {}
    arms = [
        _arm(str(name), recipe, str(unit or ""), expected.get(name))
        for name, recipe in recipes.items()
        if isinstance(recipe, Mapping)
    ]
    others = {key: value for key, value in plan.items() if key not in WORDED}
    return Planned(_sentences(plan), arms, others)


def _sentences(plan: Mapping[str, object]) -> list[str]:
    minutes, seed, first = (words.plain(plan.get(name)) for name in ("minutes", "seed", "first"))
    told = [
        f"At most {minutes} minutes on {words.several(plan.get('threads'), 'thread')}.",
        f"At most {words.several(plan.get('seeds'), 'paired seed')} of every arm, counted from {seed}; "
        f"the first look at the test split after {first}.",
    ]
    if (words.number(plan.get("processes")) or 1) > 1:
        told.append(f"{words.plain(plan['processes'])} seeds of an arm are trained side by side.")
    if plan.get("shipping"):
        told.append(f"{words.duration(plan['shipping'])} are kept for the bundle and this report.")
    if plan.get("curve_seeds"):
        seeds = words.several(plan["curve_seeds"], "seed")
        told.append(f"For the learning curve {seeds} also train from scratch on parts of the labels.")
    if plan.get("reinit"):
        told.append(f"The arm reinit trains as {plan['reinit']} does, on re-initialised weights.")
    if plan.get("half"):
        told.append("Networks are trained in half precision (bfloat16) where that is exact enough.")
    engines = plan.get("engines")
    if isinstance(engines, Mapping) and engines:
        told.append(f"Frozen networks run on {', '.join(sorted({str(one) for one in engines.values()}))}.")
    return told


def _arm(name: str, recipe: Mapping[str, object], unit: str, seconds: object) -> dict[str, str]:
    """One arm as its cells; what is solved at once has no epochs, and so no rate and no views."""
    epochs = sum(int(words.number(recipe.get(key)) or 0) for key in ("head_epochs", "epochs"))
    size = f"{words.plain(recipe['size'])} {unit}".strip() if recipe.get("size") else words.DASH
    cells = {"Arm": name, "Input": size, "Expected time": words.duration(seconds)}
    if not epochs:
        return {
            **cells,
            "Epochs": "solved at once",
            "Batch": "",
            "Learning rate": "",
            "Views": "",
            "Opened": "",
        }
    return {
        **cells,
        "Epochs": words.plain(epochs),
        "Batch": words.plain(recipe.get("batch")),
        "Learning rate": words.plain(recipe["rate"]) if recipe.get("rate") else "the best of a short race",
        "Views": f"{words.plain(recipe['views'])} of each, kept"
        if recipe.get("views")
        else "new at each step",
        "Opened": _opened(recipe.get("cuts")),
    }


def _opened(cuts: object) -> str:
    """Boundaries in the order in which they are opened."""
    return ", ".join(map(str, cuts)) if isinstance(cuts, list | tuple) and cuts else "the whole network"
