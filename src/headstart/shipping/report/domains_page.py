"""The report of a run across domains, one self-contained page, and the card of its bundle."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment

from ... import registry
from ...across import Across, Sides
from ...adaptation.domains import FOLDER
from . import plots, words


def render(outcome: Across, sides: Sides) -> str:
    """The page of one run; any text in it can be written as UTF-8."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    forms = (words.percent, words.points, words.plain, words.span, words.shortened, words.several)
    environment.filters |= {form.__name__: form for form in forms}
    source = files(__package__).joinpath("domains.html.j2").read_text("utf-8")
    told = {arm.name: registry.summary(registry.get(FOLDER, arm.name)) for arm in outcome.arms}
    adapted, verdict = outcome.verdict.adapted, outcome.verdict
    shares = {arm.name: arm.shares for arm in outcome.arms if arm.name in ("source_only", adapted)}
    figure = None
    if verdict.delta is not None and verdict.interval is not None:
        alt = f"Difference {words.points(verdict.delta)} points"
        figure = plots.difference(verdict.delta, *verdict.interval, alt)
    page = environment.from_string(source).render(
        result=outcome,
        sides=sides,
        told=told,
        shares=shares,
        figure=figure,
        map=plots.two_domains(sides.source_map, sides.target_map, _alt(sides)),
    )
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def card(outcome: Across) -> str:
    """The README.md of the bundle: what it is, and what is not known of it."""
    verdict = outcome.verdict
    lines = [
        "---",
        "library_name: headstart",
        "tags: [headstart, domain-adaptation]",
        "---",
        "",
        f"# {outcome.chosen} on {outcome.base}",
        "",
        f"{registry.summary(registry.get(FOLDER, outcome.chosen)).capitalize()}.",
        "",
        f"Trained on {outcome.data.train + outcome.data.validation} labelled examples of a source, for a "
        f"target of which {outcome.target} examples without labels were seen.",
        "",
        f"It ships because {outcome.why}.",
        "",
        f"Verdict: {verdict.sentence}.",
        "",
        f"Declared of the shares of classes in the target: `{outcome.guard.proportions}`.",
    ]
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _alt(sides: Sides) -> str:
    return f"Map of {len(sides.source_map)} examples of the source and {len(sides.target_map)} of the target"
