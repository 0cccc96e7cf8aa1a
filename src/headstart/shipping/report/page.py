"""The report: one self-contained HTML page of a run, verdict first.

The template holds the text and the looks; this file works out what it shows. What a task has no evidence of
leaves its section out: every task writes the same page.

Notation: k classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import ChainableUndefined, Environment, FunctionLoader
from markupsafe import Markup

from ... import registry, tasks
from ...records import Arm, Curved, Labels, OfKind, Outcome, Raced, Range, Round, Verdict
from . import plots, words
from .about import About
from .classes import of_classes
from .evidence import Confusion, Curve, Evidence, Lengths, Pair, Popularity, Reliability, Shown
from .glimpse import glimpse
from .next import steps
from .plainly import plainly
from .planned import planned
from .scripts import script
from .words import Form, number, several

SHOWN_CLASSES = 12
"""Classes with samples; a hundred rows of them help nobody."""
WRITTEN_CLASSES = 20
"""Up to here the confusion matrix is a table with counts, above it a picture."""
SHOWN_WRONG = 24
UNKNOWN = About()


def render(outcome: Outcome, evidence: Evidence, about: About = UNKNOWN) -> str:
    """The page of one run.

    Args:
        outcome: what it found.
        evidence: single examples.
        about: what its folder tells beside that.

    Returns:
        HTML that asks for nothing outside itself and runs one small script of its own. Any text in it can be
        written as UTF-8.
    """
    view = _view(outcome, evidence) | _first(outcome, evidence, about)
    page = (
        environment(outcome.task).get_template("report.html.j2").render(result=outcome, look=look(), **view)
    )
    # A file name that is no UTF-8 reaches us as lone surrogates.
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def part(name: str) -> str:
    """A file of this folder that pages are made of."""
    return files(__package__).joinpath(name).read_text("utf-8")


def look() -> Markup:
    """The style that all pages have."""
    return Markup(part("look.css"))


@cache
def environment(task: str) -> Environment:
    """Escapes everything; a missing part of a missing part is empty, not an error. Templates compile once."""
    environment = Environment(
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(part),
    )
    forms = (
        words.percent,
        words.points,
        words.plain,
        words.span,
        words.duration,
        words.amount,
    )
    environment.filters |= {
        form.__name__: form
        for form in (*forms, several, words.shortened, words.title, words.capital, words.ways)
    }
    environment.filters["called"] = tasks.titles_of(task).of
    environment.filters["picture"] = _is_picture
    environment.filters["sound"] = _is_sound
    environment.globals |= {
        "measure": words.measure,
        "preliminary": words.PRELIMINARY,
        "judgements": words.JUDGEMENTS,
        "plain": words.plain,
    }
    return environment


def _first(outcome: Outcome, evidence: Evidence, about: About) -> dict[str, object]:
    """What stands at the top of the page."""
    metric, unseen = tasks.titles_of(outcome.task).of(outcome.metric.name), tasks.unseen_of(outcome.task)
    return {
        "about": about,
        "glimpse": glimpse(evidence),
        "script": script("report.js"),
        "plainly": plainly(outcome, evidence.confusion, metric, unseen),
        "steps": steps(outcome, evidence, about),
    }


def _view(outcome: Outcome, evidence: Evidence) -> dict[str, object]:
    """What the template needs beside the outcome itself."""
    verdict, chosen, ends = outcome.verdict, outcome.chosen, outcome.metric.range
    return {
        "sentence": words.sentence(outcome, tasks.titles_of(outcome.task).of(outcome.metric.name)),
        "difference": verdict and _difference(verdict, ends),
        "ended": verdict and words.ended(verdict),
        "form": words.value_form(ends),
        "tested": words.tested(outcome.metric),
        "delta": words.gain_form(ends)(verdict and verdict.delta),
        "unit": _unit(verdict, ends),
        "which_weights": chosen.weights and words.weights(chosen.weights),
        "arms": _arms(outcome),
        "curves": [_curve(arm, runs) for arm, runs in (evidence.curves or {}).items() if runs],
        "confusion": evidence.confusion and _confusion(evidence.confusion),
        "per_class": of_classes(evidence.confusion) if evidence.confusion else [],
        "plan": planned(outcome.plan),
        "explained": _explained(outcome.arms),
        "words": [row for row in evidence.words or () if row.words],
        "lengths": evidence.lengths and _lengths(evidence.lengths),
        "answers": (evidence.answers or ())[:SHOWN_WRONG],
        "scatter": _scatter(evidence.values or ()),
        "misheard": evidence.misheard or (),
        "popularity": evidence.popularity and _popularity(evidence.popularity),
        "signatures": evidence.signatures or {},
        "samples": _samples(evidence.samples or {}),
        "classes": len(evidence.samples or {}),
        "wrong": (evidence.wrong or ())[:SHOWN_WRONG],
        "doubts": evidence.doubts if evidence.doubts and evidence.doubts.items else None,
        "reliability": evidence.reliability and _reliability(evidence.reliability),
        "learning": _learning(outcome.labels, ends),
        "kinds": [_of_kind(row, ends) for row in outcome.kinds],
        "ranking": [_ranked(row, words.value_form(ends)) for row in outcome.ranking],
    }


def _unit(verdict: Verdict | None, ends: Range | None) -> str:
    """What stands between a difference and its metric."""
    if words.is_share(ends):
        return "points of"
    return "worse in" if verdict and verdict.delta < 0 else "better in"


def _of_kind(row: OfKind, ends: Range | None) -> dict[str, object]:
    """One arm on one kind of examples, as its cells."""
    form, gain = words.value_form(ends), words.gain_form(ends)
    return {
        **vars(row),
        "value": form(row.value),
        "against": form(row.against),
        "delta": gain(row.delta),
        "interval": words.span(row.interval, gain),
    }


def _scatter(values: Sequence[Pair]) -> Markup | None:
    """Values that were given beside the right ones."""
    known = [(pair.right, pair.given) for pair in values if pair.right is not None and pair.given is not None]
    alt = f"Predicted against right values of {len(known)} test examples"
    return plots.scatter(known, alt) if known else None


def _popularity(popularity: Popularity) -> dict[str, object] | None:
    """The curves, and how many items are half of each."""
    rows = [row for row in popularity.rows if len(row.shares) == len(popularity.items) > 1]
    if not rows:
        return None
    half = {row.of: row.half for row in rows}
    told = "; ".join(f"{row.of}: half is of {words.plain(row.half)}" for row in rows)
    alt = f"Share of the most popular items among {words.plain(popularity.items[-1])}: {told}"
    shares = {row.of: row.shares for row in rows}
    return {"figure": plots.popularity(popularity.items, shares, alt), "half": half}


def _is_picture(address: object) -> bool:
    """Only data URIs are shown: an address would be an external request."""
    return isinstance(address, str) and address.startswith("data:image/")


def _is_sound(address: object) -> bool:
    return isinstance(address, str) and address.startswith("data:audio/")


def _difference(verdict: Verdict, ends: Range | None) -> Markup:
    form, share = words.gain_form(ends), words.is_share(ends)
    alt = (
        f"Difference {form(verdict.delta)}{' points' * share}, interval {words.span(verdict.interval, form)}"
    )
    return plots.difference(verdict.delta, *verdict.interval, alt, share)


def _arms(outcome: Outcome) -> dict[str, object]:
    """The arms, best first, with their figure."""
    metric = outcome.metric
    rows = sorted(outcome.arms, key=lambda arm: -arm.value if metric.higher_is_better else arm.value)
    if not rows:
        return {"rows": rows, "figure": None}
    alt = "; ".join(f"{arm.name} {words.value_form(metric.range)(arm.value)}" for arm in rows)
    share = words.is_share(metric.range)
    return {"rows": rows, "figure": plots.arms(rows, outcome.chosen.arm, alt, share, number(metric.value))}


def _curve(arm: str, runs: Sequence[Curve]) -> dict[str, object]:
    """The curves of one arm and what they say about overfitting."""
    clean = [_clean(run) for run in runs]
    kept = [run for run in clean if run.kept is not None]
    says = _kept_text(kept) if kept else "Which epoch was kept is not recorded."
    alt = f"Training and validation loss of {arm} by epoch, {several(len(runs), 'seed')}. {says}"
    return {"arm": arm, "seeds": len(runs), "says": says, "figure": plots.curves(clean, alt)}


def _explained(arms: Sequence[Arm]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the arms of this run mean: those without pre-trained weights, and those with them."""
    names = [arm.name for arm in arms]
    others = [name for name in names if name not in words.REFERENCES]
    references = [(name, words.REFERENCES[name]) for name in names if name in words.REFERENCES]
    found = {
        "Without pre-trained weights": [*_summaries("tasks.baselines", others), *references],
        "With them": _summaries("adaptation", others),
    }
    return [(kind, rows) for kind, rows in found.items() if rows]


