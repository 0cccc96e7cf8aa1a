"""Sets of labels as text: what is right for an example that may have several labels, or none.

A right answer is its labels, sorted and joined by `|`; "" is no label. A model's answer keeps how probable
each label is: `{"labels":[...],"probabilities":{"name":0.9,...}}`, whose `labels` are those that it says.

Notation: n examples, k labels.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .strings import encoded, examine_text

SEPARATOR = "|"
_MODEL = '{"labels":'
"""How the answer of a model begins: no right answer may."""
_DIGITS = 6


@dataclass(frozen=True)
class LabelSet:
    """One answer."""

    labels: tuple[str, ...]
    """Sorted, each once."""
    probabilities: Mapping[str, float]
    """Of every label, where a model answered; else empty."""


def as_answer(labels: Iterable[str]) -> str:
    """The right answer that these labels are."""
    return SEPARATOR.join(sorted(set(labels)))


def as_said(labels: Iterable[str], probabilities: Mapping[str, float]) -> str:
    """The answer of a model: the labels that it says, and the probability of each label that it knows."""
    plain = {
        "labels": sorted(set(labels)),
        "probabilities": {name: round(float(value), _DIGITS) for name, value in probabilities.items()},
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def set_of(answer: str) -> LabelSet:
    """The labels of an answer, a right one or a model's."""
    if answer.startswith(_MODEL):
        plain = json.loads(answer)
        return LabelSet(tuple(plain["labels"]), dict(plain["probabilities"]))
    return LabelSet(tuple(answer.split(SEPARATOR)) if answer else (), {})


def names_in(answers: Iterable[str]) -> tuple[str, ...]:
    """(k,) every label that some answer has or gives a probability, sorted."""
    sets = map(set_of, answers)
    return tuple(sorted({name for one in sets for name in (*one.labels, *one.probabilities)}))


def answers_of(cells: Sequence[Any]) -> list[tuple[str, str | None]]:
    """What cells of a column of labels say: each as its answer, and a reason where it cannot be used.

    A cell is a list of labels; or a text, in which labels are separated by `|`, or which is such a list in
    JSON or Python; or one number, which is one label. None and an empty cell are no label.
    """
    return [_answer_of(cell) for cell in cells]


def _answer_of(cell: Any) -> tuple[str, str | None]:
    try:
        names = [name for name in map(_name, _parts(cell)) if name]
    except ValueError as error:
        return "", f"labels: {error}"
    return as_answer(names), None


def _parts(cell: Any) -> list[Any]:
    if isinstance(cell, str):
        text = cell.strip()
        return _list(text) if text.startswith("[") and text.endswith("]") else list(text.split(SEPARATOR))
    if hasattr(cell, "tolist"):  # of numpy: an array or a number
        cell = cell.tolist()
    if cell is None:
        return []
    return list(cell) if isinstance(cell, list | tuple | set | frozenset) else [cell]


def _list(text: str) -> list[Any]:
    """A list that stands in a cell as JSON, or as Python prints it: pandas writes lists to CSV so."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list):
            return found
    raise ValueError("it begins like a list, but cannot be read as one")


def _name(part: Any) -> str:
    """One label; 3 and 3.0 are the same."""
    if isinstance(part, float) and part.is_integer():
        part = int(part)
    if isinstance(part, bool) or not isinstance(part, str | int | float):
        raise ValueError(f"a label is a {type(part).__name__}, not a text")
    if isinstance(part, float) and not math.isfinite(part):
        raise ValueError("a label is a number that is not finite")
    name = str(part).strip()
    if SEPARATOR in name:
        raise ValueError(f"the label {name!r} has a `{SEPARATOR}` in it, which stands between labels")
    if name.startswith(_MODEL):
        raise ValueError(f"a label begins with {_MODEL}")
    if name and (reason := examine_text(encoded(name))):
        raise ValueError(reason)
    return name
