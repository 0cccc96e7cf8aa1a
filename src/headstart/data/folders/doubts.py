"""Folders that are probably no classes: an error says what was seen, and how to have them read.

Each doubt is a function of the folders that would be classes, which gives what is odd about them and what to
do. Class folders of usual data raise none: those that are called like splits beside others that are not, left
and right, numbers, files that are numbered alike in every folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import DataError
from ...types import Finding
from ..listing import shown, split_of
from ..reading import Reading
from ..tables import beside
from ..tables.metadata import metadata_of
from . import roles, twins
from .seen import few, seen
from .tree import Node

_ANYWAY = f"--set {roles.FOLDERS.name}={roles.CLASSES}"
_METADATA = "write a metadata.csv with the columns file_name,label beside the folders"
_MASKS = "call the folders images and masks, and each mask as its picture (images/1.jpg, masks/1.png)"


class Doubt(NamedTuple):
    """What is odd about the folders, and what to do."""

    message: str
    hint: str


def require_classes(node: Node, root: Path, reading: Reading, said: str = "") -> list[Finding]:
    """What tables and annotations beside class folders say is a finding, unless it contradicts them.

    Args:
        node: Whose folders would be classes.
        root: The data folder.
        reading: What was asked.
        said: What else must be typed for the folders to be read as classes anyway.

    Raises:
        DataError: the folders are probably no classes.
    """
    if roles.FOLDERS.of(reading.options) == roles.CLASSES:
        return []
    tables, other = beside.naming(node, root), beside.annotation_files(node, root)
    folders = node.folders
    doubt = (
        _sets(folders, root)
        or _table(folders, tables)
        or _annotated(folders, other, root)
        or _flat_splits(folders)
        or _masks(folders, root)
        or _shared(folders, root)
        or _versions(folders)
        or _holders(folders)
    )
    if doubt is not None:
        raise _refused(node, doubt, said)
    unread = [*dict.fromkeys([*beside.tables(node, root), *other])]  # JSON may be either
    return [*_unread(unread, root), *_same_names(folders)]


def require_agreement(node: Node, root: Path, reading: Reading, said: str) -> list[Finding]:
    """What tables beside split folders say is a finding, unless it contradicts the class folders in them.

    Args:
        node: Whose folders are splits.
        root: The data folder.
        reading: What was asked.
        said: What else must be typed for the folders in the splits to be read as classes anyway.

    Raises:
        DataError: a table says other labels.
    """
    if roles.FOLDERS.of(reading.options) == roles.CLASSES:
        return []
    inner = [below for one in node.folders for below in one.folders]
    if (doubt := _table(inner, beside.naming(node, root))) is not None:
        raise _refused(node, doubt, said)
    return _unread(beside.tables(node, root), root)


def require_no_patients(node: Node, masks: Sequence[Path], root: Path, reading: Reading) -> list[Finding]:
    """A finding about masks beside pictures, which are no examples of class folders.

    Args:
        node: Whose folders, or those of its splits, would be classes; without the masks.
        masks: Files that are masks of others.
        root: The data folder.
        reading: What was asked.

    Raises:
        DataError: almost all pictures have masks, and folders are numbered, as those of patients are.
    """
    if not masks:
        return []
    splits = [one for one in node.folders if split_of(one.name)]
    holders = splits if len(splits) == len(node.folders) else [node]
    numbered = [one for one in holders if roles.are_numbered([below.name for below in one.folders])]
    if numbered and 10 * len(masks) >= 9 * node.count and roles.FOLDERS.of(reading.options) == "auto":
        names = few(below.name for below in numbered[0].folders)
        raise _refused(
            node,
            Doubt(
                f"{names} are numbered, like patients or films, and most pictures in them have a mask beside"
                f" them, such as {shown(masks[0], root)}",
                "--task segmentation reads the masks",
            ),
            "",
        )
    what = "1 file is a mask of a picture" if len(masks) == 1 else f"{len(masks)} files are masks of pictures"
    message = f"{what} beside, and no example; --task segmentation reads masks"
    return [Finding("masks", message, tuple(shown(path, root) for path in masks))]


def _refused(node: Node, doubt: Doubt, said: str) -> DataError:
    return DataError(
        f"the folders of `{node.path.name}` do not look like classes: {doubt.message}; it holds"
        f" {seen(node.path)}",
        f"{doubt.hint}; if the folders are classes, {said}{_ANYWAY}",
    )


def _unread(files: Sequence[Path], root: Path) -> list[Finding]:
    names = tuple(shown(path, root) for path in files)
    return [Finding("not_read", f"the folders are the classes; {few(names)} was not read", names)] * bool(
        names
    )


def _sets(folders: Sequence[Node], root: Path) -> Doubt | None:
    """Folders that are data sets of their own: with a metadata file, or with masks or annotations."""
    inside = [node for one in folders for node in one.every_node()]
    metadata = [path for node in inside if (path := metadata_of(node.path)) is not None]
    if metadata:
        return Doubt(
            f"{few(shown(path, root) for path in metadata)} say the labels",
            f"give one folder as the data, such as {shown(metadata[0].parent, root)}, or {_METADATA}",
        )
    both = [
        node
        for node in inside
        if any(roles.is_images(one.name) for one in node.folders)
        and any(roles.is_masks(one.name) for one in node.nodes)
    ]
    if not both:
        return None
    names = few(f"{shown(node.path, root)} ({few(one.name for one in node.nodes)})" for node in both)
    return Doubt(
        f"{names} have masks or annotations beside the images",
        f"give one of them as the data, such as {shown(both[0].path, root)}, or move the masks elsewhere",
    )


def _table(folders: Sequence[Node], tables: Sequence[beside.Names]) -> Doubt | None:
    """A table that names the files, and their labels are not the folders."""
    wrong = [one for one in tables if not one.agrees]
    named = [one for one in wrong if one.label is not None or roles.are_holders([x.name for x in folders])]
    if not named:
        return None
    # a table of names alone says nothing: those with labels are what to read
    best = max(named, key=lambda one: (one.label is not None, len(one.columns)))
    return Doubt(
        f"{beside.told(named)}, which say other labels of the files",
        f"{best.advice}; or {_METADATA}",
    )


def _annotated(folders: Sequence[Node], files: Sequence[Path], root: Path) -> Doubt | None:
    """Annotations of boxes or outlines beside folders whose names say nothing."""
    if not files or not roles.are_holders([node.name for node in folders]):
        return None
    return Doubt(
        f"{few(shown(path, root) for path in files)} looks like annotations of boxes or outlines",
        "name the task (--task object_detection, or segmentation) and call the file of COCO"
        " annotations/instances_train.json or train/_annotations.coco.json",
    )


def _flat_splits(folders: Sequence[Node]) -> Doubt | None:
    """Folders called like splits, or cut by number, with pictures directly inside: nothing says a class."""
    names = [node.name for node in folders]
    splits = roles.splits_of(names)
    flat = [node.name for node in folders if node.is_flat]
    if len(flat) == len(folders) > 1 and all(roles.is_fold(name) for name in names):
        return Doubt(f"{few(names)} are called like folds, and hold files directly", _METADATA)
    if parts := [name for name in roles.parts_of(names) if name in flat]:
        return Doubt(f"{few(parts)} are called like parts of one folder, and hold files directly", _METADATA)
    if len(set(splits.values())) < 2 or 2 * len(splits) <= len(folders) or not set(splits) <= set(flat):
        return None
    return Doubt(
        f"{few(splits)} are called like splits, and hold files directly instead of class folders",
        f"put the files into class folders (train/CLASS/1.jpg), or {_METADATA}",
    )


def _masks(folders: Sequence[Node], root: Path) -> Doubt | None:
    """Pictures, and the masks of the same pictures."""
    for masks in folders:
        for pictures in folders:
            named = roles.is_masks(masks.name) and roles.is_images(pictures.name)
            if named and twins.have_equal_names([pictures, masks], marked=True):
                return Doubt(f"{masks.name} has a file for each one of {pictures.name}, like masks", _MASKS)
    if len(folders) == 2 and twins.have_equal_names(folders, marked=True):
        for one, other in (folders, folders[::-1]):
            if one.count == other.count and twins.second_are_masks(one, other, root):
                return Doubt(
                    f"{other.name} has a picture of few values for each one of {one.name}, like masks", _MASKS
                )
    return None


def _shared(folders: Sequence[Node], root: Path) -> Doubt | None:
    """The same folders in each of the folders: those below are classes, and these splits, folds or years."""
    own = {node.name.lower() for node in folders}
    for node in folders:
        again = [below.name for below in node.folders if below.name.lower() in own - {node.name.lower()}]
        if len(again) > 1:
            return Doubt(
                f"{node.name} holds {few(again)} again, as the folders beside it are called, like a copy",
                f"take {node.name} out, or give it alone as the data",
            )
    counts = Counter(below.name for node in folders for below in node.folders)
    shared = [name for name, count in counts.items() if count > 1 and 2 * count >= len(folders)]
    if len(shared) < 2:
        return None
    names = [node.name for node in folders]
    if len(set(roles.splits_of(shared).values())) > 1:
        held = f"{few(names)} hold the splits {few(shared)}, with folders in them, like several data sets"
        masks = [node.name for node in folders if twins.look_like_masks([*node.every_wanted()], root)]
        if masks and len(masks) < len(names):
            return Doubt(f"{held}, and the pictures of {few(masks)} look like masks", _MASKS)
        return Doubt(held, f"give one of them as the data, such as {names[0]}")
    example = ",".join(f"{name}:{split}" for name, split in zip(names, ("train", "test"), strict=False))
    within = few(node.name for node in folders if node.folders)
    return Doubt(
        f"{within} hold folders of the same names ({few(sorted(shared))})",
        f"if they are splits, --set {roles.SPLIT_FOLDERS.name}={example}; if they are folds, years or"
        f" patients, --set {roles.FOLDERS.name}={roles.GROUPS}; if they are versions of the same files, give"
        f" one of them as the data",
    )


def _versions(folders: Sequence[Node]) -> Doubt | None:
    """Several versions of the same pictures."""
    names = [node.name for node in folders]
    if len(folders) < 2:
        return None
    versions = roles.are_versions(names) and twins.have_equal_names(folders, marked=True)
    paired = roles.are_pair(names) and twins.have_equal_names(folders, marked=True)
    if not versions and not (paired and not all(twins.are_numbered(node) for node in folders)):
        return None
    return Doubt(
        f"{few(names)} hold files of the same names, like pairs or versions of one picture",
        f"give one of them as the data, with class folders in it, or {_METADATA}",
    )


def _same_names(folders: Sequence[Node]) -> list[Finding]:
    """The same names in all classes may be pictures of the same thing, which then is in several splits."""
    alike = len(folders) > 1 and twins.have_equal_names(folders)
    if not alike or all(twins.are_numbered(node) for node in folders):
        return []
    message = "all class folders hold files of the same names; if those belong together, name a group"
    return [Finding("same_names", f"{message}: --group, with a metadata.csv", ())]


def _holders(folders: Sequence[Node]) -> Doubt | None:
    """Only folders whose names say that there are pictures."""
    names = [node.name for node in folders]
    if not names or not roles.are_holders(names):
        return None
    return Doubt(
        f"{few(names)} {'say' if len(names) > 1 else 'says'} nothing about a class",
        f"put the files into one folder per class, or {_METADATA}",
    )
