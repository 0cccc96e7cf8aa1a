"""The report: one self-contained HTML page of a run, verdict first.

The template holds the text and the looks; this file works out what it shows. A part of the result or
the evidence that is missing, null or empty leaves its section out: every task writes the same page.

Notation: k classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import ChainableUndefined, Environment
from markupsafe import Markup

from ... import registry
from . import plots, words
from .words import number, several

Json = Mapping[str, Any]
Form = Callable[[Any], str]
"""How values of the metric are written."""

SHOWN_CLASSES = 12
"""Classes with samples; a hundred rows of them help nobody."""
WRITTEN_CLASSES = 20
"""Up to here the confusion matrix is a table with counts, above it a picture."""
SHOWN_WRONG = 24


def render(result: Json, evidence: Json) -> str:
    """The page of one run.

    Args:
        result: what result.json holds (`result.schema.json`).
        evidence: curves, confusion, samples, wrong, reliability; each may be missing or None.
            In `curves`, `kept` is the 0-based index of the epoch whose weights were kept.

    Returns:
        HTML that asks for nothing outside itself and runs no script. Any text in it can be written as UTF-8.
    """
    source = files(__package__).joinpath("report.html.j2").read_text("utf-8")
    page = _environment().from_string(source).render(result=result, **_view(result, evidence))
    # A file name that is no UTF-8 reaches us as lone surrogates.
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def _environment() -> Environment:
    """Escapes everything; a missing part of a missing part is empty, not an error."""
    environment = Environment(
        autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    forms = (
        words.percent,
        words.points,
        words.plain,
        words.span,
        words.duration,
        words.amount,
        words.spelled,
    )
    environment.filters |= {
        form.__name__: form for form in (*forms, several, words.shortened, words.title, words.ways)
    }
    environment.filters["picture"] = _is_picture
    environment.globals |= {
        "measure": words.measure,
        "preliminary": words.PRELIMINARY,
        "plain": words.plain,
    }
    return environment


def _view(result: Json, evidence: Json) -> dict[str, Any]:
    """What the template needs beside the result itself."""
    metric = result.get("metric") or {}
    return {
        "sentence": words.sentence(result),
        "difference": _difference(result.get("verdict") or {}, metric),
        "form": words.value_form(metric),
        "tested": words.tested(metric),
        "delta": words.gain_form(metric)((result.get("verdict") or {}).get("delta")),
        "unit": "points of" if words.is_share(metric) else "better in",
        "which_weights": _weights((result.get("chosen") or {}).get("weights")),
        "arms": _arms(result),
        "curves": [_curve(arm, runs) for arm, runs in (evidence.get("curves") or {}).items() if runs],
        "confusion": _confusion(evidence.get("confusion") or {}),
        "explained": _explained(result.get("arms") or []),
        "words": [row for row in evidence.get("words") or [] if row.get("words")],
        "lengths": _lengths(evidence.get("lengths") or {}),
        "answers": (evidence.get("answers") or [])[:SHOWN_WRONG],
        "scatter": _scatter(evidence.get("values") or []),
        "signatures": evidence.get("signatures") or {},
        "samples": _samples(evidence.get("samples") or {}),
        "classes": len(evidence.get("samples") or {}),
        "wrong": (evidence.get("wrong") or [])[:SHOWN_WRONG],
        "reliability": _reliability(evidence.get("reliability") or {}),
        "learning": _learning(result.get("labels") or {}, metric),
        "ranking": [_ranked(row, words.value_form(metric)) for row in result.get("ranking") or []],
    }


def _scatter(values: list[Json]) -> Markup | None:
    """Values that were given beside the right ones."""
    pairs = [(words.number(row.get("right")), words.number(row.get("given"))) for row in values]
    known = [(right, given) for right, given in pairs if right is not None and given is not None]
    alt = f"Predicted against right values of {len(known)} test examples"
    return plots.scatter(known, alt) if known else None


def _weights(shipped: Json | None) -> str | None:
    return words.weights(shipped) if shipped else None


def _is_picture(address: Any) -> bool:
    """Only data URIs are shown: an address would be an external request."""
    return isinstance(address, str) and address.startswith("data:image/")


def _difference(verdict: Json, metric: Json) -> Markup | None:
    ends = [number(x) for x in verdict.get("interval") or []]
    delta = number(verdict.get("delta"))
    if delta is None or len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    form, share = words.gain_form(metric), words.is_share(metric)
    alt = f"Difference {form(delta)}{' points' * share}, interval {words.span(ends, form)}"
    return plots.difference(delta, ends[0], ends[1], alt, share)


def _arms(result: Json) -> dict[str, Any]:
    """The arms, best first (those without a value last), with their figure."""
    metric = result.get("metric") or {}
    better = -1 if metric.get("higher_is_better", True) else 1
    rows = sorted(
        result.get("arms") or [],
        key=lambda arm: (number(arm.get("value")) is None, better * (number(arm.get("value")) or 0)),
    )
    drawn = [arm for arm in rows if number(arm.get("value")) is not None]
    if not drawn:
        return {"rows": rows, "figure": None}
    alt = "; ".join(f"{arm.get('name')} {words.value_form(metric)(arm['value'])}" for arm in drawn)
    shipped, value = (result.get("chosen") or {}).get("arm"), number(metric.get("value"))
    return {"rows": rows, "figure": plots.arms(drawn, shipped, alt, words.is_share(metric), value)}


def _curve(arm: str, runs: Sequence[Json]) -> dict[str, Any]:
    """The curves of one arm and what they say about overfitting."""
    clean = [_clean(run) for run in runs]
    kept = [run for run in clean if run["kept"] is not None]
    says = _kept_text(kept) if kept else "Which epoch was kept is not recorded."
    alt = f"Training and validation loss of {arm} by epoch, {several(len(runs), 'seed')}. {says}"
    return {"arm": arm, "seeds": len(runs), "says": says, "figure": plots.curves(clean, alt)}


def _explained(arms: Sequence[Json]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the arms of this run mean: those without pre-trained weights, and those with them."""
    names = [str(arm.get("name")) for arm in arms]
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


