"""A run in one sentence for people who know no statistics: how good, what it is worth, proven or not."""

from __future__ import annotations

from ...records import Outcome, Verdict
from . import words
from .evidence import Confusion


def plainly(outcome: Outcome, confusion: Confusion | None, metric: str, unseen: tuple[str, str]) -> str:
    """The sentence.

    Args:
        outcome: the run.
        confusion: of its test examples, where answers are classes.
        metric: its metric as people call it.
        unseen: what it was tested on, one and several: `{} new pictures`.
    """
    return f"{_quality(outcome, confusion, metric, unseen)}; {_worth(outcome, metric)}."


def right(confusion: Confusion | None) -> tuple[int, int] | None:
    """Examples that were answered rightly, and all of them."""
    if confusion is None:
        return None
    total = sum(map(sum, confusion.matrix))
    return (sum(row[place] for place, row in enumerate(confusion.matrix)), total) if total else None


def _quality(outcome: Outcome, confusion: Confusion | None, metric: str, unseen: tuple[str, str]) -> str:
    counted = right(confusion)
    if counted:
        return f"Right on {words.plain(counted[0])} of {_several(counted[1], unseen)}"
    value = words.value_form(outcome.metric.range)(outcome.metric.value)
    lower = "" if outcome.metric.higher_is_better else " (lower is better)"
    return f"{words.capital(metric)} {value}{lower} on {_several(outcome.metric.n, unseen)}"


def _several(count: int, forms: tuple[str, str]) -> str:
    return forms[count != 1].format(words.plain(count))


def _worth(outcome: Outcome, metric: str) -> str:
    verdict = outcome.verdict
    if verdict is None:
        return "nobody compared it with a model that starts from nothing"
    subject = "the source" if verdict.baseline in words.SUBJECTS else "the pre-trained network"
    ships, otherwise = outcome.chosen, ""
    if not ships.strategy:
        otherwise = ", and what ships does without it"
    elif verdict.call == "hurts" and ships.strategy != verdict.transfer:
        subject, otherwise = f"{subject} by itself", f", and what ships is {ships.arm}"
    return f"{subject} {_gain(verdict, outcome, metric)}{otherwise}"


def _gain(verdict: Verdict, outcome: Outcome, metric: str) -> str:
    share = words.is_share(outcome.metric.range)
    form = words.gain_form(outcome.metric.range)
    size = f"{form(abs(verdict.delta))[1:]} {'points' if share else 'in ' + metric}"
    if verdict.call == "helps":
        return f"is worth {size}: proven"
    if verdict.call == "hurts":
        return f"costs {size}: proven"
    if verdict.equivalent:
        return "makes no difference worth speaking of: proven"
    if abs(verdict.delta) <= verdict.margin:
        return "seems to make no difference: not proven"
    return f"seems to {'be worth' if verdict.delta > 0 else 'cost'} {size}: not proven"
