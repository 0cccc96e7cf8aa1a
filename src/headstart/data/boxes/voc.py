"""Boxes in the XML of PASCAL VOC: one file for an image.

JPEGImages/1.jpg  Annotations/1.xml               in any case; `images` and `xmls` too, with folders of splits
ImageSets/Main/train.txt  val.txt  test.txt       names without an end, one a line; without them: no splits
train/1.jpg  train/1.xml                          or split folders, each XML beside its image (Roboflow)
1.jpg  1.xml                                      or one folder of both (LabelImg)

A box is xmin, ymin, xmax, ymax in pixels, taken as the edges of the box. (The original VOC counts pixels from
one, and xmax is the last pixel within; most files today are written by tools that count from zero, and one
pixel is less than people agree about.) Boxes that are marked `difficult` are kept. Source of the format:
Everingham et al., "The PASCAL Visual Object Classes Challenge" (2010), development kit.

Notation: n images.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ...types import Dropped
from ..answers.boxes import Mark, corners_of
from ..images.decode import looks_like_image
from ..listing import entries, is_inside, shown, unusable
from ..places.annotated import Annotated, printable, split_written, stated_size
from ..places.xml_files import parsed_xml
from ..strings import lines

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_SHEETS = ("annotations", "annotation", "xmls", "annots", "xml", "labels")
_LISTS = "ImageSets/Main"
_IMAGES = ("jpegimages", "images", "image", "imgs", "img", "jpegs")


def is_voc(root: Path) -> bool:
    """Is there an `Annotations` folder with XML files, or a folder with some beside images?"""
    return bool(_homes(root) or _folders(root))


def read_voc(root: Path) -> tuple[list[Annotated], list[Dropped]]:
    """The images that the lists name, or all of them, and what cannot be used."""
    homes = _homes(root)
    if not homes:
        return _told([one for folder in _folders(root) for one in _beside(root, *folder)])
    lists = _lists(root)
    return _told([one for home in homes for one in _of_home(root, home, {} if home.split else lists)])


def _of_home(root: Path, home: _Home, lists: dict[str, list[str]]) -> list[Annotated | Dropped]:
    """What a folder of XML has, or the lists name of it."""
    sheets = {stem: paths[0] for stem, paths in _by_stem(root, home.sheets, (".xml",)).items()}
    images = next(filter(None, (_by_stem(root, name) for name in home.images)), {})
    if not home.images:  # they lie at the top, among other things
        images = {stem: paths for stem, paths in _by_stem(root, "").items() if stem in sheets}
    wanted: list[tuple[str, str | None]] = [(stem, home.split) for stem in sorted({*sheets, *images})]
    if lists:
        wanted = [(stem, split) for split, stems in lists.items() for stem in stems]
    found = [
        _picture(root, home.sheets, stem, split, sheets.get(stem), images.get(stem, []))
        for stem, split in wanted
    ]
    unnamed = sheets.keys() - {stem for stem, _ in wanted}
    alone = [Dropped(shown(sheets[stem], root), f"no list in {_LISTS} names it") for stem in sorted(unnamed)]
    return [*found, *alone]


@dataclass(frozen=True)
class _Home:
    """A folder of XML and where its images may be, relative to the root; none: at the top."""

    sheets: str
    images: tuple[str, ...]
    split: str | None = None


def _homes(root: Path) -> list[_Home]:
    """Folders of XML, at the top or in the folders of the splits."""
    found = _homes_of(root, "", None)
    if not found:
        for name in _inner(root, ""):
            if split := split_written(name):
                found += _homes_of(root, f"{name}/", split)
    return found


def _homes_of(root: Path, base: str, split: str | None) -> list[_Home]:
    """The folders of XML in one place, or where it has none, their folders."""
    called = [name for known in _SHEETS for name in _inner(root, base) if name.lower() == known]
    pictures = [f"{base}{name}" for known in _IMAGES for name in _inner(root, base) if name.lower() == known]
    for name in called:
        place = f"{base}{name}"
        if _by_stem(root, place, (".xml",)):
            return [_Home(place, tuple(pictures), split)]
        inner = [one for one in _inner(root, place) if _by_stem(root, f"{place}/{one}", (".xml",))]
        if inner:
            return [
                _Home(
                    f"{place}/{one}",
                    (*(f"{home}/{one}" for home in pictures), *pictures),
                    split or split_written(one),
                )
                for one in inner
            ]
    return []


def _inner(root: Path, name: str) -> list[str]:
    """The folders in a folder."""
    folder = root / name
    if not folder.is_dir() or not is_inside(folder, root):
        return []
    return [path.name for path in entries(folder) if path.is_dir() and is_inside(path, root)]


def _told(found: list[Annotated | Dropped]) -> tuple[list[Annotated], list[Dropped]]:
    pictures = [one for one in found if isinstance(one, Annotated)]
    return pictures, [one for one in found if isinstance(one, Dropped)]


def _folders(root: Path) -> list[tuple[str, str | None]]:
    """The folders that are called like a split, else the whole, with XML beside files of the same name."""
    called = ((path.name, split_written(path.name)) for path in entries(root) if path.is_dir())
    found = [(name, split) for name, split in called if split and _has_pairs(root, name)]
    return [*found] or [("", None)] * _has_pairs(root, "")


def _has_pairs(root: Path, name: str) -> bool:
    return any({".xml"} < _ends(paths) for paths in _by_stem(root, name).values())


def _beside(root: Path, name: str, split: str | None) -> list[Annotated | Dropped]:
    """What a folder has; files that are neither an image nor an XML are no part of the data."""
    found = list[Annotated | Dropped]()
    for stem, paths in _by_stem(root, name).items():
        sheets = [path for path in paths if path.suffix.lower() == ".xml"]
        # What leads outside is told; it is not opened to see what it is.
        images = [path for path in paths if path not in sheets]
        images = [path for path in images if unusable(path, root) or looks_like_image(path)]
        if sheets or images:
            found.append(_picture(root, name, stem, split, sheets[0] if sheets else None, images))
    return found


def _ends(paths: list[Path]) -> set[str]:
    return {path.suffix.lower() for path in paths}


def _by_stem(root: Path, name: str, suffixes: tuple[str, ...] = ()) -> dict[str, list[Path]]:
    """The files of a folder by their name without its end."""
    folder = root / name
    found: dict[str, list[Path]] = {}
    if folder.is_dir() and is_inside(folder, root):
        for path in entries(folder):
            if path.is_dir() and not path.is_symlink():
                continue
            if not suffixes or path.suffix.lower() in suffixes:
                found.setdefault(path.stem, []).append(path)
    return found


def _lists(root: Path) -> dict[str, list[str]]:
    """The names that each split's list has; `trainval` is for training where no `train` is."""
    found: dict[str, list[str]] = {}
    both = list[str]()
    for stem, paths in _by_stem(root, _LISTS, (".txt",)).items():
        split = split_written(stem)
        if (split or stem == "trainval") and unusable(paths[0], root) is None:
            names = list(dict.fromkeys(line.strip() for _, line in lines(paths[0]) if line.strip()))
            both = both if split else names
            if split:
                found[split] = names
    return {"train": both, **found} if both else found


