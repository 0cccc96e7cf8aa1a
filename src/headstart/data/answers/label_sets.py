"""Sets of labels as text: what is right for an example that may have several labels, or none.

A right answer is its labels, sorted and joined by `|`; "" is no label. A model's answer keeps how probable
each label is: `{"labels":[...],"probabilities":{"name":0.9,...}}`, whose `labels` are those that it says.

Notation: n examples, k labels.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..label_names import Spoken, cleaned
from ..strings import encoded, examine_text

SEPARATOR = "|"
_MODEL = '{"labels":'
"""How the answer of a model begins: no right answer may."""
_DIGITS = 6
_BITS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1, "no": 0, "yes": 1}
_QUOTED = re.compile(r"""\[\s*('[^']*'|"[^"]*")(\s+('[^']*'|"[^"]*"))+\s*\]""")
"""Texts in a list as numpy prints it, without commas."""
_ONE_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_NUMBERS = re.compile(r"\[\s*[-+]?[\d.]+(\s+[-+]?[\d.]+)+\s*\]")


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


SPOKEN = Spoken(lambda answer: set_of(answer).labels, as_answer)
"""How a set is made of names, so that their spelling is put right as that of classes is."""


def names_in(answers: Iterable[str]) -> tuple[str, ...]:
    """(k,) every label that some answer has or gives a probability, sorted."""
    sets = map(set_of, answers)
    return tuple(sorted({name for one in sets for name in (*one.labels, *one.probabilities)}))


def answers_of(
    cells: Sequence[object], names: Sequence[str] = (), separator: str = SEPARATOR
) -> list[tuple[str, str | None]]:
    """What cells of a column of labels say: each as its answer, and a reason where it cannot be used.

    A cell is a list of labels; or a text, in which labels are separated by `|`, or which is such a list in
    JSON or Python; or one number, which is one label; or a dict from labels to 1 or 0. None and an empty cell
    are no label. With `names`, a whole number is the one of that place; with `separator`, that stands between
    labels instead of `|`.
    """
    return [_answer_of(cell, names, separator) for cell in cells]


def _answer_of(cell: Any, names: Sequence[str], separator: str) -> tuple[str, str | None]:
    try:
        named = [_called(name, names) for name in map(name_of, parts_of(cell, separator)) if name]
    except ValueError as error:
        return "", f"labels: {error}"
    return as_answer(named), None


def _called(name: str, names: Sequence[str]) -> str:
    if not names or name in names:
        return name
    if name.isdecimal() and int(name) < len(names):
        return names[int(name)]
    raise ValueError(f"{name!r} is none of the {len(names)} names that were given, nor the number of one")


def parts_of(cell: object, separator: str = SEPARATOR) -> list[object]:
    """What stands in one cell of labels, one by one.

    Raises:
        ValueError: it begins like a list and is none, or is a dict that does not say yes or no.
    """
    if isinstance(cell, str):
        text = cell.strip()
        if text[:1] + text[-1:] not in ("[]", "{}"):
            return list(text.split(separator))
        cell = _literal(text)
    if hasattr(cell, "tolist"):  # of numpy: an array or a number
        cell = cell.tolist()
    if cell is None:
        return []
    if isinstance(cell, Mapping):
        return _said_yes(cell)
    return list(cell) if isinstance(cell, list | tuple | set | frozenset) else [cell]


def _said_yes(cell: Mapping[Any, Any]) -> list[Any]:
    said = {name: as_bit(value) for name, value in cell.items()}
    odd = next((name for name, value in said.items() if value is None), None)
    if odd is not None:
        raise ValueError(f"a dict says {cell[odd]!r} of the label {odd!r}, neither 1 nor 0")
    return [name for name, value in said.items() if value]


def as_bit(value: object) -> bool | None:
    """Yes or no, of whatever says one of them: True, 1, 1.0, "1", "true"; None where it says neither."""
    if isinstance(value, str):
        value = _BITS.get(value.strip().lower())
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else None


def _literal(text: str) -> Any:
    """A list that stands in a cell as JSON, or as Python or numpy prints it: pandas writes them to CSV so."""
    if text.startswith("["):
        if _QUOTED.fullmatch(text):
            return [one[1:-1] for one in _ONE_QUOTED.findall(text)]
        if _NUMBERS.fullmatch(text):
            return [float(one) for one in text[1:-1].split()]
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(found, list | dict):
            return found
    if text.startswith("{"):
        return [text]
    raise ValueError("it begins like a list, but cannot be read as one")


def name_of(part: object) -> str:
    """One label; 3 and 3.0 are the same."""
    if isinstance(part, float) and part.is_integer():
        part = int(part)
    if isinstance(part, bool) or not isinstance(part, str | int | float):
        raise ValueError(f"a label is a {type(part).__name__}, not a text")
    if isinstance(part, float) and not math.isfinite(part):
        raise ValueError("a label is a number that is not finite")
    name = cleaned(str(part))
    if SEPARATOR in name:
        raise ValueError(f"the label {name!r} has a `{SEPARATOR}` in it, which stands between labels")
    if name.startswith(_MODEL):
        raise ValueError(f"a label begins with {_MODEL}")
    if name and (reason := examine_text(encoded(name))):
        raise ValueError(reason)
    return name
