"""What to do next, of what a run found: to decide the verdict, to get a better model, to use this one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ...records import Curved, Outcome, Verdict
from . import words
from .about import About
from .evidence import Confusion, Evidence

FAR = 50
"""Times the test examples: that many more are no plan."""
MORE = 3
"""Times the minutes, for more pairs."""


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    what: str
    why: str
    command: str | None = None
    section: str | None = None
    """Of the page, that has more."""


def steps(outcome: Outcome, evidence: Evidence, about: About) -> list[Step]:
    """The most urgent first."""
    return [
        *_deciding(outcome, about),
        *_doubted(evidence, about),
        *_confused(evidence.confusion),
        *_worst(evidence),
        *_labels(outcome, about),
        Step("Try it", "A page that answers what you give it.", f"headstart serve {about.run}"),
    ]


def _deciding(outcome: Outcome, about: About) -> Iterator[Step]:
    verdict, longer = outcome.verdict, f"--minutes {MORE * about.minutes:g}" if about.minutes else ""
    again = " ".join(filter(None, ("headstart run", about.source, about.options, longer)))
    if verdict is None:
        if about.minutes:  # a run, and no adaptation without a comparison
            why = "Two trainings without the pre-trained weights, which decide, did not fit into the time."
            yield Step("Give it more time", why, again)
        return
    if verdict.call == "hurts":
        why = "This one made it worse: others may suit these data."
        ranked = " ".join(filter(None, ("headstart rank", about.source, about.reading)))
        yield Step("Look at other bases", why, ranked if about.ranked else "headstart bases")
    if verdict.call != "undecided" or verdict.equivalent:
        return
    if verdict.preliminary or verdict.ended in ("time", "cut") or words.short_of_pairs(verdict):
        pairs = words.several(verdict.seeds, "pair")
        short = f"The time sufficed for {pairs} of trainings: longer and more of them can decide."
        why = words.ENDED["cut"] if verdict.ended == "cut" else short
        yield Step("Give it more time", why, again)
    else:
        yield Step("Get more test examples", _tests(outcome, verdict))


def _tests(outcome: Outcome, verdict: Verdict) -> str:
    """How many test examples would decide, if the difference stays as it is."""
    tested = outcome.metric.n
    low, high = verdict.interval
    reach = verdict.delta - low if verdict.delta > 0 else high - verdict.delta
    times = math.inf if not verdict.delta else (reach / verdict.delta) ** 2
    if not tested or times > FAR:
        return "All planned pairs were trained, and the difference is too small for any usual number of them."
    wanted = math.ceil(tested * times)
    return (
        f"All planned pairs were trained. With about {words.plain(wanted)} instead of {words.plain(tested)} "
        "a difference as large as this one would be clear, if test examples are what is lacking."
    )


def _doubted(evidence: Evidence, about: About) -> Iterator[Step]:
    doubts = evidence.doubts
    if doubts and doubts.count:
        labels = words.several(doubts.count, "label")
        why = f"Of {words.plain(doubts.examples)} examples that it learns from. Look before you change any."
        yield Step(f"Check {labels} in doubt", why, f"headstart suggest {about.run}", "doubts")


def _confused(confusion: Confusion | None) -> Iterator[Step]:
    if confusion is None:
        return
    pairs = [
        (count, i, j)
        for i, row in enumerate(confusion.matrix)
        for j, count in enumerate(row)
        if i != j and count
    ]
    if not pairs:
        return
    count, i, j = max(pairs, key=lambda pair: pair[0])
    share = words.percent(count / sum(confusion.matrix[i]))
    times = "once" if count == 1 else f"{words.plain(count)} times"
    true, given = confusion.labels[i], confusion.labels[j]
    why = f"“{true}” was taken for “{given}” {times}, {share} of the test examples of “{true}”."
    yield Step("Look at the pair that is confused most", why, section="errors")


def _worst(evidence: Evidence) -> Iterator[Step]:
    if evidence.answers:
        why = "They stand first. Sometimes it is what was called right that is wrong."
        yield Step("Look at the worst answers", why, section="answers")


def _labels(outcome: Outcome, about: About) -> Iterator[Step]:
    """Whether more labels pay, from the learning curve of a head on frozen features."""
    labels = outcome.labels
    points = labels.curve.get("frozen") if isinstance(labels, Curved) else None
    if not isinstance(labels, Curved) or not points or len(points) < 2:
        return
    before, last = points[-2:]
    form = words.value_form(outcome.metric.range)
    told = (
        f"From {words.plain(before.labels)} to {words.plain(last.labels)} training labels a head on frozen "
        f"features went from {form(before.value)} to {form(last.value)}."
    )
    gain = last.value - before.value if outcome.metric.higher_is_better else before.value - last.value
    low, high = before.interval
    clear = gain > 0 and not low <= last.value <= high
    if labels.needed or clear:
        why = words.needed(labels) if labels.needed else told
        yield Step("Label more: it pays", why, f"headstart suggest {about.run} UNLABELLED")
    else:
        yield Step(
            "Whether more labels pay is not clear", f"{told} That is within the interval.", section="first"
        )