def _picture(
    root: Path, home: str, stem: str, split: str | None, sheet: Path | None, images: list[Path]
) -> Annotated | Dropped:
    """One image; `home` is the folder where its XML is or would be."""
    if sheet is None:
        name = shown(images[0], root) if images else printable(stem)
        return Dropped(name, f"there is no {printable(f'{home}/{stem}'.lstrip('/'))}.xml")
    tree = unusable(sheet, root) or parsed_xml(sheet, "annotation")
    if isinstance(tree, str):
        return Dropped(shown(sheet, root), tree)
    if not images:
        return Dropped(shown(sheet, root), f"there is no image `{printable(stem)}` for it")
    stated = (tree.findtext("filename") or "").strip()
    if len(images) > 1:  # beside `a.png` there may be an `a.json`
        likely = [path for path in images if unusable(path, root) is None and looks_like_image(path)]
        images = [path for path in likely if path.name == stated] or likely or images
    image = images[0]
    if reason := unusable(image, root):
        return Dropped(shown(image, root), reason)
    size = stated_size(tree.findtext("size/width"), tree.findtext("size/height"))
    marks = tuple(_mark(element) for element in tree.findall("object"))
    return Annotated(image, shown(image, root), split, size, marks)


def _mark(element: ElementTree.Element) -> Mark:
    name = (element.findtext("name") or "").strip()
    box = element.find("bndbox")
    if box is None:
        return Mark(name, None, "it has no bndbox")
    return Mark(name, corners_of([box.findtext(side) for side in _SIDES]))
