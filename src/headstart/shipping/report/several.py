"""The report of several targets on one backbone: a verdict for each, in one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from ...plain import read
from ...records import Shared, Target
from . import plots, words

WORDS = {"helps": "helps", "hurts": "hurts", "undecided": "is undecided"}


def render(result: Mapping[str, object]) -> str:
    """The page of one `result.json` of several targets; any text in it can be written as UTF-8."""
    shared = read(Shared, result)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {form.__name__: form for form in (words.percent, words.points, words.plain)}
    source = files(__package__).joinpath("several.html.j2").read_text("utf-8")
    rows = [{**vars(one), "says": sentence(one), "figure": _figure(one)} for one in shared.targets]
    page = environment.from_string(source).render(result=shared, targets=rows)
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def sentence(target: Target) -> str:
    """What a target gained or lost by sharing the backbone."""
    verdict = target.verdict
    return (
        f"{target.name}: sharing {WORDS[verdict.call]}, {words.points(verdict.delta)} points "
        f"({words.span(verdict.interval, words.points)}, "
        f"{words.several(verdict.seeds, 'seed')}) "
        f"over training alone; shipped: {target.chosen}"
    )


def _figure(target: Target) -> Markup:
    verdict = target.verdict
    return plots.difference(
        verdict.delta, *verdict.interval, f"Difference {words.points(verdict.delta)} points"
    )
