"""Layouts of pairs: a source text, and a target text that is its answer.

data.csv|tsv|jsonl|parquet                  columns source, target, and perhaps split and a group
train.csv  val.csv  test.csv                a folder of such files, one for each split
train.en  train.de  val.en  val.de  ...     one text a line; line i of one file is the answer to line i
                                            of the other; `test_2016.en` and `test_2017.en` are both test
"""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path

from ...errors import DataError
from ...types import Dropped, Named, Row
from .. import layouts
from ..listing import Listing, entries, joined, split_of, unusable
from ..reading import PLAIN, Reading
from ..strings import encoded, examine_text, lines
from ..tables.records import TABLES
from ..tables.rows import is_table
from ..tables.splits import split_tables
from ..tabular import Tabular
from .layouts import letters, looks_like_texts

COLUMNS = ("source", "target")
_WANTED = "give a CSV file with the columns source and target, or line-aligned files like train.en, train.de"
_LANGUAGE = re.compile(r"\.[A-Za-z]{2,3}([-_][A-Za-z]{2,8})*")
_NO_LANGUAGE = {
    *TABLES,
    ".txt",
    ".md",
    ".rst",
    ".log",
    ".zip",
    ".gz",
    ".bz2",
    ".xz",
    ".tar",
    ".tgz",
    ".pdf",
}


PAIRS = Tabular(COLUMNS, _WANTED)


def read_pairs(data: Named, reading: Reading = PLAIN) -> Listing:
    """The rows of a file, folder or DataFrame of pairs; `Row.label` is the target text.

    The languages of line-aligned files are named like columns: `{"source": "en", "target": "de"}`.

    Raises:
        DataError: there is no such layout here, a file cannot be read, a column or language is missing, or
            two files do not have the same number of lines.
    """
    listing = PAIRS.find(data, reading)
    if listing is not None:
        return listing
    return _aligned(layouts.existing_folder(layouts.existing(data)), reading)


def looks_like_pairs(data: Named, reading: Reading = PLAIN) -> bool:
    """Is this a layout of pairs, and not of labelled texts? Reads headers and names of files only."""
    if {"text", "label"} & set(reading.columns) or looks_like_texts(data, reading):
        return False
    if is_table(data) or (path := layouts.existing(data)).is_file() or split_tables(path):
        return PAIRS.claims(data, reading)
    trained = [languages for stem, languages in _by_stem(path).items() if _split(stem) == "train"]
    return any(len(languages) > 1 for languages in trained)


def _aligned(root: Path, reading: Reading) -> Listing:
    by_stem = _by_stem(root)
    source, target = _languages(root, by_stem, reading)
    if reading.group is not None:
        raise DataError(
            f"there is no column `{reading.group}`: line-aligned files have no columns",
            "leave the group out, or give a table with the columns source, target and the group",
        )
    found = []
    for stem, files in by_stem.items():
        if source in files and target in files:
            found.append(_lines(files[source], files[target], _split(stem)))
        elif source in files or target in files:
            there, missing = (source, target) if source in files else (target, source)
            reason = f"there is no {stem}.{missing} beside it"
            found.append(Listing(dropped=(Dropped(files[there].name, reason),)))
    return joined(found)


def _by_stem(root: Path) -> dict[str, dict[str, Path]]:
    """By name without its end, by language, the files of a folder that are named like a split."""
    found: dict[str, dict[str, Path]] = {}
    for path in entries(root):
        suffix = path.suffix
        language = _LANGUAGE.fullmatch(suffix) and suffix.lower() not in _NO_LANGUAGE
        if language and _split(path.stem) and unusable(path, root) is None:
            found.setdefault(path.stem, {})[suffix[1:]] = path
    return found


def _split(stem: str) -> str | None:
    return split_of(re.split(r"[_.]", stem)[0])


def _languages(root: Path, by_stem: dict[str, dict[str, Path]], reading: Reading) -> tuple[str, str]:
    known = sorted({language for files in by_stem.values() for language in files})
    if not known:
        kinds = ", ".join(layouts.suffixes(root))
        raise DataError(f"expected pairs of texts, but `{root}` holds none: only {kinds}", _WANTED)
    asked = [reading.columns.get(name) for name in COLUMNS]
    for name, language in zip(COLUMNS, asked, strict=True):
        if language is None or language not in known:
            what = "does not say which is the source and which the target"
            said = f"has no {name} `{language}`" if language else what
            example = known if len(known) > 1 else [*known, "LANGUAGE"]
            raise DataError(
                f"`{root.name}` {said}; its languages are: {', '.join(known)}",
                f"name both: --columns source={example[0]},target={example[1]}",
            )
    source, target = map(str, asked)
    if source == target:
        raise DataError(
            f"source and target are both `{source}`; expected two of: {', '.join(known)}",
            "name two different ones: --columns source=X,target=Y",
        )
    return source, target


def _lines(source: Path, target: Path, split: str | None) -> Listing:
    """The pairs of two files; those that cannot be used are dropped."""
    rows, dropped = list[Row](), list[Dropped]()
    counts = [0, 0]
    for one, other in zip_longest(lines(source), lines(target)):
        counts[0] += one is not None
        counts[1] += other is not None
        if one is None or other is None:
            continue
        name = f"{source.name} line {one[0]}"
        answer = encoded(other[1])
        reason = "empty" if not one[1].strip() else None
        if reason is None and (why := examine_text(answer)):
            reason = f"target: {why}"
        if reason is None:
            rows.append(Row(name, encoded(one[1]), other[1], split))
        else:
            dropped.append(Dropped(name, reason))
    if counts[0] != counts[1]:
        raise DataError(
            f"`{source.name}` has {counts[0]:,} lines and `{target.name}` {counts[1]:,}; "
            "expected as many: line i of one is the answer to line i of the other",
            "find the line that is missing or that was broken in two",
        )
    return Listing(tuple(rows), tuple(dropped), (*letters(source), *letters(target)))
