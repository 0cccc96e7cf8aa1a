"""Do two folders hold the same things twice: pictures and their masks, or two versions of a picture?

Files that are numbered have equal names in any two folders, which says nothing: `0001.png`, `cat (3).jpg`.

Notation: n files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from ..images.decode import MAX_PIXELS
from ..listing import unusable
from .roles import unmarked
from .tree import Node

_LEAST = 4
"""Fewer equal names than this are chance."""
_LOOKED_AT = 5
_VALUES = 8
"""A picture of at most so many different values may be a mask."""
_SAME = 0.8
"""So many pixels of a mask are like the one to the left, whatever objects it numbers."""
_NEAR, _EXTREME = 24, 0.95
"""So many pixels of black and white are near to either after JPEG."""


def have_equal_names(nodes: Sequence[Node], marked: bool = False) -> bool:
    """Is almost every file of each of the folders called like one in all of the others?

    Args:
        nodes: Folders.
        marked: `1_mask` is called like `1`.
    """
    named = [Counter(_stem(path, marked) for path in node.every_wanted()) for node in nodes]
    shared = set.intersection(*(set(one) for one in named))
    return bool(shared) and all(10 * len(shared) >= 9 * len(one) for one in named)


def are_numbered(node: Node) -> bool:
    """Do the names of the files differ in their digits only, or are there too few to tell?"""
    stems = [path.stem for path in node.every_wanted()]
    alike = Counter(re.sub(r"[0-9]+", "#", stem) for stem in stems)
    return len(stems) < _LEAST or 10 * max(alike.values()) >= 9 * len(stems)


def second_are_masks(pictures: Node, others: Node, root: Path) -> bool:
    """Do the pictures of the second folder have few values and one channel each, those of the first not?"""
    return _few_values(others, root) and not _few_values(pictures, root)


def look_like_masks(paths: Sequence[Path], root: Path) -> bool:
    """Are some of these pictures of few values, of areas of one value, or black and white but for JPEG?"""
    step = max(1, len(paths) // _LOOKED_AT)
    some = [path for path in paths[::step] if not unusable(path, root)]
    return bool(some) and all(map(_is_of_areas, some))


def _is_of_areas(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            if image.getcolors(_VALUES):
                return True
            pixels = np.asarray(image).reshape(image.height, image.width, -1)
    except Exception:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        return False
    same = (pixels[:, 1:] == pixels[:, :-1]).all(axis=2)
    extreme = (pixels < _NEAR) | (pixels > 255 - _NEAR)
    return bool(same.mean() >= _SAME or (pixels.dtype == np.uint8 and extreme.mean() >= _EXTREME))


def _stem(path: Path, marked: bool) -> str:
    return unmarked(path.stem, version=True) if marked else path.stem


def _few_values(node: Node, root: Path) -> bool:
    some = islice((path for path in node.every_wanted() if not unusable(path, root)), _LOOKED_AT)
    return all(_is_plane(path) for path in some)


def _is_plane(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            if image.mode not in ("1", "L", "P") or image.width * image.height > MAX_PIXELS:
                return False
            return len(image.getcolors(256) or ()) <= _VALUES
    except Exception:  # a decoder meets arbitrary bytes, and raises whatever they lead to
        return False
