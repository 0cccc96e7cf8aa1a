"""The report of several targets on one backbone: a verdict for each, in one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from . import plots, words

WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "is undecided"}


def render(result: Mapping[str, Any]) -> str:
    """The page of one `result.json` of several targets; any text in it can be written as UTF-8."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {form.__name__: form for form in (words.percent, words.points, words.plain)}
    source = files(__package__).joinpath("several.html.j2").read_text("utf-8")
    rows = [{**row, "says": sentence(row), "figure": _figure(row["verdict"])} for row in result["targets"]]
    page = environment.from_string(source).render(result=result, targets=rows)
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def sentence(row: Mapping[str, Any]) -> str:
    """What a target gained or lost by sharing the backbone."""
    verdict = row["verdict"]
    low, high = verdict["interval"]
    return (
        f"{row['name']}: sharing {WORDS[verdict['call']]}, {words.points(verdict['delta'])} points "
        f"({words.points(low)} to {words.points(high)}, p = {verdict['p']:.3f}, "
        f"{words.several(verdict['seeds'], 'seed')}) "
        f"over training alone; shipped: {row['chosen']}"
    )


def _figure(verdict: Mapping[str, Any]) -> Markup:
    low, high = verdict["interval"]
    alt = f"Difference {words.points(verdict['delta'])} points"
    return plots.difference(verdict["delta"], low, high, alt)
