"""Which column of a table is meant where a person did not say: usual names first, then what is left over.

A name is ours whatever its case and spaces; else it is a usual name for the same thing (`review` for `text`);
else it ends like one (`comment_text`). The first of these rules that finds a column has to find one only.
Of a table of two columns the other one is meant, where it looks like it. Nothing is taken that is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import DataError
from ..listing import split_of
from ..reading import Reading
from .records import header, sample, shown_names, title

if TYPE_CHECKING:
    from .records import Table

_TEXTS = (
    "text review sentence content message body tweet title comment post document article headline news "
    "question utterance sms email abstract description statement query phrase summary paragraph"
)
_CLASSES = (
    "label category class target sentiment topic tag y intent emotion polarity genre classification "
    "labelname categoryname classname sentimentlabel"
)
_SETS = "labels tags categories topics classes genres emotions targets labellist"
_FILES = (
    "filename file image img path filepath imagepath imgpath imagefile imagename imgname picture photo "
    "imageid id"
)
_SOUNDS = "audio audiofilepath audiofile audiopath audiofilename wav wavfile wavpath soundfile recording clip"
_TRANSCRIPTS = (
    "transcript transcripts sentence text normalizedtext normalisedtext utterance words said transcribed "
    "transcriptiontext"
)
USUAL: Mapping[str, Sequence[str]] = {
    "text": _TEXTS.split(),
    "label": _CLASSES.split(),
    "labels": _SETS.split(),
    "file_name": [*_FILES.split(), *_SOUNDS.split()],
    "transcription": _TRANSCRIPTS.split(),
}
"""Our names to those that are usual for the same, without what stands between words."""
_OTHERS = (
    "id ids index idx date time timestamp url uri link source target split fold group score rating stars "
    "user author name language lang length count n x unnamed0"
)
"""Never meant only because they are left over."""
_PAIRED = (
    ("text", "textb"), ("text", "text2"), ("text", "textpair"), ("texta", "textb"), ("text1", "text2"),
    ("sentence1", "sentence2"), ("sentencea", "sentenceb"), ("sent1", "sent2"), ("s1", "s2"),
    ("question1", "question2"), ("q1", "q2"), ("premise", "hypothesis"), ("question", "sentence"),
    ("question", "answer"), ("question", "context"), ("question", "passage"), ("query", "passage"),
    ("query", "document"), ("claim", "evidence"), ("sentence", "sentence2"), ("passage", "question"),
)  # fmt: skip
"""Two texts of one example."""
_MANY = 100
"""Rows that show what a column holds."""


@dataclass(frozen=True)
class Found:
    """The columns of a table for ours."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our names to the table's."""
    guessed: Mapping[str, str] = field(default_factory=dict)
    """Those of them that nobody named."""
    ambiguous: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Our names to the columns that it could be."""


def found(table: Table, names: Sequence[str], reading: Reading) -> Found:
    """The columns that stand for ours, as far as they are there and unambiguous.

    Raises:
        DataError: the file cannot be read.
    """
    there = header(table)
    columns, guessed, ambiguous = dict[str, str](), dict[str, str](), dict[str, list[str]]()
    for name in names:
        asked = reading.column(name)
        if asked in there:
            columns[name] = asked
        elif name not in reading.columns:
            taken = {*columns.values(), *reading.columns.values(), reading.group or ""}
            fitting = _fitting(name, [one for one in dict.fromkeys(there) if one not in taken])
            if len(fitting) == 1:
                columns[name] = guessed[name] = fitting[0]
            elif fitting:
                ambiguous[name] = fitting
    if not ambiguous:
        guessed |= _left_over(table, there, names, columns, reading)
    return Found({**columns, **guessed}, guessed, ambiguous)


def pair_of(columns: Sequence[str], text: str) -> tuple[str, str] | None:
    """Two columns that are usual names for two texts of one example, where the text is one of them."""
    there = {plain(name): name for name in reversed(columns)}
    for one, other in _PAIRED:
        if one in there and other in there and text in (there[one], there[other]):
            return there[one], there[other]
    return None


def usual_pair(table: Table) -> tuple[str, str] | None:
    """The same, whatever the text is."""
    there = header(table)
    pairs = (pair_of(there, name) for name in there)
    return next((pair for pair in pairs if pair is not None), None)


def flag_of(name: str) -> str | None:
    """The split that a column of yes and no says by its name, as `is_valid` does; None for other names."""
    said = plain(name)
    return split_of(said.removeprefix("is")) if said.startswith("is") else None


def unused_texts(table: Table, used: Sequence[str]) -> list[str]:
    """Columns that nobody reads though they hold texts."""
    rest = [name for name in dict.fromkeys(header(table)) if name not in used]
    rows = sample(table, rest, _MANY)
    return [name for place, name in enumerate(rest) if holds_texts([row[place] for row in rows])]


def holds_texts(cells: Sequence[object]) -> bool:
    """Do most cells have several words, and differ? Rows of numbers have none."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    wordy = [text for text in texts if len(text.split()) > 2 and any(map(str.isalpha, text))]
    return bool(texts) and 2 * len(wordy) > len(cells) and len(set(texts)) > len(texts) / 2


