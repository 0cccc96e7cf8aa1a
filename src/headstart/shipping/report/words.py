"""Numbers and the verdict as people read them: a fraction becomes a percentage, a difference points.

What is missing, or no finite number, is a dash.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ...records import Curved, Labels, Metric, Outcome, Range, Verdict, Weights
from ...types import MOST_SEEDS, Judgement

Form = Callable[[object], str]
"""How a number is written."""
DASH = "–"
_PERCENT = "\N{NO-BREAK SPACE}%"
_JOINERS = "\u200c\u200d\ufe0f"
"""Between the parts of an emoji, or of a word in Persian or Hindi."""
REFERENCES = {
    "scratch": "the same architecture, trained from random weights with its own learning rate",
    "reinit": "the transfer strategy on re-initialised weights",
    "alone": "for each kind of examples the best on validation of the arms without transfer",
}
"""Arms without pre-trained weights that are trained like the transfer arms."""
FARTHEST = 10.0
"""Times the labels: more are not given as a number."""
PRELIMINARY = "One pair of trainings does not tell how much another would differ: two or more can decide."
ENDED = {
    "decided": "It was clear by then: no more pairs were trained.",
    "seeds": "All planned pairs were trained: what would tell more is more test examples.",
    "time": "The time sufficed for no more pairs: more --minutes give more.",
    "cut": "The time ended before the arm that is behind had half of its epochs: that says nothing of the"
    " weights. More --minutes, or a machine that is less busy, would tell.",
    "exact": "Nothing is drawn in these fits: what would tell more is more test examples.",
}
"""Why no more pairs were trained, and so what would change a verdict."""
JUDGEMENTS: dict[Judgement, str] = {
    "right": "found where it is",
    "missed": "there, and not found",
    "false alarm": "found where nothing is",
    "duplicate": "found once more",
    "other class": "found, and called something else",
}
"""What outlines in pictures mean."""
RIVALS = {
    "alone": "what is best without the source",
    "scratch": "training from scratch",
    "reinit": "the same training without the pre-trained weights",
}
"""References as a sentence names them."""
SUBJECTS = {"alone": "The source"}
"""What a verdict over a reference is about, where that is not pre-trained weights."""
FLIPPED = 6
"""Pairs from which on a sign-flip test can tell something."""


def number(value: object) -> float | None:
    """The value as a finite float, or None where it is not one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def tested(metric: Metric) -> str:
    """Where the test result is from."""
    return f"in {metric.folds} folds" if metric.folds else "on the test split"


def percent(value: object) -> str:
    """A fraction as a percentage: 0.934 is `93.4 %` (with a no-break space)."""
    found = number(value)
    return DASH if found is None else _minus(f"{100 * found:.1f}{_PERCENT}")


def points(value: object) -> str:
    """A difference of two fractions in percentage points, with its sign: 0.312 is `+31.2`."""
    found = number(value)
    return DASH if found is None else _minus(f"{100 * found:+.1f}")


def plain(value: object) -> str:
    """A number without a unit: whole ones with thousands apart, others to four significant digits."""
    found = number(value)
    if found is None:
        return DASH
    return _minus(
        f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(value, int) else f"{found:.4g}"
    )


def measure(name: str, value: object, ranges: Mapping[str, Range] | None = None) -> str:
    """A metric's value, by its range; of those without one (`hamming_loss`) losses have no end."""
    if ranges and name in ranges:
        return value_form(ranges[name])(value)
    return plain(value) if "loss" in name else percent(value)


def is_share(ends: Range | None) -> bool:
    """Is what has this range a fraction, which people read as a percentage? Others have no end somewhere."""
    return ends is None or None not in ends


def value_form(ends: Range | None) -> Form:
    """How values in a range are written."""
    return percent if is_share(ends) else plain


def gain_form(ends: Range | None) -> Form:
    """How differences of them are written."""
    return points if is_share(ends) else gain


def gain(value: object) -> str:
    """A difference of two numbers without a unit, with its sign."""
    found = number(value)
    return DASH if found is None else _minus(f"{found:+.3g}")


def span(interval: object, form: Form = percent) -> str:
    """An interval `[low, high]` in the form of its ends; the unit stands once: `88.0 to 96.1 %`."""
    if not isinstance(interval, Sequence) or len(interval) != 2:
        return DASH
    return f"{form(interval[0]).removesuffix(_PERCENT)} to {form(interval[1])}"


def ways(adapted: Sequence[tuple[str, tuple[int, ...], str]]) -> str:
    """How weights of a receipt were made to fit, counted by way: `sliced (80); grid 14x14 to 7x7 (1)`."""
    counts = Counter(re.sub(r",? from \(.*?\)", "", way) for _, _, way in adapted)
    return "; ".join(f"{way} ({count})" for way, count in counts.most_common())


def duration(seconds: object) -> str:
    """Seconds in at most two units: `3.1 s`, `2 min 20 s`, `1 h 05 min`."""
    found = number(seconds)
    if found is None:
        return DASH
    if found < 59.95:
        return f"{found:.1f}\N{NO-BREAK SPACE}s"
    whole = round(found)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def amount(value: object) -> str:
    """A large count, short: 2223872 is `2.2 M`."""
    found = number(value)
    if found is None:
        return DASH
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(found) >= size:
            return f"{found / size:.1f} {unit}"
    return f"{found:.0f}"


