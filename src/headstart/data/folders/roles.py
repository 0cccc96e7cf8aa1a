"""What people call the folders of a data set that are no classes, and how a person says what they are.

Names are compared in lower case, without spaces, underscores, hyphens and dots, and without a number at
the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...options import Option, choice
from ..listing import SPLITS, split_of

CLASSES, GROUPS = "classes", "groups"


def _typed_splits(text: str) -> Mapping[str, str]:
    found = {}
    for part in text.split(","):
        name, _, written = part.rpartition(":")
        split = split_of(written)
        if not name.strip() or split is None:
            raise ValueError(f"expected FOLDER:SPLIT, where SPLIT is one of {', '.join(SPLITS)}")
        found[name.strip()] = split
    return found


SPLIT_FOLDERS: Option[Mapping[str, str]] = Option(
    "splits", "Folders that are splits: NAME:train,NAME:test (recognised by their names).", {}, _typed_splits
)
FOLDERS = choice(
    "folders",
    "What the top folders are where splits do not say: classes, or groups (folds, years, patients) of class"
    " folders that are never torn apart (auto).",
    "auto",
    ("auto", CLASSES, GROUPS),
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IMAGES = _words("images image imgs img pictures photos jpegimages frames rgb input inputs")
_MASKS = _words(
    "masks mask gt gts groundtruth seg segs segmentation segmentations segmentationclass label labels"
    " annotations annotation annot trimaps labelimages maskimages manual 1stmanual 2ndmanual"
)
_DERIVED = _words(
    "original originals raw augmented augmentation aug resized cropped crops processed preprocessed enhanced"
    " denoised grayscale greyscale color colour"
)
_PAIRED = (
    "a b | left right | input target | inputs targets | source target | before after | low high | lr hr"
    " | sketch photo | sketches photos | blurred sharp | blur sharp | noisy clean | real rendered | x y"
)
_HOLDERS = _words("data dataset all files downloads pics jpg jpeg jpegs png pngs")
_UNLABELLED = _words(
    "unlabeled unlabelled unsup unsupervised unknown unsorted unclassified unannotated uncategorized"
    " uncategorised nolabel nolabels todo tolabel"
)
_GRADES = _words("class category grade stage level type score label cls rating group cluster birads kl phase")
_FOLD = re.compile(
    r"(?:(.*)[ _.-])?(?:k?folds?|cv|splits?|subsets?|shards?|chunks?|batch(?:es)?|parts?)[ _.-]*[0-9]+",
    re.IGNORECASE,
)
OF_MASK = "masks?|segs?|segm|segmentations?|gt|ground_?truth|labels?|labell?ed|annotations?|annotated|trimap"
"""What the name of a mask begins or ends with, as a pattern."""
_MARK = f"{OF_MASK}|images?|img|sat"
_MARKS = re.compile(rf"^(?:{_MARK})(?:[ _.-]+|(?=[0-9]))|[ _.-]+(?:{_MARK})$", re.IGNORECASE)
_VERSION = "aug|augmented|resized|cropped|crop|processed|gr[ae]y|left|right|lr|hr|[lrab]"
_VERSIONS = re.compile(rf"^(?:{_VERSION})[ _.-]+|[ _.-]+(?:{_VERSION})[ _.-]*[0-9]*$", re.IGNORECASE)


def unmarked(stem: str, version: bool = False) -> str:
    """The name of a mask, or of its picture, without what says which it is: `mask_1` and `img_1` are 1.

    Args:
        stem: The name of a file without its suffix.
        version: What names a version of a picture is left out, too: `1_aug3`, `right_1`.
    """
    found = _MARKS.sub("", stem) or stem
    return (_VERSIONS.sub("", found) or found) if version else found


def plain(name: str) -> str:
    """A name as names are compared here."""
    return re.sub(r"[ _.-]+", "", name.strip().lower()).rstrip("0123456789") or name


def is_images(name: str) -> bool:
    """Is it what people call a folder of pictures, of whatever class?"""
    return plain(name) in _IMAGES


def is_masks(name: str) -> bool:
    """Is it what people call a folder of masks?"""
    return plain(name) in _MASKS


def are_numbered(names: Sequence[str]) -> bool:
    """Has each of these a number in it, as patients, films and cases have; but not `grade_1`, `grade_2`?"""
    return len(names) > 1 and all(re.search(r"[0-9]", name) and plain(name) not in _GRADES for name in names)


def is_holder(name: str) -> bool:
    """Does the name say only that there are data, or pictures, or a part of them?"""
    return plain(name) in _IMAGES | _HOLDERS or is_fold(name) or split_of(name) is not None


def is_fold(name: str) -> bool:
    """A part of the data that was cut by number."""
    match = _FOLD.fullmatch(name.strip())
    return match is not None and match[1] is None


def parts_of(names: Sequence[str]) -> list[str]:
    """The folders that are parts of one thing, since only their numbers differ: `photos_part_1`, `_part_2`.

    What is called `part_1` alone may be a class beside others (`is_fold`).
    """
    by_start: dict[str, list[str]] = {}
    for name in names:
        if (match := _FOLD.fullmatch(name.strip())) is not None and match[1]:
            by_start.setdefault(plain(name), []).append(name)
    return [name for alike in by_start.values() if len(alike) > 1 for name in alike]


def are_holders(names: Sequence[str]) -> bool:
    """Do the names of all these folders say no more than that there are data, or parts of them?"""
    parts = parts_of(names)
    return all(name in parts or is_holder(name) for name in names)


def is_unlabelled(name: str) -> bool:
    """Does the name say that nobody has said what these are?"""
    return plain(name) in _UNLABELLED


def are_versions(names: Sequence[str]) -> bool:
    """Are these what people call several versions of the same pictures?"""
    return len(names) > 1 and all(plain(name) in _DERIVED | _IMAGES for name in names)


def are_pair(names: Sequence[str]) -> bool:
    """Are these two sides of pairs, perhaps? They may be classes as well."""
    return any({plain(name) for name in names} == _words(pair) for pair in _PAIRED.split("|"))


def splits_of(names: Sequence[str]) -> dict[str, str]:
    """The folders that are named like splits, and those that differ in that only: `seg_train`, `seg_test`."""
    found = {name: split for name in names if (split := split_of(name)) is not None}
    by_prefix: dict[str, dict[str, str]] = {}
    for name in names:
        for match in re.finditer(r"[ _.-]+", name):
            if name not in found and (split := split_of(name[match.end() :])) is not None:
                by_prefix.setdefault(name[: match.start()].lower(), {})[name] = split
    for alike in by_prefix.values():
        if len(set(alike.values())) > 1:
            found |= alike
    return found
