r"""Names of classes that a person takes for one, and a program for two.

'ok '  'ok'  'o\u200bk'  NFC and NFD      always read as one name, which is a finding
Cat  cat     0  0.0     true  TRUE  "true"  not_spam  not spam     a finding that names both,
                                                                  one class on `merge_labels`
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import DataError
from ..options import Given, Option, yes_or_no
from ..types import Dropped, Finding, Row
from .listing import Listing

MERGE_LABELS = yes_or_no(
    "merge_labels", "yes: labels that differ in case or in how a number is written are one class"
)


def _listed(text: str) -> tuple[str, ...]:
    names = tuple(cleaned(name) for name in text.split(","))
    if len(names) < 2 or not all(names) or len(set(names)) < len(names):
        raise ValueError("expected at least two different names with commas between")
    return names


NAMES: Option[tuple[str, ...]] = Option(
    "names", "what labels that are numbers from 0 are called, in their order: cat,dog,bird", (), _listed
)

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Soft hyphens, marks of order and of bytes, spaces of no width."""
_JOINERS = "\u200c\u200d"
"""They say something between letters of some scripts, and nothing at an end."""
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})")
_BITS = {"true": "1", "false": "0"}
_BETWEEN = re.compile(r"(?<=\w)[\s_-]+(?=\w)|(?<=[^\W_])_+(?=[^\W_])")
_WITHIN = re.compile(r"\s+(?=[/&])|(?<=[/&])\s+")
"""Spaces that some write and some do not."""
_SAME = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2018\u2019\u02bc\u201c\u201d"
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0455\u0458",
    "-------\u0027\u0027\u0027\u0022\u0022abekmhopctyxisj",
    "\u0307",
)
"""Dashes, quotes and Cyrillic letters to those that look like them; the dot of a Turkish I goes."""
_AROUND = " .,;:!?_\"'`"
_NOTHING = frozenset(
    ("nan", "<na>", "na", "n/a", "#n/a", "null", "nil", "#value!", "#ref!", "-", "--", "?", "??")
)
"""What programs and people write where they have no label."""
_ALPHABET = 10
"""Labels of one letter, at least."""
_SHOWN = 3
_MARKS = {",": "comma", ";": "semicolon", "|": "bar"}
"""What may stand between labels that are written into one."""


@dataclass(frozen=True)
class Spoken:
    """How the answers of a task are made of names."""

    names: Callable[[str], Sequence[str]]
    answer: Callable[[Sequence[str]], str]


ONE_NAME = Spoken(lambda answer: (answer,), lambda names: names[0] if names else "")
"""An answer is the name of its class."""


def cleaned(name: str) -> str:
    """A name in one Unicode form, without marks that nobody sees, and with single plain spaces."""
    if name.isascii() and name.isalnum():
        return name
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", name))
    return " ".join(" ".join(plain.split()).strip(_JOINERS).split())


def likeness(name: str) -> str:
    """Equal for names that a person may take for one class."""
    plain = html.unescape(cleaned(name)) if "&" in name else cleaned(name)
    plain = " ".join(unicodedata.normalize("NFKC", plain).casefold().translate(_SAME).split())
    plain = plain.strip(_AROUND) or plain
    if _NUMBER.fullmatch(plain):
        return f"{float(plain) + 0.0:.15g}"
    return _WITHIN.sub("", _BETWEEN.sub(" ", plain))


