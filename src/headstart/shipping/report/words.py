"""Numbers and the verdict as people read them: a fraction becomes a percentage, a difference points.

Everything here takes what a JSON file may hold, so a missing, null or non-finite number is a dash.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

DASH = "–"
_PERCENT = "\N{NO-BREAK SPACE}%"
_NAMES = {
    "auc": "area under the curve (AUC)",
    "chrf": "chrF",
    "bleu": "BLEU",
    "f1": "F1",
    "sha256": "SHA-256",
}
_WHOLE = {
    "map": "mean average precision (COCO)",
    "ap50": "AP50 (average precision at half overlap)",
    "mean_iou": "mean IoU",
    "dice": "Dice",
    "boundary_f": "boundary F-score",
}
"""Names of metrics that are no words."""
_PARTS = {"ap50": "AP50", "iou": "IoU", "dice": "Dice"}
"""Metrics of one class: its name follows, as it is."""
_JOINERS = "\u200c\u200d\ufe0f"
"""Between the parts of an emoji, or of a word in Persian or Hindi."""
REFERENCES = {
    "scratch": "the same architecture, trained from random weights with its own learning rate",
    "reinit": "the transfer strategy on re-initialised weights",
}
"""Arms without pre-trained weights that are trained like the transfer arms."""
FARTHEST = 10.0
"""Times the labels: more are not given as a number."""
PRELIMINARY = "Fewer than six paired seeds can never reach p < 0.05 in a sign-flip test."


def number(value: Any) -> float | None:
    """The value as a finite float, or None where it is not one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def tested(metric: Mapping[str, Any]) -> str:
    """Where the test result is from."""
    folds = metric.get("folds")
    return f"in {folds} folds" if folds else "on the test split"


def percent(value: Any) -> str:
    """A fraction as a percentage: 0.934 is `93.4 %` (with a no-break space)."""
    found = number(value)
    return DASH if found is None else _minus(f"{100 * found:.1f}{_PERCENT}")


def points(value: Any) -> str:
    """A difference of two fractions in percentage points, with its sign: 0.312 is `+31.2`."""
    found = number(value)
    return DASH if found is None else _minus(f"{100 * found:+.1f}")


def plain(value: Any) -> str:
    """A number without a unit: whole ones with thousands apart, others to four significant digits."""
    found = number(value)
    if found is None:
        return DASH
    return _minus(
        f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(value, int) else f"{found:.4g}"
    )


def measure(name: str, value: Any, ranges: Mapping[str, Any] | None = None) -> str:
    """A metric's value, by its range; of those without one (`hamming_loss`) losses have no end."""
    if ranges and name in ranges:
        return value_form({"range": ranges[name]})(value)
    return plain(value) if "loss" in str(name) else percent(value)


def is_share(metric: Mapping[str, Any]) -> bool:
    """Is a metric a fraction, which people read as a percentage? Others have no end somewhere."""
    return None not in (metric.get("range") or [0, 1])


def value_form(metric: Mapping[str, Any]) -> Callable[[Any], str]:
    """How values of a metric are written."""
    return percent if is_share(metric) else plain


def gain_form(metric: Mapping[str, Any]) -> Callable[[Any], str]:
    """How differences of a metric are written."""
    return points if is_share(metric) else gain


def gain(value: Any) -> str:
    """A difference of two numbers without a unit, with its sign."""
    found = number(value)
    return DASH if found is None else _minus(f"{found:+.3g}")


def span(interval: Any, form: Callable[[Any], str] = percent) -> str:
    """An interval `[low, high]` in the form of its ends; the unit stands once: `88.0 to 96.1 %`."""
    if not isinstance(interval, Sequence) or len(interval) != 2:
        return DASH
    return f"{form(interval[0]).removesuffix(_PERCENT)} to {form(interval[1])}"


def ways(adapted: Any) -> str:
    """How weights of a receipt were made to fit, counted by way: `sliced (80); grid 14x14 to 7x7 (1)`."""
    counts = Counter(re.sub(r",? from \(.*?\)", "", str(way)) for _, _, way in adapted or ())
    return "; ".join(f"{way} ({count})" for way, count in counts.most_common())


def duration(seconds: Any) -> str:
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


def amount(value: Any) -> str:
    """A large count, short: 2223872 is `2.2 M`."""
    found = number(value)
    if found is None:
        return DASH
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(found) >= size:
            return f"{found / size:.1f} {unit}"
    return f"{found:.0f}"


