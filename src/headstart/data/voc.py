"""Boxes in the XML of PASCAL VOC: one file for an image.

JPEGImages/1.jpg  Annotations/1.xml
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

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from ..types import Dropped
from .annotated import Annotated, printable, split_written, stated_size
from .boxes import Mark, corners_of
from .images import looks_like_image
from .listing import entries, is_inside, shown, unusable
from .texts import lines

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_SHEETS = "Annotations"
_LISTS = "ImageSets/Main"
_IMAGES = ("JPEGImages", "images")


def is_voc(root: Path) -> bool:
    """Is there an `Annotations` folder with XML files, or a folder with some beside images?"""
    return bool(_by_stem(root, _SHEETS, (".xml",)) or _folders(root))


def read_voc(root: Path) -> tuple[list[Annotated], list[Dropped]]:
    """The images that the lists name, or all of them, and what cannot be used."""
    sheets = {stem: paths[0] for stem, paths in _by_stem(root, _SHEETS, (".xml",)).items()}
    if not sheets:
        return _told([one for folder in _folders(root) for one in _beside(root, *folder)])
    images = next(filter(None, (_by_stem(root, name) for name in _IMAGES)), {})
    lists = _lists(root)
    wanted: list[tuple[str, str | None]] = [(stem, None) for stem in sorted({*sheets, *images})]
    if lists:
        wanted = [(stem, split) for split, stems in lists.items() for stem in stems]
    found = [
        _picture(root, f"{_SHEETS}/{stem}", split, sheets.get(stem), images.get(stem, []))
        for stem, split in wanted
    ]
    unnamed = sheets.keys() - {stem for stem, _ in wanted}
    alone = [Dropped(shown(sheets[stem], root), f"no list in {_LISTS} names it") for stem in sorted(unnamed)]
    return _told([*found, *alone])


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
            place, sheet = f"{name}/{stem}".lstrip("/"), sheets[0] if sheets else None
            found.append(_picture(root, place, split, sheet, images))
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
    root: Path, place: str, split: str | None, sheet: Path | None, images: list[Path]
) -> Annotated | Dropped:
    """One image; `place` is where its XML is or would be, without the end."""
    if sheet is None:
        name = shown(images[0], root) if images else printable(place.removeprefix(f"{_SHEETS}/"))
        return Dropped(name, f"there is no {printable(place)}.xml")
    tree = unusable(sheet, root) or _parsed(sheet)
    if isinstance(tree, str):
        return Dropped(shown(sheet, root), tree)
    if not images:
        return Dropped(
            shown(sheet, root), f"there is no image `{printable(place.rpartition('/')[2])}` for it"
        )
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


def _parsed(path: Path) -> ElementTree.Element | str:
    """The root of an XML file, or why it cannot be used."""
    try:
        content = path.read_bytes()
        guard = expat.ParserCreate()
        guard.EntityDeclHandler = _refuse
        guard.Parse(content, True)
        found = ElementTree.fromstring(content)
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        return f"not XML that can be read: {error}"
    return found if found.tag == "annotation" else f"it holds <{found.tag}>, not <annotation>"


def _refuse(*declaration: object) -> None:
    # An entity can stand for another file, or for more text than fits into memory.
    raise ValueError("it declares entities")


def _mark(element: ElementTree.Element) -> Mark:
    name = (element.findtext("name") or "").strip()
    box = element.find("bndbox")
    if box is None:
        return Mark(name, None, "it has no bndbox")
    return Mark(name, corners_of([box.findtext(side) for side in _SIDES]))