def _lengths(lengths: Json) -> dict[str, Any] | None:
    """The histogram of lengths and what is cut."""
    counts, edges = lengths.get("counts") or [], lengths.get("edges") or []
    if not counts or len(edges) != len(counts) + 1:
        return None
    median, longest = (words.plain(lengths.get(part)) for part in ("median", "longest"))
    alt = f"Lengths in tokens: half have at most {median}, the longest has {longest}"
    takes = number(lengths.get("takes"))
    return {**lengths, "figure": plots.lengths(edges, counts, takes, alt)}


def _learning(labels: Json, metric: Json) -> dict[str, Any] | None:
    """The learning curve and what it says: the multiplier, and what half of the error would take."""
    curve = {arm: points for arm, points in (labels.get("curve") or {}).items() if points}
    if not curve:
        return None
    form = words.value_form(metric)
    ends = "; ".join(
        f"{arm} {form(points[0]['value'])} with {words.plain(points[0]['labels'])} labels, "
        f"{form(points[-1]['value'])} with {words.plain(points[-1]['labels'])}"
        for arm, points in curve.items()
    )
    return {
        "figure": plots.learning(curve, f"Learning curves: {ends}", words.is_share(metric)),
        "worth": words.worth(labels),
        "sure": words.sure(labels),
        "needed": words.needed(labels),
        "untold": labels.get("reason"),
    }


def _clean(run: Json) -> dict[str, Any]:
    """Losses as floats (nan where there is none); `kept` only where there is a validation loss for it."""
    train, validation = ([_loss(x) for x in run.get(part) or []] for part in ("train", "validation"))
    kept = run.get("kept")
    known = isinstance(kept, int) and 0 <= kept < len(validation)
    return {"train": train, "validation": validation, "kept": kept if known else None}


def _loss(value: Any) -> float:
    found = number(value)
    return float("nan") if found is None else found


def _kept_text(runs: Sequence[Json]) -> str:
    """Kept epochs, the gap to the training loss there, and what validation loss did afterwards."""
    epochs = ", ".join(str(run["kept"] + 1) for run in runs)
    last = max(len(run["validation"]) for run in runs)
    text = f"Kept epoch {epochs} of {last}."
    here = [run["validation"][run["kept"]] for run in runs]
    gap = _mean([x - run["train"][run["kept"]] for x, run in zip(here, runs, strict=True) if _trained(run)])
    if gap is not None:
        text += (
            f" There, validation loss was {abs(gap):.3f} {'above' if gap >= 0 else 'below'} training loss."
        )
    rise = _mean([run["validation"][-1] - x for x, run in zip(here, runs, strict=True)])
    return f"{text} {_rise_text(runs, rise, _mean(here))}".strip()