def unified(listing: Listing, given: Given, spoken: Spoken = ONE_NAME, known: Sequence[str] = ()) -> Listing:
    """The rows with one spelling of each name, and findings about what was put right or looks alike.

    Args:
        listing: Rows as their layout gives them.
        given: What was set: whether names that look alike are merged, and what numbers are called.
        spoken: How answers are made of names.
        known: Names that a model has: what looks like one of them alone is that name.

    Raises:
        DataError: names were given for numbers, and a label is none of these numbers or names.
    """
    counts = Counter(name for row in listing.rows for name in spoken.names(row.label))
    there = {*counts, *(name for answer in listing.lost for name in spoken.names(answer))}
    plain = {name: cleaned(name) for name in there}
    findings = _odd(plain, counts)
    if spoken is ONE_NAME and NAMES.of(given):
        plain = _called(plain, NAMES.of(given))
    if known:
        plain = {name: _known(said, known) for name, said in plain.items()}
    totals = Counter[str]()
    for name, count in counts.items():
        totals[plain[name]] += count
    alike = alike_names(totals)
    if alike and MERGE_LABELS.of(given):
        best = {name: best_of(group, totals, known) for group in alike for name in group}
        plain = {name: best.get(said, said) for name, said in plain.items()}
        findings.append(_merged(alike, totals, best))
    elif alike:
        findings.append(_similar(alike, totals))
    findings += [*_joined(totals, spoken is not ONE_NAME), *_missing(totals)]
    changed = {name: said for name, said in plain.items() if name != said}
    if not changed:
        return replace(listing, findings=(*listing.findings, *findings)) if findings else listing
    return _renamed(listing, changed, spoken, findings)


def vanished(listing: Listing, kept: Iterable[str], spoken: Spoken = ONE_NAME) -> list[Finding]:
    """A finding about the classes of which no example can be used.

    Args:
        listing: All rows, and the labels of those that were left out when they were listed.
        kept: The answers of the examples that can be used.
        spoken: How answers are made of names.
    """
    had = Counter(name for row in listing.rows for name in spoken.names(row.label))
    had.update(name for answer in listing.lost for name in spoken.names(answer))
    left = {name for answer in set(kept) for name in spoken.names(answer)}
    gone = tuple(f"{name}: {count}" for name, count in sorted(had.items()) if name and name not in left)
    if not gone:
        return []
    what = "1 class" if len(gone) == 1 else f"{len(gone)} classes"
    message = f"no example of {what} can be used, all were left out: {some(gone)}"
    return [Finding("vanished", message, gone)]


def _renamed(listing: Listing, names: Mapping[str, str], spoken: Spoken, findings: list[Finding]) -> Listing:
    rows, dropped = list[Row](), list[Dropped]()
    for row in listing.rows:
        said = spoken.names(row.label)
        renamed = [new for new in (names.get(name, name) for name in said) if new]
        if said and not renamed and spoken is ONE_NAME:
            dropped.append(Dropped(row.name, "no label"))
        else:
            rows.append(replace(row, label=spoken.answer(renamed)))
    return replace(
        listing,
        rows=tuple(rows),
        dropped=(*listing.dropped, *dropped),
        findings=(*listing.findings, *findings),
        lost=tuple(
            spoken.answer([names.get(name, name) for name in spoken.names(one)]) for one in listing.lost
        ),
    )


def _odd(plain: Mapping[str, str], counts: Counter[str]) -> list[Finding]:
    odd = tuple(
        f"{name!a} as {said!r}: {counts[name]}" for name, said in sorted(plain.items()) if name != said
    )
    if not odd:
        return []
    what = "1 label was" if len(odd) == 1 else f"{len(odd)} labels were"
    message = f"{what} read without odd spaces, unseen marks or another Unicode form: {some(odd)}"
    return [Finding("label_spelling", message, odd)]


