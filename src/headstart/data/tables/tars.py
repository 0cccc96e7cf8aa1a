"""Folders of tar archives that hold examples, as WebDataset reads them.

train-000000.tar  train-000001.tar  test-000000.tar     splits by name
train/000000.tar  test/000000.tar  classnames.txt       splits by folder; names of classes by their number

In an archive all files of one example share their name up to its first dot: `0001.jpg` with `0001.cls`, the
number or name of its class, or with `0001.json`, an object whose keys are as columns of a table. `--columns`
says which ending or key is meant: `file_name=left.jpg,label=species`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import DataError
from ...types import Dropped, Finding, Row
from ..listing import SPLITS, Listing, entries, is_hidden, joined, shown, split_of, unusable
from ..reading import Reading
from .column_names import USUAL, plain
from .members import SUFFIX, Member, members, name_of
from .rows import FILES, read_rows

Tars = list[tuple[Path, str | None]]
Wanted = Callable[[Path], bool]
_Sample = dict[str, Member]
"""The files of one example by the ends of their names."""

NAMES = "classnames.txt"
_CLASSES = ("cls", "cls.txt", "label", "label.txt")
_KEYS = "json"
_LOOKED_AT = 64
"""Members that tell whether an archive holds examples."""
_LONGEST = 2**20
"""Bytes of a file that says a class, or keys."""
_SHOWN = 10


def tars_of(root: Path, wanted: Wanted) -> Tars:
    """The archives of a folder and their splits; none where the first of them holds no wanted file."""
    found = _tars(root)
    if not found:
        folders = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
        found = [(path, split_of(one.name) or split) for one in folders for path, split in _tars(one)]
    for path, _ in found:
        some = [one for one in islice(members(path, root), _LOOKED_AT) if isinstance(one, Member)]
        if some:
            return found if any(map(wanted, some)) else []
    return []


def read_tars(found: Tars, root: Path, reading: Reading, wanted: Wanted) -> Listing:
    """The examples of these archives with their labels; each is called by its archive and its name in it.

    Raises:
        DataError: no example has a label, or none has the key that groups them.
    """
    known, dropped = _with_split(found, root)
    seen = _Seen(root, reading, wanted, _class_names(root))
    parts = [Listing(dropped=tuple(dropped)), *(seen.listing(known, split) for split in (None, *SPLITS))]
    findings = [Finding("classes", f"classes are called as {NAMES} says")] * bool(seen.names)
    listing = joined([*parts, Listing(findings=tuple(findings))])
    if not listing.rows:
        raise seen.refused(listing)
    if reading.group is not None and not any(row.group for row in listing.rows):
        raise DataError(
            f"no .json in the archives of `{root.name}` has the key `{reading.group}`",
            seen.keys_hint("group"),
        )
    return replace(listing, layout=f"{len(known)} tar archives of examples")


def read_tar_heap(found: Tars, root: Path, wanted: Wanted) -> Listing:
    """The wanted files of these archives, without labels."""
    rows, dropped = list[Row](), list[Dropped]()
    for path, split in found:
        for one in members(path, root):
            if isinstance(one, Dropped):
                dropped.append(one)
            elif not is_hidden(one) and wanted(one):
                rows.append(Row(name_of(one, root), one, "", split))
    return Listing(tuple(rows), tuple(dropped))


@dataclass
class _Seen:
    """What is read of all archives, and how."""

    root: Path
    reading: Reading
    wanted: Wanted
    names: Sequence[str]
    """Of classes, by number."""
    keys: dict[str, None] = field(default_factory=dict)
    """Of the first objects."""

    def listing(self, found: Tars, split: str | None) -> Listing:
        """The examples of the archives of one split."""
        files, cells, dropped = dict[str, Member](), list[tuple[str, object, object]](), list[Dropped]()
        for path in (path for path, own in found if own == split):
            samples, broken = _samples(path, self.root)
            dropped += broken
            for key, sample in samples.items():
                try:
                    member, label, group = self._read(sample)
                except DataError as error:
                    dropped.append(Dropped(f"{shown(path, self.root)}/{key}", error.message))
                    continue
                name = name_of(member, self.root)
                files[name] = member
                cells.append((name, label, group))
        if not cells:
            return Listing(dropped=tuple(dropped))
        listing = read_rows(
            _frame(cells, self.reading.group),
            FILES,
            lambda row, name: (name, files[name], None),
            replace(self.reading, columns={}),
            split or "train",  # so that no column is taken for one of splits
        )
        if split is None:
            listing = replace(listing, rows=tuple(replace(row, split=None) for row in listing.rows))
        return joined([listing, Listing(dropped=tuple(dropped))])

    def _read(self, sample: _Sample) -> tuple[Member, object, object]:
        """The example itself, and the cells of its label and its group; DataError where it has none."""
        member = self._example(sample)
        keys = _object(sample[_KEYS]) if _KEYS in sample else {}
        if len(self.keys) < _SHOWN:
            self.keys.update(dict.fromkeys(keys))
        return member, self._label(sample, keys), keys.get(self.reading.group or "")

    def _example(self, sample: _Sample) -> Member:
        asked = self.reading.columns.get(FILES[0])
        if asked is not None:
            if asked not in sample:
                raise DataError(f"it has no .{asked}", "")
            return sample[asked]
        said = (*_CLASSES, _KEYS)
        some = {end: one for end, one in sample.items() if end not in said and self.wanted(one)}
        plainly = [end for end in some if "." not in end] if len(some) > 1 else [*some]
        if len(plainly) != 1:
            ends = ", ".join(f".{end}" for end in (some or sample))
            what = (
                f"any of {ends} may be meant; --columns file_name=END says which" if some else f"only {ends}"
            )
            raise DataError(what, "")
        return some[plainly[0]]

    def _label(self, sample: _Sample, keys: dict[str, Any]) -> object:
        asked = self.reading.columns.get(FILES[1])
        for end in _CLASSES if asked is None else (asked,):
            if end in sample:
                return self._named(_content(sample[end]).decode("utf-8", "surrogateescape").strip())
        if asked is not None or FILES[1] in keys:
            return self._named(keys.get(asked or FILES[1]))
        usual = [key for key in keys if plain(key) in USUAL[FILES[1]]]
        if len(usual) > 1:
            raise DataError(f"any of {', '.join(usual)} may be its class; --columns label=KEY says which", "")
        return self._named(keys[usual[0]]) if usual else None

    def _named(self, label: object) -> object:
        """A class by its name, where numbers have names."""
        if not self.names or not str(label).isdecimal():
            return label
        number = int(str(label))
        if number >= len(self.names):
            raise DataError(f"its class is {number}, and {NAMES} has {len(self.names)} lines from 0", "")
        return self.names[number]

    def refused(self, listing: Listing) -> DataError:
        """The error where nothing has a label."""
        first = listing.dropped[0] if listing.dropped else None
        said = f"; the first left out: {first.file} ({first.reason})" if first else ""
        return DataError(
            f"none of the examples in the archives of `{self.root.name}` can be used{said}",
            self.keys_hint(FILES[1]),
        )

    def keys_hint(self, name: str) -> str:
        """What to do where a label or group is missing."""
        if self.keys:
            how = f"--columns {name}=KEY" if name in FILES else f"--{name} KEY"
            return f"the .json have the keys {', '.join([*self.keys][:_SHOWN])}: {how} says which is meant"
        return 'put NAME.cls (its class) or NAME.json ({"label": …}) beside each NAME.jpg in the archives'


def _tars(folder: Path) -> Tars:
    """The archives that lie directly in a folder, with the splits that their names say."""
    found = [path for path in entries(folder) if path.suffix.lower() == SUFFIX]
    return [(path, _split_in(path.stem)) for path in found if not unusable(path, folder)]


def _split_in(stem: str) -> str | None:
    """The one split that the words of a name say: `train-000012`, `imagenet-val-{n}`."""
    said = {split for word in re.split(r"[\W_]+", stem) if (split := split_of(word))}
    return said.pop() if len(said) == 1 else None


def _with_split(found: Tars, root: Path) -> tuple[Tars, list[Dropped]]:
    """Without archives that say no split where others say one."""
    if not any(split for _, split in found):
        return found, []
    reason = "its name and folder say no split, and those of others do"
    bare = [Dropped(shown(path, root), reason) for path, split in found if split is None]
    return [one for one in found if one[1]], bare


def _samples(archive: Path, root: Path) -> tuple[dict[str, _Sample], list[Dropped]]:
    """The examples of one archive by what their files share of their names."""
    samples, dropped = dict[str, _Sample](), list[Dropped]()
    for one in members(archive, root):
        if isinstance(one, Dropped):
            dropped.append(one)
            continue
        path = PurePosixPath(one.relative_to(archive).as_posix())
        stem, _, end = path.name.partition(".")
        if is_hidden(one) or not end:
            continue  # what a Mac leaves, or a README: no file of an example
        files = samples.setdefault((path.parent / stem).as_posix(), {})
        if end.lower() in files:
            dropped.append(Dropped(name_of(one, root), "another file of this name comes before it"))
        else:
            files[end.lower()] = one
    return samples, dropped


def _content(member: Member) -> bytes:
    if member.size > _LONGEST:
        raise DataError(f"{member.name} has {member.size} bytes, at most {_LONGEST} are read", "")
    try:
        return member.read_bytes()
    except OSError as error:
        raise DataError(f"{member.name}: {error.strerror}", "") from error


def _object(member: Member) -> dict[str, Any]:
    try:
        found = json.loads(_content(member))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{member.name} is no JSON: {error}", "") from error
    if not isinstance(found, dict):
        raise DataError(f"{member.name} is no JSON object", "")
    return found


def _class_names(root: Path) -> list[str]:
    path = root / NAMES
    if unusable(path, root):
        return []
    return [line.strip() for line in path.read_text("utf-8", "replace").splitlines()]


def _frame(cells: Iterable[tuple[str, object, object]], group: str | None) -> Any:
    import pandas as pd

    names = [*FILES, group or ""]
    columns = zip(names, zip(*cells, strict=True), strict=True)
    return pd.DataFrame({name: pd.Series(list(column), dtype=object) for name, column in columns if name})
