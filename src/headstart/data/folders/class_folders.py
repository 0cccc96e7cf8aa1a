"""Folders that say the class of what is in them, below folders that may say the split or a group.

cats/1.jpg  dogs/deep/2.jpg                 class folders
Training/cats/1.jpg  test_set/dogs/2.jpg    splits of class folders; `seg_train`, `seg_test` too
cats/train/1.jpg  cats/test/2.jpg           splits in each class folder
cats/1.jpg  dogs/2.jpg  test.txt            lists of names that say the splits: `split_lists.py`
2021/cats/1.jpg  2022/cats/2.jpg            groups of class folders, where a person says so

One folder too many, at the top or in a split, is passed through. Whatever is recognised or left out so is a
finding; what is probably no class folder is an error (`doubts.py`).

Notation: n files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import DataError
from ...types import Dropped, Finding, Row
from ..listing import Listing, joined, shown, split_of, unusable, with_unnamed
from ..masks.beside import without_masks
from ..reading import Reading
from ..tables.beside import FILES, naming, read_beside
from ..tables.metadata import metadata_of
from ..tables.records import SUFFIXES
from ..tables.rows import has_all, read_metadata
from . import roles
from .doubts import require_agreement, require_classes, require_no_patients
from .seen import few, seen
from .split_lists import with_lists
from .tree import Node, Wanted, grown

WANTED = "give a folder with one folder of files per class, or with a metadata.csv (file_name,label)"


def read_class_folders(root: Path, reading: Reading, wanted: Wanted | None = None) -> Listing:
    """The rows of a folder in one of the layouts of this page.

    Args:
        root: The data folder.
        reading: What was asked.
        wanted: Could a file be an example? All could where it is not given.

    Raises:
        DataError: there are no class folders, or what looks like them are none.
    """
    top = grown(root, root, wanted)
    if (listing := _named(top, root, reading)) is not None:
        return with_unnamed(listing, root, wanted) if wanted else listing
    node, told = _passed_through(top, root)
    if node is not top:
        told = (*told, *require_agreement(top, root, reading, ""))
        if (listing := _named(node, root, reading)) is not None:
            listing = with_unnamed(listing, root, wanted) if wanted else listing
            return joined([Listing(findings=told), listing])
    _require_no_columns(node, reading)
    node, masks = without_masks(node, root) if wanted else (node, [])
    told = (*told, *require_no_patients(node, masks, root, reading))
    splits = _splits(node, reading)
    if splits:
        listing = _of_splits(node, splits, root, reading)
        if wanted and all(metadata_of(node.path / name) for name in splits):
            listing = with_unnamed(listing, node.path, wanted)
        return joined([Listing(findings=told), listing])
    if roles.FOLDERS.of(reading.options) == roles.GROUPS:
        return joined([Listing(findings=told), _of_groups(node, root, reading)])
    listing = _classes(node, root, reading)
    if wanted and not any(row.split for row in listing.rows):
        listing = with_lists(listing, top, node, root)
    return joined([Listing(findings=told), listing])


def _named(node: Node, root: Path, reading: Reading) -> Listing | None:
    """What a metadata file of a folder names, or a table beside the pictures; None where there is none."""
    if (metadata := metadata_of(node.path)) is None:
        return read_beside(node, root, reading, guessed=_is_flat(node))
    return replace(read_metadata(metadata, root, reading), layout=f"files named in {metadata.name}")


def _require_no_columns(node: Node, reading: Reading) -> None:
    """Raises DataError: columns are mapped, but no table or metadata file has them."""
    if not reading.columns or any(metadata_of(one.path) for one in node.every_node()):
        return
    own = " and ".join(reading.columns.values())
    tables = [path for path in node.files if path.suffix.lower() in SUFFIXES]
    if having := [path.name for path in tables if has_all(path, FILES, reading)]:
        # What is called metadata or a submission says something else, as a rule: `data/tables/beside.py`.
        message = (
            f"{few(having)} has the columns {own}, but a table of such a name is not read beside pictures"
        )
        raise DataError(message, "call it labels.csv")
    raise DataError(
        f"no table beside the folders of `{node.path.name}` has the columns {own}; it holds"
        f" {seen(node.path)}",
        "name columns of a table there, or leave --columns out: the folders are then the classes",
    )


def _is_flat(node: Node) -> bool:
    """Can no folder be a class, so that a table beside them has to say the labels, whatever its columns?"""
    if any(one.folders for one in node.folders):
        return False
    return len(node.folders) < 2 or roles.are_holders([one.name for one in node.folders])


def _passed_through(node: Node, root: Path) -> tuple[Node, tuple[Finding, ...]]:
    """The folder that several folders lie in: data often come in a folder of their own name."""
    start = node
    while (
        len(node.folders) == 1
        and not node.wanted
        and all(other.count or other.files for other in node.nodes)  # an empty folder may be a class, too
        and (node.folders[0].folders or metadata_of(node.folders[0].path))
        and split_of(node.folders[0].name) is None
    ):
        node = node.folders[0]
    if node is start:
        return node, ()
    message = f"all data lie in {shown(node.path, root)}, so the folders in it were read"
    return node, (Finding("folders", message),)


def _splits(node: Node, reading: Reading) -> dict[str, str]:
    """The folders that are splits; a class may be called `test`.

    Raises:
        DataError: a folder is said to be a split that is not there, or it is not clear which are splits.
    """
    nodes = {one.name: one for one in node.nodes}
    asked = dict(roles.SPLIT_FOLDERS.of(reading.options))
    if absent := [name for name in asked if name not in nodes]:
        raise DataError(
            f"--set {roles.SPLIT_FOLDERS.name}: there is no folder {few(absent)} in `{node.path.name}`; it"
            f" holds {seen(node.path)}",
            f"name folders at its top, such as {few(nodes, 2)}",
        )
    if asked or roles.FOLDERS.of(reading.options) != "auto":
        return asked
    found = roles.splits_of([*nodes])
    deep = [name for name in found if nodes[name].folders or metadata_of(nodes[name].path)]
    if not deep:
        return {}
    others = [one for one in node.folders if one.name not in found and one.folders]
    if len(found) == 1 and others and not any(_alike(nodes[deep[0]], one) for one in others):
        raise DataError(
            f"{deep[0]} may be a split or a class: it and {few(x.name for x in others)} hold folders;"
            f" `{node.path.name}` holds {seen(node.path)}",
            f"if all are classes, --set {roles.FOLDERS.name}={roles.CLASSES}; if it is a split, --set"
            f" {roles.SPLIT_FOLDERS.name}={deep[0]}:{found[deep[0]]}",
        )
    return found


def _alike(one: Node, other: Node) -> bool:
    return bool({below.name for below in one.folders} & {below.name for below in other.folders})


def _of_splits(node: Node, splits: Mapping[str, str], root: Path, reading: Reading) -> Listing:
    parts, findings = list[Listing](), require_agreement(node, root, reading, _said(splits))
    for one in node.nodes:
        if one.name in splits:
            parts.append(_of_split(one, root, splits, reading))
        elif one.count:
            message = f"{one.name} ({_files(one.count)}) was not read: no split is called so"
            hint = f"--set {roles.SPLIT_FOLDERS.name}={_typed(splits)},{one.name}:SPLIT reads it"
            findings.append(Finding("not_read", f"{message}; {hint}", (one.name,)))
    said = ", ".join(name if name == split else f"{name} ({split})" for name, split in splits.items())
    loose = _loose(node, root)
    listing = joined([loose, *parts, Listing(findings=tuple(findings))])
    return replace(listing, layout=f"splits {said}")


def _typed(splits: Mapping[str, str]) -> str:
    return ",".join(f"{name}:{split}" for name, split in splits.items())


def _said(splits: Mapping[str, str]) -> str:
    """What names the splits where the rest is not guessed."""
    return f"--set {roles.SPLIT_FOLDERS.name}={_typed(splits)} "


def _of_split(node: Node, root: Path, splits: Mapping[str, str], reading: Reading) -> Listing:
    split = splits[node.name]
    if (metadata := metadata_of(node.path)) is not None:
        return read_metadata(metadata, root, reading, split)
    node, told = _passed_through(node, root)
    if not node.folders and node.count:
        message = (
            f"{shown(node.path, root)} has {_files(node.count)}, but no class folders: they were not read"
        )
        return Listing(findings=(Finding("not_read", message, (node.name,)),))
    listing = _plain(node, root, split, reading)
    odd = require_classes(node, root, reading, _said(splits))
    return joined([Listing(findings=told), listing, Listing(findings=tuple(odd))])


def _of_groups(node: Node, root: Path, reading: Reading) -> Listing:
    """Rows whose group is the folder at the top, so that none of these is on two sides.

    Raises:
        DataError: there are no class folders in one of them.
    """
    flat = [one.name for one in node.folders if one.is_flat]
    if flat or not node.folders:
        raise DataError(
            f"--set {roles.FOLDERS.name}={roles.GROUPS}: {few(flat) or node.path.name} has no class folders",
            "give folders of class folders: 2021/CLASS/1.jpg",
        )
    parts = [(one.name, _plain(one, root, None, Reading())) for one in node.folders]
    grouped = [
        replace(part, rows=tuple(replace(row, group=name) for row in part.rows)) for name, part in parts
    ]
    return replace(joined(grouped), layout=f"groups {few(name for name, _ in parts)} of class folders")


def _classes(node: Node, root: Path, reading: Reading) -> Listing:
    """Class folders without a split, or with the same splits in each of them."""
    _require_no_group(node, reading)
    if not node.folders:
        mapped = [one.mapping for one in naming(node, root)]
        raise DataError(
            f"`{node.path}` has no class folders, only files: it holds {seen(node.path)}",
            f"{mapped[0]} reads the table; or {WANTED}" if mapped else WANTED,
        )
    listing = _plain(node, root, None, reading)
    below = [roles.splits_of([one.name for one in label.folders]) for label in node.folders]
    auto = roles.FOLDERS.of(reading.options) == "auto"
    inner = all(
        found and len(found) == len(label.folders) and not label.wanted and _is_shallow(label)
        for found, label in zip(below, node.folders, strict=True)
    )
    if auto and inner and len({split for found in below for split in found.values()}) > 1:
        return _with_inner_splits(listing, node, below)
    findings = require_classes(node, root, reading)
    return replace(listing, findings=(*listing.findings, *findings), layout="class folders")


def _is_shallow(label: Node) -> bool:
    """Are its folders full of files that nothing else says the classes of?"""
    return all(one.is_flat and metadata_of(one.path) is None for one in label.folders)


def _with_inner_splits(listing: Listing, node: Node, below: Sequence[Mapping[str, str]]) -> Listing:
    splits = {label.name: found for label, found in zip(node.folders, below, strict=True)}

    def split(row: Row) -> str:
        assert isinstance(row.source, Path)
        return splits[row.label][row.source.relative_to(node.path).parts[1]]

    rows = tuple(replace(row, split=split(row)) for row in listing.rows)
    kept = tuple(one for one in listing.findings if one.kind != "nested")
    return replace(listing, rows=rows, findings=kept, layout="class folders with splits in each")


def _plain(node: Node, root: Path, split: str | None, reading: Reading) -> Listing:
    """Each folder is a class."""
    _require_no_group(node, reading)
    parts = [_label(one, root, split) for one in node.folders]
    empty = tuple(f"{one.name} ({_files(len([*one.every()]))})" for one in node.nodes if not one.count)
    findings = [Finding("not_read", f"{few(empty)}: no such files as are learned from", empty)] * bool(empty)
    return joined([_loose(node, root), *parts, Listing(findings=tuple(findings))])


def _require_no_group(node: Node, reading: Reading) -> None:
    if reading.group is not None:
        raise DataError(
            f"there is no column `{reading.group}`: the classes of `{node.path.name}` are folders",
            f"leave the group out, or add a metadata.csv with the columns file_name, label, {reading.group}",
        )


def _label(node: Node, root: Path, split: str | None) -> Listing:
    """The files of one class, and what is odd about its folder."""
    findings = list[Finding]()
    places = Counter(
        path.relative_to(node.path).parts[0] for path in node.every() if path.parent != node.path
    )
    if len(places) + bool(node.wanted) > 1:
        within = [f"{name} {count}" for name, count in places.items()]
        own = [f"directly in it {len(node.wanted)}"] if node.wanted else []
        message = f"{shown(node.path, root)} is one class, with the folders in it: {few([*within, *own])}"
        findings.append(Finding("nested", message, tuple(sorted(places))))
    if roles.is_unlabelled(node.name):
        message = (
            f"{shown(node.path, root)} ({_files(node.count)}) is read as a class; if it is none, take it out"
        )
        findings.append(Finding("unlabelled", message, (node.name,)))
    files = joined(row_of(path, root, node.name, split) for path in node.every())
    return replace(files, findings=tuple(findings))


def _loose(node: Node, root: Path) -> Listing:
    """Files beside the folders; a licence or a read-me is no example, so it is not counted as a lost one."""
    outside = [path for path in node.files if unusable(path, root)]
    dropped = tuple(Dropped(shown(path, root), unusable(path, root) or "") for path in outside)
    loose = [path for path in node.wanted if path not in outside and path.suffix.lower() not in _ABOUT]
    if not loose:
        return Listing(dropped=dropped)
    names = tuple(shown(path, root) for path in loose)
    where = "the class folders" if node.path == root else f"the folders of {shown(node.path, root)}"
    message = (
        f"{_files(len(loose))} beside {where} {'has' if len(loose) == 1 else 'have'} no class: {few(names)}"
    )
    return Listing(dropped=dropped, findings=(Finding("loose", message, names),))


_ABOUT = ("", ".md", ".txt", ".json", ".csv", ".tsv", ".yaml", ".yml", ".xml", ".pdf", ".html")
"""Kinds of files that are about the data."""


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


def row_of(path: Path, root: Path, label: str, split: str | None) -> Listing:
    """A file as a row, or the reason why it must not be opened."""
    name = shown(path, root)
    if reason := unusable(path, root):
        return Listing(dropped=(Dropped(name, reason),), lost=(label,) if label else ())
    return Listing(rows=(Row(name, path, label, split),))