def _called(plain: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    numbered = {str(number): name for number, name in enumerate(names)}
    numbered |= {f"{number}.0": name for number, name in enumerate(names)}
    known = numbered | {name: name for name in names} | {"": ""}
    unknown = sorted(said for said in plain.values() if said not in known)
    if unknown:
        raise DataError(
            f"the label {unknown[0]!r} is none of the numbers from 0 to {len(names) - 1}, which have names",
            f"give as many names as there are numbers: --set names={','.join(names)},…",
        )
    return {name: known[said] for name, said in plain.items()}


def _known(said: str, known: Sequence[str]) -> str:
    """The one name that a model has and that looks like this."""
    alike = [] if said in known else [name for name in known if likeness(name) == likeness(said)]
    return alike[0] if len(alike) == 1 else said


def alike_names(names: Iterable[str]) -> list[list[str]]:
    """Names that a person may take for one, together."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        groups[likeness(name)].append(name)
    if groups.keys() <= _BITS.keys() | {*_BITS.values()}:
        for word, bit in _BITS.items():  # True and 1, where there is nothing else
            if word in groups and bit in groups:
                groups[bit] += groups.pop(word)
    return [group for key, group in groups.items() if key and len(group) > 1]


def best_of(group: Sequence[str], counts: Counter[str], known: Sequence[str] = ()) -> str:
    """Which of several names stands for all: a known one, else the most frequent."""
    return min(group, key=lambda name: (name not in known, -counts[name], name))


def _similar(alike: Sequence[Sequence[str]], counts: Counter[str]) -> Finding:
    groups = tuple(counted(group, counts) for group in alike)
    message = f"labels that look like one class: {some(groups)}; --set merge_labels=yes makes them one"
    return Finding("similar_labels", message, groups)


def _merged(alike: Sequence[Sequence[str]], counts: Counter[str], best: Mapping[str, str]) -> Finding:
    groups = tuple(f"{counted(group, counts)} as {best[group[0]]!r}" for group in alike)
    return Finding("merged_labels", f"labels were merged: {some(groups)}", groups)


def _missing(counts: Mapping[str, int]) -> list[Finding]:
    """That labels look like none. Beside other signs, as + and !, or an alphabet, signs are labels."""
    others = [name for name in counts if len(name) == 1 and name not in _NOTHING]
    signs = len(others) >= _ALPHABET or not all(map(str.isalnum, others))
    odd = [name for name in counts if name.strip().lower() in _NOTHING]
    found = tuple(
        f"{name!r} ({counts[name]})" for name in sorted(odd) if not signs or any(map(str.isalnum, name))
    )
    if not found:
        return []
    what = "1 label looks" if len(found) == 1 else f"{len(found)} labels look"
    message = f"{what} like a missing one: {some(found)}; each is a class here, an empty cell would be none"
    return [Finding("missing_labels", message, found)]


def spaced(answers: Iterable[str], column: str) -> list[Finding]:
    """That answers of a column look like several labels with spaces between: their parts are found again.

    For columns that are called by a plural: names of classes may have spaces, and share words.
    """
    names = set(answers)
    parts = {name: name.split() for name in names if len(name.split()) > 1}
    there = Counter(part for name in names for part in set(name.split()))
    joined = tuple(sorted(name for name, some in parts.items() if all(there[part] > 1 for part in some)))
    if not joined or 2 * len(joined) < len(parts):
        return []
    message = (
        f"{len(joined)} different cells of `{column}` look like several labels with spaces between: "
        f"{some([repr(name) for name in joined])}; each is one label here"
    )
    return [Finding("joined_labels", message, joined)]


def _joined(counts: Mapping[str, int], sets: bool) -> list[Finding]:
    """That labels look like several in one: their parts are found in others too, of sets one of them."""
    found, enough = [], any if sets else all
    for mark, word in _MARKS.items():
        parts = {name: [part.strip() for part in name.split(mark)] for name in counts if mark in name}
        there = Counter(part for some in (*parts.values(), *([name] for name in counts)) for part in {*some})
        joined = tuple(
            name for name, some in parts.items() if all(some) and enough(there[part] > 1 for part in some)
        )
        if not joined or 2 * len(joined) < len(parts):
            continue
        what = f"{len(joined)} labels look" if len(joined) > 1 else "1 label looks"
        hint = f"; --set label_separator={word} takes them apart" if sets else ""
        message = f"{what} like several, with a {word} between: {some([repr(name) for name in joined])}; "
        found.append(Finding("joined_labels", f"{message}each is one label here{hint}", joined))
    return found


def counted(group: Sequence[str], counts: Counter[str]) -> str:
    """Names with how often each occurs."""
    return " and ".join(f"{name!r} ({counts[name]})" for name in group)


def some(items: Sequence[str]) -> str:
    """The first few of several, and how many more there are."""
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def in_several_cases(names: Iterable[str], what: str) -> list[Finding]:
    """That some of these names differ in case and spaces only: they stay apart, since some mean it so."""
    together: dict[str, dict[str, None]] = defaultdict(dict)
    for name in names:
        together[" ".join(name.casefold().split())][name] = None
    same = [" and ".join(map(repr, group)) for group in together.values() if len(group) > 1]
    message = f"{len(same)} {what} differ in case or spaces only, and are taken for others: "
    return [Finding("similar_names", message + same[0], tuple(same))] if same else []