def several(count: Any, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 class`, `2 classes`."""
    return f"{plain(count)} {one if count == 1 else many or one + 's'}"


def spelled(name: Any) -> str:
    """A key as it stands in a sentence: `balanced_accuracy` is `balanced accuracy`, `chrf` is `chrF`."""
    first, _, rest = str(name).partition(" ")
    if first in _PARTS and rest:
        return f"{_PARTS[first]} of {rest}"
    if str(name) in _WHOLE:
        return _WHOLE[str(name)]
    return " ".join(_NAMES.get(word, word) for word in str(name).replace("_", " ").split(" "))


def title(name: Any) -> str:
    """A key as a label: `balanced_accuracy` is `Balanced accuracy`."""
    text = spelled(name)
    known = {*_NAMES.values(), *_PARTS.values()}
    return text if text.split(" ")[0] in known else text[:1].upper() + text[1:]


def shortened(text: Any, characters: int = 480) -> str:
    """A text on one line, cut after so many characters; control characters are spaces."""
    plain = "".join(one if one.isprintable() or one in _JOINERS else " " for one in str(text))
    line = " ".join(plain.split())
    return line if len(line) <= characters else line[:characters].rstrip() + " …"


def worth(labels: Mapping[str, Any]) -> str:
    """The data multiplier in words: `at least × 8`, `× 3.2`, or what is beyond every number."""
    found = number(labels.get("multiplier"))
    if found is None:
        return DASH
    if found >= FARTHEST:
        return "more than ten times"
    if found <= 1 / FARTHEST:
        return "less than a tenth"
    beyond = {"at_least": "at least ", "at_most": "at most "}.get(str(labels.get("censored")), "")
    return f"{beyond}× {found:.2g}"


def sure(labels: Mapping[str, Any]) -> str:
    """The interval of the multiplier in words; an end that the curves do not reach is left out."""
    low, high = (number(end) for end in labels.get("interval") or (None, None))
    if low is not None and high is not None:
        return f"95{_PERCENT} interval × {low:.2g} to × {high:.2g}"
    if low is not None:
        return f"with 97.5{_PERCENT} confidence no less than × {low:.2g}"
    return f"with 97.5{_PERCENT} confidence no more than × {high:.2g}" if high is not None else ""


def needed(labels: Mapping[str, Any]) -> str:
    """What half of the error would take, in words, or why that is not told; empty where neither is known."""
    found, why = labels.get("needed") or {}, labels.get("needed_reason")
    if number(found.get("labels")) is None:
        return f"What half of the error would take is not told: {why}." if why else ""
    low, high = found["interval"]
    end = f"to {plain(high)}" if high is not None else "or far more"
    return (
        f"Half of the error would take about {plain(found['labels'])} training labels "
        f"({plain(low)} {end}), if the curve goes on as it does."
    )


def weights(shipped: Mapping[str, Any]) -> str:
    """Which weights of an arm ship: `refitted on training + validation`, or `seed 3 of 6, because …`."""
    if shipped.get("what") != "seed":
        return "refitted on training + validation"
    return f"seed {plain(shipped.get('seed'))} of {plain(shipped.get('of'))}, because {shipped.get('why')}"


def sentence(result: Mapping[str, Any]) -> str:
    """The verdict of a result as one plain sentence; the result's own where it brings one."""
    verdict = result.get("verdict") or {}
    if verdict.get("sentence"):
        return str(verdict["sentence"])
    if not verdict:
        return "No verdict: this model was not compared with training from scratch."
    metric = result.get("metric") or {}
    form, name = gain_form(metric), spelled(metric.get("name") or "the metric")
    what = f"points of {name}" if is_share(metric) else f"better in {name}"
    p = number(verdict.get("p"))
    return (
        f"{_call(verdict, metric)}: {form(verdict.get('delta'))} {what} "
        f"(95{_PERCENT} interval {span(verdict.get('interval'), form)}"
        f"{'' if p is None else f', p = {p:.3f}'}) "
        f"over {_rival(verdict.get('baseline'))}, {several(verdict.get('seeds'), 'paired seed')}."
    )


def _call(verdict: Mapping[str, Any], metric: Mapping[str, Any]) -> str:
    past = {"helps": "helped", "hurts": "hurt"}.get(str(verdict.get("call")))
    if past:
        return f"Pre-trained weights {past}"
    if verdict.get("equivalent"):
        margin = verdict["margin"]
        least = f"{plain(100 * margin)} points" if is_share(metric) else plain(margin)
        return f"Pre-trained weights made no difference of more than {least}"
    if verdict.get("preliminary"):
        seeds = several(verdict.get("seeds"), "paired seed")
        return f"Undecided, since {seeds} can never reach p < 0.05 (six can)"
    return "Undecided whether pre-trained weights helped"


def _rival(baseline: Any) -> str:
    return "training from scratch" if baseline in (None, "scratch") else f"the {baseline} arm"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