def _trained(run: Json) -> bool:
    return bool(run["kept"] < len(run["train"]))


def _rise_text(runs: Sequence[Json], rise: float | None, kept: float | None) -> str:
    """A rise of validation loss by a tenth or more is called overfitting; less is noise."""
    if all(run["kept"] == len(run["validation"]) - 1 for run in runs):
        return "The last epoch was kept: more epochs might have helped."
    if rise is None or kept is None:
        return ""
    if rise < 0.1 * abs(kept):
        return "It did not rise notably after that: no sign of overfitting."
    return f"It rose by {rise:.3f} to the last epoch: that is overfitting, and those weights were not kept."


def _mean(values: Sequence[float]) -> float | None:
    found = [value for value in map(number, values) if value is not None]
    return sum(found) / len(found) if found else None


def _confusion(confusion: Json) -> dict[str, Any] | None:
    """Rows for a table (few classes) or a figure (many), and the ten pairs that are confused most."""
    labels, matrix = confusion.get("labels") or [], confusion.get("matrix") or []
    if not labels or len(matrix) != len(labels):
        return None
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    pairs = [
        {"label": labels[i], "predicted": labels[j], "count": count, "share": shares[i][j]}
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
        if i != j and count
    ]
    view = {"labels": labels, "pairs": sorted(pairs, key=lambda pair: -pair["count"])[:10], "figure": None}
    if len(labels) > WRITTEN_CLASSES:
        alt = f"Confusion matrix of {len(labels)} classes; the most confused pairs are listed beside it"
        return view | {"figure": plots.heatmap(shares, alt)}
    return view | {
        "rows": [
            (label, list(zip(*row, strict=True))) for label, *row in zip(labels, matrix, shares, strict=True)
        ]
    }


def _samples(samples: Json) -> list[tuple[str, list[Json]]]:
    """At most four examples of each of the first classes."""
    shown = [
        (label, [one for one in found or [] if _is_picture(one.get("picture")) or one.get("text")][:4])
        for label, found in samples.items()
    ]
    return [(label, found) for label, found in shown if found][:SHOWN_CLASSES]


def _reliability(reliability: Json) -> dict[str, Any] | None:
    """The bins that hold predictions, and the mean gap between confidence and accuracy (a fraction)."""
    columns = [reliability.get(part) or [] for part in ("confidence", "accuracy", "count")]
    rows = [tuple(map(number, row)) for row in zip(*columns, strict=False)]
    bins = [(a, b, n) for a, b, n in rows if a is not None and b is not None and n]
    if not bins:
        return None
    gap = sum(n * abs(a - b) for a, b, n in bins) / sum(n for *_, n in bins)
    alt = f"Accuracy by confidence in {several(len(bins), 'bin')}; mean gap {words.percent(gap)}"
    return {"gap": gap, "figure": plots.reliability(bins, alt)}


def _ranked(row: Json, form: Form) -> dict[str, Any]:
    """One base of the ranking as its cells, by column."""
    ranks, known = row.get("ranks") or {}, row.get("prior_sets")
    scores = {
        words.title(name): f"{words.plain(value)} ({words.plain(ranks.get(name))})"
        for name, value in (row.get("scores") or {}).items()
    }
    return {
        "base": row.get("base"),
        "place": f"{words.plain(row.get('place'))}{'=' if row.get('tied') else ''}",
        "cells": {
            "Cost": words.duration(row.get("seconds")),
            "Score": f"{words.plain(row.get('score'))} ± {words.plain(row.get('deviation'))}",
            **scores,
            "Prior": words.plain(row.get("prior")) if known else "unknown",
            "By size": words.plain(row.get("by_size")),
            "By list": words.plain(row.get("by_list")),
            "Parameters": words.amount(row.get("parameters")),
            "Licence": row.get("licence") or words.DASH,
            "Framing": row.get("framing") or words.DASH,
            "Engine": row.get("engine") or words.DASH,
        },
        "race": [_round(one, form) for one in row.get("race") or []],
        "dropped": row.get("dropped"),
    }


def _round(one: Json, form: Form) -> str:
    score, behind = form(one.get("score")), number(one.get("behind"))
    lost = f", behind with {behind:.0%} probability" if behind else ""
    return f"{one.get('round')} {score}{lost} ({words.duration(one.get('seconds'))})"
