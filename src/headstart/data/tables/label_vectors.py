"""Cells of labels that are vectors: a 1 for each label that an example has, a 0 for each that it has not.

    [1, 0, 1]  [1.0, 0.0, 1.0]  [true, false, true]  "[1, 0, 1]"  "1,0,1"  "1 0 1"      lists of one length

They are not names: `[1, 0, 1]` would be the labels "0" and "1". Other vectors of numbers, as [0.2, 0.7, 0.1],
are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...errors import DataError
from ...options import Option
from ...types import Finding
from ..answers.label_sets import SEPARATOR, answers_of, as_answer, as_bit, parts_of
from ..label_names import NAMES
from ..reading import Reading

_BITS = re.compile(r"[01](\s*[,; ]\s*[01])+")
Answers = list[tuple[str, str | None]]
_MARKS = {"bar": SEPARATOR, "comma": ",", "semicolon": ";", "space": " ", "tab": "\t", "slash": "/"}


def _mark(text: str) -> str:
    if text not in (*_MARKS, *_MARKS.values()):
        raise ValueError(f"expected {', '.join(_MARKS)}")
    return _MARKS.get(text, text)


LABEL_SEPARATOR: Option[str] = Option(
    "label_separator",
    "what stands between the labels of one text: comma, semicolon, space, …",
    SEPARATOR,
    _mark,
)


class LabelCells:
    """What the cells of columns of labels say, and findings about how they were read; one for a data set."""

    def __init__(self, reading: Reading) -> None:
        """Raises SettingsError: names were given that are none."""
        self._names = NAMES.of(reading.options)
        self._separator = LABEL_SEPARATOR.of(reading.options)
        self.findings: list[Finding] = []

    def __call__(self, cells: Sequence[object]) -> Answers:
        """Each answer, and a reason not to use it.

        Raises:
            DataError: the cells are vectors of other numbers than 0 and 1, or not as long as there are names.
        """
        vectors = [_vector(cell) for cell in cells]
        width = _width([vector for cell, vector in zip(cells, vectors, strict=True) if cell is not None])
        if width is None:
            return answers_of(cells, self._names, self._separator)
        names = self._names or tuple(f"label {number}" for number in range(width))
        if len(names) != width:
            raise DataError(
                f"labels are lists of {width} numbers, 0 or 1, but {len(names)} names were given",
                f"give {width} names, in the order of the numbers: --set names=…",
            )
        self._say(width, bool(self._names))
        return [_answer(cell, vector, names) for cell, vector in zip(cells, vectors, strict=True)]

    def _say(self, width: int, named: bool) -> None:
        hint = "" if named else "; to name them: --set names=a,b,…"
        message = (
            f"labels are lists of {width} numbers: 1 is a label that a text has, 0 one that it has not{hint}"
        )
        finding = Finding("label_vectors", message)
        if finding not in self.findings:
            self.findings.append(finding)


def _answer(cell: Any, vector: list[Any] | None, names: Sequence[str]) -> tuple[str, str | None]:
    if vector is None or not vector:
        empty = cell is None or vector == []
        return "", None if empty else "labels: not a list of 0 and 1 as the others are"
    bits = [as_bit(one) for one in vector]
    if len(bits) != len(names) or None in bits:
        return "", f"labels: expected {len(names)} numbers, 0 or 1, but it is a list of {len(bits)}"
    return as_answer(name for name, bit in zip(names, bits, strict=True) if bit), None


def _vector(cell: Any) -> list[Any] | None:
    """The numbers of a list of nothing else; None where it is something else."""
    if isinstance(cell, str) and _BITS.fullmatch(cell.strip()):
        return re.findall("[01]", cell)
    if isinstance(cell, dict | set | frozenset):
        return None
    listed = not isinstance(cell, str) or cell.strip().startswith("[") or "|" in cell
    if not listed:
        return None
    try:
        parts = parts_of(cell)
    except ValueError:
        return None
    if not (isinstance(cell, list | tuple | str) or getattr(cell, "ndim", 0) == 1):
        return None
    return parts if all(_is_number(part, isinstance(cell, str)) for part in parts) else None


def _is_number(part: Any, typed: bool) -> bool:
    if typed and isinstance(part, str):
        return part.strip() in ("0", "1")
    return isinstance(part, int | float)


def _width(vectors: Sequence[list[Any] | None]) -> int | None:
    """How long vectors of 0 and 1 are; None where cells are no vectors.

    A set has each number once: [1, 0, 1] is none, and neither are lists that are all of one length.
    """
    there = [vector for vector in vectors if vector]
    if not there or 2 * len(there) < len([vector for vector in vectors if vector != []]):
        return None
    lengths = Counter(map(len, there))
    (width, _), *others = lengths.most_common()
    twice = sum(len({*map(str, vector)}) < len(vector) for vector in there)
    mixed = bool(others) or any(vector is None for vector in vectors)
    if width < 2 or (mixed and not twice):
        return None
    if 2 * sum(all(as_bit(one) is not None for one in vector) for vector in there) > len(there):
        return width
    if any(isinstance(one, float) and not one.is_integer() for vector in there for one in vector):
        example = next(v for v in there if any(isinstance(one, float) and not one.is_integer() for one in v))
        raise DataError(
            f"labels are lists of numbers other than 0 and 1, as {example[:5]}: they look like probabilities",
            "write 1 for each label that a text has and 0 for the others, or the names of its labels",
        )
    if not others and 2 * twice > len(there):
        raise DataError(
            f"labels are lists of {width} numbers, as {there[0][:5]}: neither 0 and 1 nor sets of labels",
            "write 1 for each label that a text has and 0 for the others, or the names of its labels",
        )
    return None