def several(count: object, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 class`, `2 classes`."""
    return f"{plain(count)} {one if count == 1 else many or one + 's'}"


def spelled(key: str) -> str:
    """A key as it stands in a sentence: `early_stop` is `early stop`."""
    return key.replace("_", " ")


def title(key: str) -> str:
    """A key as a label: `early_stop` is `Early stop`."""
    return capital(spelled(key))


def capital(text: str) -> str:
    """A text with a capital first, but for a name that has its own: chrF."""
    return text[:1].upper() + text[1:] if text.split(" ")[0].islower() else text


def shortened(text: object, characters: int = 480) -> str:
    """A text on one line, cut after so many characters; control characters are spaces."""
    plain = "".join(one if one.isprintable() or one in _JOINERS else " " for one in str(text))
    line = " ".join(plain.split())
    return line if len(line) <= characters else line[:characters].rstrip() + " …"


def worth(labels: Labels) -> str:
    """The data multiplier in words: `at least × 8`, `× 3.2`, or what is beyond every number."""
    found = number(labels.multiplier)
    if found is None:
        return DASH
    if found >= FARTHEST:
        return "more than ten times"
    if found <= 1 / FARTHEST:
        return "less than a tenth"
    censored = labels.censored if isinstance(labels, Curved) else None
    return f"{censored.replace('_', ' ') + ' ' if censored else ''}× {found:.2g}"


def sure(labels: Labels) -> str:
    """The interval of the multiplier in words; an end that the curves do not reach is left out."""
    low, high = labels.interval or (None, None)
    if low is not None and high is not None:
        return f"95{_PERCENT} interval × {low:.2g} to × {high:.2g}"
    if low is not None:
        return f"with 97.5{_PERCENT} confidence no less than × {low:.2g}"
    return f"with 97.5{_PERCENT} confidence no more than × {high:.2g}" if high is not None else ""


def needed(labels: Curved) -> str:
    """What half of the error would take, in words, or why that is not told; empty where neither is known."""
    found, why = labels.needed, labels.needed_reason
    if found is None:
        return f"What half of the error would take is not told: {why}." if why else ""
    low, high = found.interval
    end = f"to {plain(high)}" if high is not None else "or far more"
    return (
        f"Half of the error would take about {plain(found.labels)} training labels "
        f"({plain(low)} {end}), if the curve goes on as it does."
    )


def weights(shipped: Weights) -> str:
    """Which weights of an arm ship: `refitted on training + validation`, or `seed 3 of 6, because …`."""
    if shipped.what != "seed":
        return "refitted on training + validation"
    return f"seed {plain(shipped.seed)} of {plain(shipped.of)}, because {shipped.why}"


def sentence(outcome: Outcome, metric: str) -> str:
    """The verdict in words, its own where it brings them; `metric` as people call it."""
    verdict, ends = outcome.verdict, outcome.metric.range
    if verdict is None:
        return "No verdict: this model was not compared with training without the pre-trained weights."
    if verdict.sentence:
        return verdict.sentence
    form = gain_form(ends)
    side = "better" if verdict.delta >= 0 else "(worse)"
    what = f"points of {metric}" if is_share(ends) else f"{side} in {metric}"
    pairs = "" if verdict.ended == "exact" else f", {several(verdict.seeds, 'paired seed')}"
    return (
        f"{_call(verdict, ends)}: {form(verdict.delta)} {what} "
        f"(95{_PERCENT} interval {span(verdict.interval, form)}) over {_rival(verdict.baseline)}{pairs}."
    )


def ended(verdict: Verdict) -> str:
    """Why no more pairs were trained; from six on, what a test that knows no variance says of them."""
    flips = f" A sign-flip test over the pairs: p = {verdict.p:.3f}." if verdict.seeds >= FLIPPED else ""
    return f"{ENDED['time' if short_of_pairs(verdict) else verdict.ended]}{flips}"


def short_of_pairs(verdict: Verdict) -> bool:
    """Were as many pairs planned as the time sufficed for, and no more?"""
    return verdict.ended == "seeds" and verdict.seeds < MOST_SEEDS


def _call(verdict: Verdict, ends: Range | None) -> str:
    subject = SUBJECTS.get(verdict.baseline, "Pre-trained weights")
    if verdict.call != "undecided":
        return f"{subject} {'helped' if verdict.call == 'helps' else 'hurt'}"
    if verdict.equivalent:
        least = f"{plain(100 * verdict.margin)} points" if is_share(ends) else plain(verdict.margin)
        return f"{subject} made no difference of more than {least}"
    if verdict.preliminary:
        return "No verdict from one pair of trainings"
    return f"Undecided whether {subject[0].lower()}{subject[1:]} helped"


def _rival(baseline: str) -> str:
    return RIVALS.get(baseline, f"the {baseline} arm")


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
