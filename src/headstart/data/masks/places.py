"""Where the folders of images and of their masks are, and which mask file is that of which image.

images  masks                               also `imgs`, `1st_manual`, `gt`, … (`data/folders/roles.py`)
train/images  train/masks                   in split folders
train  train_masks  val  val_masks          a folder, and one called so with a word for masks
images  annotations/trimaps                 one folder deeper, where it is the only one with masks
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...options import Option
from ..folders import roles
from ..listing import entries, files, split_of
from .files import LOSSY, SUFFIXES

FOLDER: Option[str] = Option(
    "mask_folder", "name of the folder with the masks, where several lie beside the images", "", str
)


@dataclass(frozen=True)
class Place:
    """A folder of images, the folder of their masks, and where lists say their splits."""

    images: Path
    masks: Path
    lists: Path | None
    split: str | None = None
    others: tuple[Path, ...] = ()
    """Further folders of masks of the same images."""


def places(root: Path, chosen: str = "") -> list[Place]:
    """The folders of a data set; `chosen` is what the folder of masks is called, where that was said."""
    if is_folder(root / "JPEGImages") and is_folder(root / "SegmentationClass") and not chosen:
        lists = root / "ImageSets" / "Segmentation"
        there = lists if is_folder(lists.parent) and is_folder(lists) else None
        return [Place(root / "JPEGImages", root / "SegmentationClass", there)]
    if found := _images_and_masks(root, root, None, chosen):
        return found
    splits = [(folder, split) for folder in folders(root) if (split := split_of(folder.name))]
    found = [place for folder, split in splits for place in _images_and_masks(folder, None, split, chosen)]
    return found or list(_named_after(root))


def is_folder(path: Path) -> bool:
    """Is it a folder, and no link to one?"""
    return path.is_dir() and not path.is_symlink()


def folders(folder: Path) -> list[Path]:
    """The folders in a folder."""
    return [path for path in entries(folder) if is_folder(path)]


def is_mask(path: Path) -> bool:
    """Has the file a name that a mask may have?"""
    return path.suffix.lower() in (*SUFFIXES, *LOSSY)


def stem_in(path: Path, folder: Path) -> str:
    """The path of a file in a folder, without suffix."""
    return path.relative_to(folder).with_suffix("").as_posix()


def _images_and_masks(folder: Path, lists: Path | None, split: str | None, chosen: str) -> list[Place]:
    """Folders that are called so; of several, those whose masks are named as the images."""
    there = folders(folder)
    images = [path for path in there if roles.is_images(path.name)]
    images.sort(key=lambda path: path.name.lower() != "images")
    wanted = [path for path in there if (path.name == chosen if chosen else roles.is_masks(path.name))]
    masks = [path for path in wanted if any(map(is_mask, files(path)))]
    if not images or not masks:
        return []
    masks.sort(key=lambda path: "mask" not in path.name.lower())
    found = [Place(*_deeper(images[0], path), lists, split) for path in masks]
    first, *others = [place for place in found if _goes_together(place)] or found[:1]
    return [Place(first.images, first.masks, lists, split, tuple(place.masks for place in others))]


def _named_after(root: Path) -> Iterator[Place]:
    """Folders beside one that is called so with a word for masks, in O(n): `train`, `train_masks`."""
    there = folders(root)
    bare = {re.sub(r"[ _.-]+(?:images?|imgs?)$", "", path.name.lower()): path for path in reversed(there)}
    for masks in there:
        name = masks.name.lower()
        cuts = [(name[:cut], name[cut:]) for cut in range(1, len(name))]
        for called, mark in [*cuts, *((end, start) for start, end in cuts)]:
            images, word = bare.get(called), mark.strip(" _.-")
            if images is None or not word or not roles.is_masks(word):
                continue
            if any(map(is_mask, files(masks))) and any(map(is_mask, entries(images))):
                yield Place(images, masks, root, split_of(called))


def _deeper(images: Path, masks: Path) -> tuple[Path, Path]:
    """The only folder with such files in each of the two, unless it says a split, or both have the same."""
    inner = [path.name for path in folders(images)]
    deep_masks = _only(masks)
    if deep_masks is None or deep_masks.name in inner:
        return images, masks
    return (_only(images) or images), deep_masks


def _only(folder: Path) -> Path | None:
    if any(map(is_mask, entries(folder))):
        return None
    found = [path for path in folders(folder) if any(map(is_mask, files(path)))]
    return found[0] if len(found) == 1 and split_of(found[0].name) is None else None


def _goes_together(place: Place) -> bool:
    images = {stem_in(path, place.images): [path] for path in files(place.images)}
    masks = {stem_in(path, place.masks): [path] for path in files(place.masks) if is_mask(path)}
    return any(stem in images for stem in called_alike(masks, images))


def called_alike(masks: Mapping[str, list[Path]], images: Mapping[str, list[Path]]) -> dict[str, list[Path]]:
    """Masks by the stem of their image: `1_mask` is that of `1`, or of `1_image`, where it has no other.

    Where none is called so, `21_manual1` is that of `21_training`: the rest is the same in all names.
    """
    found = _renamed(masks, images, {stem: _unmarked(stem) for stem in (*masks, *images)})
    if any(stem in images for stem in found):
        return found
    return _renamed(masks, images, _cores([*masks]) | _cores([*images]))


def _renamed(
    masks: Mapping[str, list[Path]], images: Mapping[str, list[Path]], bare: Mapping[str, str]
) -> dict[str, list[Path]]:
    plain: dict[str, list[str]] = {}
    for stem in images:
        plain.setdefault(bare[stem], []).append(stem)
    found: dict[str, list[Path]] = {}
    for stem, paths in sorted(masks.items(), key=lambda item: item[0] not in images):
        alike = [] if stem in images else plain.get(bare[stem], [])
        name = alike[0] if len(alike) == 1 and alike[0] not in masks else stem
        found.setdefault(name, []).extend(paths)
    return found


def _unmarked(stem: str) -> str:
    folder, slash, name = stem.rpartition("/")
    return f"{folder}{slash}{roles.unmarked(name)}"


def _cores(stems: Sequence[str]) -> dict[str, str]:
    """What differs between names, by these: the words that all begin or end with are left off."""
    words = {stem: re.split(r"[ _.-]+", stem.rpartition("/")[2]) for stem in stems}
    start, end = _common(list(words.values())), _common([one[::-1] for one in words.values()])
    cores = {}
    for stem, several in words.items():
        core = several[start : len(several) - end]
        cores[stem] = f"{stem.rpartition('/')[0]}/{' '.join(core)}" if core else f"/{stem}"
    return cores


def _common(several: Sequence[Sequence[str]]) -> int:
    """How many words all begin with; none where there is one name only."""
    if len(several) < 2:
        return 0
    count = 0
    for words in zip(*several, strict=False):
        if len(set(words)) > 1:
            break
        count += 1
    return count
