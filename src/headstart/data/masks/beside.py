"""Masks that lie beside their pictures, in one folder: what says which file is the mask of which.

1.png  1_mask.png                           also `-labelled`, `_seg`, `_gt`, … and `1_sat.jpg`, `1_mask.png`
train/1.jpg  train/1_mask.png               split folders
patient_1/1.tif  patient_1/1_mask.tif       any folders; if they are numbered, each is a group

Notation: n files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...types import Dropped, Finding
from ..folders import roles, twins
from ..folders.seen import few
from ..folders.tree import Node, grown
from ..images.decode import looks_like_image
from ..listing import Listing, entries, joined, shown, split_of, unusable
from ..reading import PLAIN, Reading
from .class_names import read_class_names
from .rows import Pair, rows_of

_MASK = re.compile(
    rf"(.+?)[ _.-]+(?:{roles.OF_MASK})(?:[ _.-]*[0-9]+)?|(?:{roles.OF_MASK})[ _.-]+(.+)", re.IGNORECASE
)
_LEAST_GROUPS = 5
"""Fewer folders than this cannot be dealt out to three splits."""


def masks_beside(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """The files of one folder that are named as the mask of another one there, by that, in O(n)."""
    named = {path: match[1] or match[2] for path in paths if (match := _MASK.fullmatch(path.stem))}
    by_stem, by_name = dict[str, list[Path]](), dict[str, list[Path]]()
    for path in paths:
        by_stem.setdefault(path.stem, []).append(path)
        if path not in named:
            by_name.setdefault(roles.unmarked(path.stem), []).append(path)
    found = dict[Path, list[Path]]()
    for path, stem in named.items():
        pictures = [one for one in by_stem.get(stem, []) if one not in named] or by_name.get(stem, [])
        if len(pictures) == 1:
            found.setdefault(pictures[0], []).append(path)
    return found


def without_masks(node: Node, root: Path) -> tuple[Node, list[Path]]:
    """A folder without the masks of pictures beside them, and these; they look like masks, too."""
    masks = [path for several in _pairs_of(node, root).values() for path in several]
    below = [without_masks(one, root) for one in node.nodes]
    every = [*masks, *(path for _, found in below for path in found)]
    if not every:
        return node, []
    out = set(masks)
    files = tuple(path for path in node.files if path not in out)
    wanted = tuple(path for path in node.wanted if path not in out)
    return Node(node.path, files, wanted, tuple(one for one, _ in below)), every


def has_masks_beside(root: Path, deep: bool = True) -> bool:
    """Are there pictures with masks beside them?

    Args:
        root: The data folder.
        deep: In any folder; else at the top and in split folders only, since others may be classes.
    """
    if deep:
        return any(_pairs_of(node, root) for node in grown(root, root, looks_like_image).every_node())
    folders = [path for path in entries(root) if path.is_dir() and not path.is_symlink()]
    places = [root, *(path for path in folders if split_of(path.name))]
    return any(_pairs_of(_flat(place, root), root) for place in places)


def _flat(folder: Path, root: Path) -> Node:
    """A folder without the folders in it."""
    inside = tuple(path for path in entries(folder) if not unusable(path, root))
    named = any(_MASK.fullmatch(path.stem) for path in inside)  # else nothing need be opened
    return Node(folder, inside, tuple(path for path in inside if named and looks_like_image(path)), ())


def _pairs_of(node: Node, root: Path) -> dict[Path, list[Path]]:
    """Pictures with files that are named as their masks, and look like masks."""
    found = masks_beside(node.wanted)
    masks = [path for several in found.values() for path in several]
    return found if twins.look_like_masks(masks, root) else {}


def read_masks_beside(root: Path, reading: Reading = PLAIN) -> Listing:
    """The rows of a folder in one of the layouts of this page; a picture with several masks is left out.

    Raises:
        DataError: the values of the masks are no classes, or the names of these cannot be used.
    """
    pairs, dropped = list[Pair](), list[Dropped]()
    for node in grown(root, root, looks_like_image).every_node():
        found = _pairs_of(node, root)
        masks = {path for several in found.values() for path in several}
        parts = node.path.relative_to(root).parts
        split = split_of(parts[0]) if parts else None
        for picture in node.wanted:
            name, several = shown(picture, root), found.get(picture, [])
            if len(several) == 1:
                pairs.append(Pair(picture, several[0], split))
            elif several:
                told = few(path.name for path in several)
                dropped.append(Dropped(name, f"it has several masks, which are not joined: {told}"))
            elif picture not in masks:
                dropped.append(Dropped(name, unusable(picture, root) or "no mask of its name beside it"))
    listing = rows_of(list(_grouped(pairs)), root, read_class_names(root), reading)
    groups = sorted({row.group for row in listing.rows if row.group})
    message = f"the pictures of one folder stay together: {few(groups, 3)}"
    findings = (Finding("folders", message, tuple(groups)),) if groups else ()
    return joined([listing, Listing(dropped=tuple(dropped), findings=findings)])


def _grouped(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Pairs whose group is their folder, where the folders are numbered, as patients and films are."""
    folders = {pair.image.parent for pair in pairs}
    grouped = len(folders) >= _LEAST_GROUPS and roles.are_numbered([path.name for path in folders])
    for pair in pairs:
        yield replace(pair, group=pair.image.parent.name) if grouped else pair
