"""Layouts of images with a mask file each, of the same name but for the suffix.

images/1.jpg  masks/1.png                   also `imgs/`, `labels/`, `gt/`, … (`data/folders/roles.py`)
images/1.jpg  masks/1_mask.png              also `_seg`, `_gt`, `_label`
train/1.jpg  train_masks/1.png              and more ways to call folders and files (`places.py`)
train.txt  val.txt  test.txt                beside them: names, one a line, with or without suffix
train/images/1.jpg  train/masks/1.png       split folders, each with both
images/train/1.jpg  masks/train/1.png       both with split folders
JPEGImages/1.jpg  SegmentationClass/1.png   Pascal VOC, with ImageSets/Segmentation/train.txt ...

`classes.txt` at the top names the values of the masks (`class_names.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...errors import DataError
from ...types import Dropped
from ..folders.seen import few
from ..folders.split_lists import Lists, read_lists
from ..images.decode import looks_like_image
from ..listing import Listing, entries, files, joined, shown, split_of, unusable
from ..reading import PLAIN, Reading
from .class_names import read_class_names
from .files import SUFFIXES
from .places import FOLDER, Place, called_alike, is_mask, places, stem_in
from .rows import Pair, rows_of


def names_mask_folders(root: Path) -> bool:
    """Are there folders called as those of images and their masks are?"""
    return bool(places(root))


def has_mask_folders(root: Path) -> bool:
    """Is there an image with a mask of its name? Opens no mask."""
    for place in places(root):
        images = {stem_in(path, place.images): [path] for path in files(place.images)}
        masks = {stem_in(path, place.masks): [path] for path in files(place.masks) if is_mask(path)}
        named = (images[stem][0] for stem in called_alike(masks, images) if stem in images)
        if any(not unusable(path, root) and looks_like_image(path) for path in named):
            return True
    return False


def read_mask_folders(root: Path, reading: Reading = PLAIN) -> Listing:
    """The rows of a folder in one of the layouts of this page.

    Raises:
        DataError: no image has a mask, or masks in two folders; the values of masks are no classes, or
            `classes.txt` cannot be used.
    """
    pairs, dropped = list[Pair](), list[Dropped]()
    chosen = FOLDER.of(reading.options)
    for place in places(root, chosen):
        if place.others:
            raise _ambiguous(place, root)
        found, left_out = _pairs(place, root)
        pairs += found
        dropped += left_out
    if not pairs:
        where = f" in a folder called {chosen}" if chosen else ""
        raise DataError(
            f"no image of `{root}` has a mask of its name{where}",
            "call the mask of images/photo.jpg masks/photo.png",
        )
    return joined([rows_of(pairs, root, read_class_names(root), reading), Listing(dropped=tuple(dropped))])


def _ambiguous(place: Place, root: Path) -> DataError:
    several = few(shown(path, root) for path in (place.masks, *place.others))
    return DataError(
        f"the images of {shown(place.images, root)} have masks in several folders: {several}",
        f"say which are the masks to learn: --set {FOLDER.name}={place.others[0].name}",
    )


def _by_stem(folder: Path, root: Path, wanted: Callable[[Path], bool]) -> dict[str, list[Path]]:
    """The wanted files by their path without suffix; what may not be opened is kept, to be left out later."""
    found: dict[str, list[Path]] = {}
    for path in files(folder):
        if unusable(path, root) or wanted(path):
            found.setdefault(stem_in(path, folder), []).append(path)
    return found


def _pairs(place: Place, root: Path) -> tuple[list[Pair], list[Dropped]]:
    """Images with their masks, and what has no other half or no split."""
    images = _by_stem(place.images, root, looks_like_image)
    masks = called_alike(_by_stem(place.masks, root, is_mask), images)
    lists = _lists(place, root, images)
    pairs, dropped = list[Pair](), list(lists.dropped)
    for stem, (image, *others) in images.items():
        first, name = shown(image, root), shown(place.masks, root)
        dropped += [Dropped(shown(path, root), f"its mask may be that of {first}") for path in others]
        split = place.split or _folder_split(stem) or lists.split.get(stem)
        unlisted = bool(lists.files) and split is None
        if stem in masks and not unlisted:
            mask, *more = _lossless_first(masks[stem])
            pairs.append(Pair(image, mask, split))
            dropped += [Dropped(shown(path, root), f"{first} has another mask") for path in more]
        elif stem in masks:
            dropped.append(Dropped(first, f"in none of {', '.join(lists.files)}"))
        elif not unlisted:  # else it belongs to another task: most images of Pascal VOC have no mask
            dropped.append(Dropped(first, unusable(image, root) or f"no mask of its name in {name}"))
    dropped += _alone(masks, images, place, root)
    return pairs, dropped


def _alone(
    masks: Mapping[str, list[Path]], images: Mapping[str, list[Path]], place: Place, root: Path
) -> list[Dropped]:
    """The masks without an image."""
    missing = f"no image of its name in {shown(place.images, root)}"
    paths = [path for stem, found in masks.items() if stem not in images for path in found]
    return [Dropped(shown(path, root), unusable(path, root) or missing) for path in paths]


def _lossless_first(masks: Sequence[Path]) -> list[Path]:
    """A JPEG beside a mask that lost nothing is a picture of it, for people."""
    kept = [path for path in masks if path.suffix.lower() in SUFFIXES]
    return kept or list(masks)


def _folder_split(stem: str) -> str | None:
    first, *rest = stem.split("/")
    return split_of(first) if rest else None


def _lists(place: Place, root: Path, images: Mapping[str, list[Path]]) -> Lists:
    """What the lists say, by the stems of images."""
    if place.lists is None:
        return Lists()
    return read_lists(entries(place.lists), root, _known(images, place, root))


def _known(images: Mapping[str, list[Path]], place: Place, root: Path) -> dict[str, str]:
    """The stem of an image by each way to write its name in a list."""
    known = {stem: stem for stem in images}
    for stem, paths in images.items():
        for path in paths:
            for start in (place.images, root):
                known.setdefault(path.relative_to(start).as_posix(), stem)
                known.setdefault(stem_in(path, start), stem)
    return known
