"""What a run across domains tells: its record, and the examples that its page shows.

Notation: n source rows, m target rows, k classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...across import SCHEMA, Across, Arm, Example, Guard, Place, Rate, Sides, Verdict
from ...adaptation.domains import FEW, PLAIN, ways
from ...adaptation.domains.base import Domains, alike
from ...bench import Bench
from ...data.domains import FEW as FEW_ROWS
from ...types import FloatArray, IntArray, Interval, Splits
from ...verification.across import Judged, numbered, to_label
from ...verification.guard import shares_of
from ...version import VERSION
from . import words
from .record import data_record

SIDE, EXAMPLES = 96, 8
"""Side of pictures, and how many are shown of each domain."""
PLACES = 300
"""Rows of each domain on the map."""


@dataclass(frozen=True)
class Story:
    """Everything that happened, for the record."""

    task: str
    bench: Bench
    splits: Splits
    domains: Domains
    judgement: Judged
    proportions: str
    home: tuple[float, Interval]
    """The source-only model on the source's own test split."""
    reinit: tuple[float, Interval] | None
    """The same model on a network with random weights, on the labelled target; None without labels."""


def told(story: Story, seconds: Mapping[str, float]) -> Across:
    """The content of `result.json`."""
    judgement, names = story.judgement, story.bench.examples.names
    rows = story.splits.unlabelled
    return Across(
        schema=SCHEMA,
        headstart=VERSION,
        task=story.task,
        base=story.bench.base.name,
        data=data_record(story.splits),
        target=len(rows),
        source_accuracy=Rate(*story.home),
        source_shares=_shares(story, story.domains.right),
        chosen=judgement.chosen,
        beside=judgement.beside,
        why=judgement.why,
        arms=tuple(_arm(story, name) for name in ways() if name in judgement.said),
        guard=_guard(story),
        verdict=_verdict(judgement),
        to_label=tuple(names[rows[row]] for row in to_label(judgement).tolist()),
        needed=judgement.needed,
        notes=tuple(_notes(story)),
        seconds={name: round(value, 2) for name, value in seconds.items()},
        reinit=None if story.reinit is None else Rate(*story.reinit),
    )


def evidence(story: Story) -> Sides:
    """Both domains side by side: examples of each, a map, and where the two models disagree."""
    judgement, rows = story.judgement, story.splits.unlabelled
    pool, labels = story.bench.pool, story.bench.examples.categories
    said = judgement.said[judgement.chosen]
    right = story.domains.right
    targets = [
        _example(story, rows[row], {"says": _named(said[row], labels)}) for row in _evenly(said, EXAMPLES)
    ]
    sources = [
        _example(story, pool[row], {"says": _named(right[row], labels)}) for row in _evenly(right, EXAMPLES)
    ]
    pair = {name: judgement.said[name] for name in (judgement.adapted, PLAIN)}
    differ = [
        _example(story, rows[row], {name: _named(one[row], labels) for name, one in pair.items()})
        for row in to_label(judgement)[:EXAMPLES].tolist()
        if row in set(judgement.differ.tolist())
    ]
    return Sides(tuple(sources), tuple(targets), tuple(differ), *_map(story.domains))


def _named(said: IntArray, labels: Sequence[str]) -> str:
    """The class that is said of one row, or its labels."""
    if said.ndim == 0:
        return labels[int(said)]
    return ", ".join(labels[number] for number in np.flatnonzero(said).tolist()) or "(no label)"


def _evenly(said: IntArray, many: int) -> list[int]:
    """Rows of every class in turn, or of every set of labels, as far as there are."""
    order = np.argsort(numbered(said), kind="stable")
    return [int(order[place]) for place in np.linspace(0, len(order) - 1, min(many, len(order))).astype(int)]


def _example(story: Story, row: int, said: Mapping[str, str]) -> Example:
    examples = story.bench.examples
    shown = story.bench.task.modality.shown(examples.sources[row], SIDE)
    return Example(examples.names[row], said, shown.get("picture"), shown.get("text"), shown.get("sound"))


def _map(domains: Domains) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The first two principal directions of both domains together."""
    parts = [rows[:: max(1, -(-len(rows) // PLACES))] for rows in (domains.source, domains.target)]
    both = np.concatenate(parts)
    both = both - both.mean(0)
    _, _, axes = np.linalg.svd(both, full_matrices=False)
    flat = np.round(both @ axes[:2].T, 4)
    size = len(parts[0])
    return _places(flat[:size]), _places(flat[size:])


def _places(rows: FloatArray) -> tuple[Place, ...]:
    return tuple((float(row[0]), float(row[-1])) for row in rows)


def _shares(story: Story, said: IntArray) -> dict[str, float]:
    labels = story.bench.examples.categories
    return dict(zip(labels, shares_of(said, len(labels)).tolist(), strict=True))


def _arm(story: Story, name: str) -> Arm:
    said, judgement = story.judgement.said[name], story.judgement
    rate = judgement.rates.get(name)
    agreement = float(alike(said, judgement.said[judgement.chosen]).mean())
    return Arm(name, agreement, _shares(story, said), Rate(*rate) if rate else None)


def _guard(story: Story) -> Guard:
    found = story.judgement.seen
    return Guard(
        proportions=story.proportions,
        rows=found.rows,
        apart=found.apart,
        consistency=found.consistency,
        source_consistency=found.source_consistency,
        agreement=found.agreement,
        drift=found.drift,
        usual_drift=found.usual_drift,
        least=found.least,
        refused=story.judgement.refused,
        halves=found.halves.target,
        source_halves=found.halves.source,
    )


def _verdict(judgement: Judged) -> Verdict:
    pair = judgement.compared
    return Verdict(
        call="undecided" if pair is None else pair.call,
        adapted=judgement.adapted,
        disagree=judgement.disagree,
        labels=0 if pair is None else pair.labels,
        disagreements=0 if pair is None else pair.disagreements,
        delta=None if pair is None else pair.delta,
        interval=None if pair is None else pair.interval,
        sentence=sentence(judgement),
    )


def sentence(judgement: Judged) -> str:
    """What may be said of the adapted model."""
    name, share = judgement.adapted, words.percent(judgement.disagree)
    pair = judgement.compared
    if pair is None:
        return (
            f"undecided: without labels of the target nobody can tell whether {name} is better than the "
            f"source's model; they disagree on {share} of it"
        )
    told = f"{words.points(pair.delta)} points ({words.span(pair.interval, words.points)})"
    verb = {"helps": "helps", "hurts": "hurts"}.get(pair.call, "is undecided")
    return (
        f"{name} {verb}: {told} over the source's model, by {pair.labels} labels of the target, "
        f"{pair.disagreements} of them where the two disagree"
    )


def _notes(story: Story) -> list[str]:
    """What a reader must know before believing the numbers."""
    judgement, found = story.judgement, list[str]()
    if story.domains.sets:
        found.append("an example counts as right where its whole set of labels is")
    if judgement.seen.other_things:
        found.append(
            "the target may show other things than the source: no model of the source's classes is to be "
            "believed about these"
        )
    if judgement.adapted == FEW:
        found.append(
            f"{FEW} learned from the labelled target: its rates are of labels that were left out in turn"
        )
    labels = len(story.domains.labelled.right)
    if 0 < labels < FEW_ROWS:
        found.append(
            f"{labels} labels of the target tell little: from {FEW_ROWS} on the interval is to be relied on"
        )
    if judgement.compared is None:
        found.append("probabilities of the bundles were not checked on the target: they may be too sure")
    return found