def _summaries(folder: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """What those of the names say of themselves that are plug-ins of a folder."""
    known = set(registry.names(folder))
    return [(name, registry.summary(registry.get(folder, name))) for name in names if name in known]


def _lengths(lengths: Lengths) -> dict[str, object] | None:
    """The histogram of lengths and what is cut."""
    counts, edges = lengths.counts, lengths.edges
    if not counts or len(edges) != len(counts) + 1:
        return None
    median, longest = words.plain(lengths.median), words.plain(lengths.longest)
    alt = f"Lengths in tokens: half have at most {median}, the longest has {longest}"
    return {**vars(lengths), "figure": plots.lengths(edges, counts, lengths.takes, alt)}


def _learning(labels: Labels, ends: Range | None) -> dict[str, object] | None:
    """The learning curve and what it says: the multiplier, and what half of the error would take."""
    if not isinstance(labels, Curved):
        return None
    curve = {arm: points for arm, points in labels.curve.items() if points}
    if not curve:
        return None
    form = words.value_form(ends)
    told = "; ".join(
        f"{arm} {form(points[0].value)} with {words.plain(points[0].labels)} labels, "
        f"{form(points[-1].value)} with {words.plain(points[-1].labels)}"
        for arm, points in curve.items()
    )
    return {
        "figure": plots.learning(curve, f"Learning curves: {told}", words.is_share(ends)),
        "worth": words.worth(labels),
        "sure": words.sure(labels),
        "needed": words.needed(labels),
        "untold": labels.reason,
    }


def _clean(run: Curve) -> plots.Losses:
    """Losses as floats (nan where there is none); `kept` only where there is a validation loss for it."""
    train, validation = ([_loss(loss) for loss in part] for part in (run.train, run.validation))
    known = run.kept is not None and 0 <= run.kept < len(validation)
    return plots.Losses(train, validation, run.kept if known else None)


def _loss(value: float | None) -> float:
    found = number(value)
    return float("nan") if found is None else found


def _kept_text(runs: Sequence[plots.Losses]) -> str:
    """Kept epochs, the gap to the training loss there, and what validation loss did afterwards."""
    kept = [(run, run.kept) for run in runs if run.kept is not None]
    last = max(len(run.validation) for run in runs)
    text = f"Kept epoch {', '.join(str(epoch + 1) for _, epoch in kept)} of {last}."
    here = [run.validation[epoch] for run, epoch in kept]
    gap = _mean([run.validation[epoch] - run.train[epoch] for run, epoch in kept if epoch < len(run.train)])
    if gap is not None:
        text += (
            f" There, validation loss was {abs(gap):.3f} {'above' if gap >= 0 else 'below'} training loss."
        )
    rise = _mean([run.validation[-1] - loss for loss, run in zip(here, runs, strict=True)])
    return f"{text} {_rise_text(runs, rise, _mean(here))}".strip()


def _rise_text(runs: Sequence[plots.Losses], rise: float | None, kept: float | None) -> str:
    """A rise of validation loss by a tenth or more is called overfitting; less is noise."""
    if all(run.kept == len(run.validation) - 1 for run in runs):
        return "The last epoch was kept: more epochs might have helped."
    if rise is None or kept is None:
        return ""
    if rise < 0.1 * abs(kept):
        return "It did not rise notably after that: no sign of overfitting."
    return f"It rose by {rise:.3f} to the last epoch: that is overfitting, and those weights were not kept."


def _mean(values: Sequence[float]) -> float | None:
    found = [value for value in map(number, values) if value is not None]
    return sum(found) / len(found) if found else None


def _confusion(confusion: Confusion) -> dict[str, object] | None:
    """Rows for a table (few classes) or a figure (many), and the ten pairs that are confused most."""
    labels, matrix = confusion.labels, confusion.matrix
    if not labels or len(matrix) != len(labels):
        return None
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    found = sorted(
        ((count, i, j) for i, row in enumerate(matrix) for j, count in enumerate(row) if i != j and count),
        key=lambda one: -one[0],
    )
    pairs = [
        {"label": labels[i], "predicted": labels[j], "count": count, "share": shares[i][j]}
        for count, i, j in found[:10]
    ]
    view = {"labels": labels, "pairs": pairs, "figure": None}
    if len(labels) > WRITTEN_CLASSES:
        alt = f"Confusion matrix of {len(labels)} classes; the most confused pairs are listed beside it"
        return view | {"figure": plots.heatmap(shares, alt)}
    return view | {
        "rows": [
            (label, list(zip(*row, strict=True))) for label, *row in zip(labels, matrix, shares, strict=True)
        ]
    }


def _samples(samples: Mapping[str, Sequence[Shown]]) -> list[tuple[str, list[Shown]]]:
    """At most four examples of each of the first classes."""
    shown = [
        (label, [one for one in found if _is_picture(one.picture) or one.text][:4])
        for label, found in samples.items()
    ]
    return [(label, found) for label, found in shown if found][:SHOWN_CLASSES]


def _reliability(reliability: Reliability) -> dict[str, object] | None:
    """The bins that hold predictions, and the mean gap between confidence and accuracy (a fraction)."""
    rows = zip(reliability.confidence, reliability.accuracy, reliability.count, strict=False)
    bins = [(a, b, n) for a, b, n in rows if a is not None and b is not None and n]
    if not bins:
        return None
    gap = sum(n * abs(a - b) for a, b, n in bins) / sum(n for *_, n in bins)
    alt = f"Accuracy by confidence in {several(len(bins), 'bin')}; mean gap {words.percent(gap)}"
    return {"gap": gap, "figure": plots.reliability(bins, alt)}


def _ranked(row: Raced, form: Form) -> dict[str, object]:
    """One base of the ranking as its cells, by column."""
    return {
        "base": row.base,
        "place": f"{words.plain(row.place)}{'=' if row.tied else ''}",
        "cells": {
            "Cost": words.duration(row.seconds),
            **(_scored(row) if row.scores else {}),
            "Parameters": words.amount(row.parameters),
            "Licence": row.licence or words.DASH,
            "Framing": row.framing or words.DASH,
            "Engine": row.engine or words.DASH,
        },
        "race": [_round(one, form) for one in row.race],
        "dropped": row.dropped,
    }


def _scored(row: Raced) -> dict[str, str]:
    """What it was ranked by; one that is alone was not."""
    ranks = row.ranks or {}
    scores = {
        words.title(name): f"{words.plain(value)} ({words.plain(ranks.get(name))})"
        for name, value in (row.scores or {}).items()
    }
    return {
        "Score": f"{words.plain(row.score)} ± {words.plain(row.deviation)}",
        **scores,
        "Prior": words.plain(row.prior) if row.prior_sets else "unknown",
        "By size": words.plain(row.by_size),
        "By list": words.plain(row.by_list),
    }


def _round(one: Round, form: Form) -> str:
    lost = f", behind with {one.behind:.0%} probability" if one.behind else ""
    return f"{one.round} {form(one.score)}{lost} ({words.duration(one.seconds)})"