def holds_classes(cells: Sequence[object]) -> bool:
    """Do cells repeat a few short values, which are no measures and no boxes or other records?"""
    values = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    short = all(len(value) <= 60 and not re.fullmatch(r"-?\d*\.\d+|[\[{].*", value) for value in values)
    return (
        bool(values) and short and len(values) > 2 * len(set(values)) - 1 and not isinstance(cells[0], list)
    )


def missing(table: Table, names: Sequence[str], name: str, said: Found, hint: str) -> DataError:
    """The error that says which columns there are, and which of them one of ours could be."""
    there = header(table)
    columns = f"its columns are: {shown_names(there) or 'none'}"
    if name in said.ambiguous:
        which = " or ".join(f"`{one}`" for one in said.ambiguous[name])
        first = ",".join(
            f"{one}={said.columns.get(one) or next(iter(said.ambiguous.get(one, ['NAME'])))}" for one in names
        )
        return DataError(
            f"the {name} of {title(table)} could be {which}; {columns}", f"say which: --columns {first}"
        )
    return DataError(f"{title(table)} has no column `{name}`; {columns}", hint)


def plain(name: str) -> str:
    """A name as names are compared here: in lower case, without what stands between words."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _fitting(name: str, there: Sequence[str]) -> list[str]:
    usual = USUAL.get(name, ())
    rules: tuple[Callable[[str], bool], ...] = (
        lambda one: plain(one) == plain(name),
        lambda one: plain(one) in usual,
        lambda one: _words(one)[-1] in usual and name != "file_name",
    )
    for rule in rules:
        if fitting := [one for one in there if plain(one) and rule(one)]:
            return fitting
    return []


def is_plural(name: str) -> bool:
    """Is a column called as those of several labels are?"""
    return plain(name) in USUAL["labels"] or _words(name)[-1] in USUAL["labels"]


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word.casefold() for word in re.split(r"[\W_]+", apart) if word] or [""]


def _left_over(
    table: Table, there: Sequence[str], names: Sequence[str], columns: Mapping[str, str], reading: Reading
) -> dict[str, str]:
    """The other one of two columns, where what it holds looks like what is missing."""
    lacking = [name for name in names if name not in columns and name not in reading.columns]
    taken = (*columns.values(), "split", reading.group)
    rest = [one for one in there if one not in taken and one.strip() and flag_of(one) is None]
    if len(lacking) != 1 or len(rest) != 1 or len(names) != 2 or lacking[0] not in ("text", "label"):
        return {}
    (name,), (one,) = lacking, rest
    if (
        any(plain(one) in usual for ours, usual in USUAL.items() if ours != name)
        or plain(one) in _OTHERS.split()
    ):
        return {}
    cells = [row[0] for row in sample(table, [one], _MANY)]
    looks = holds_texts(cells) if name == "text" else holds_classes(cells)
    return {name: one} if looks else {}
