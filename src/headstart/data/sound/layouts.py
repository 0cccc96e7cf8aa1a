"""Recordings with a label each, in any layout of `data/layouts.py`; and recordings without labels.

yes/1.wav  no/2.flac                        class folders, in split folders or not
metadata.csv  wav/1.wav                     columns file_name, label, and perhaps split and a group
train-000000.tar                            archives of recordings: `data/tables/tars.py`
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from ...errors import DataError
from ...types import Named, Source
from .. import layouts
from ..folders.seen import seen
from ..images.decode import looks_like_image
from ..listing import Listing
from ..reading import PLAIN, Reading
from ..tables.records import suffix_of
from ..tables.rows import FILES, names_files, read_metadata
from ..tables.tars import Tars, read_tar_heap, read_tars, tars_of
from .formats import HEAD, kind, looks_like_sound

COLUMNS = FILES
_WANTED = "give one folder of recordings per class, or a metadata.csv (file_name,label) beside them"
_LOOKED_AT = 500
"""Files of a folder that tell whether it holds recordings."""


def looks_like_sounds(data: Named, reading: Reading = PLAIN) -> int:
    """2 where a table names recordings, or a folder holds more of them than pictures; 1 where it holds some.

    Reads headers, and the names or first bytes of some files.
    """
    if layouts.is_table(data):
        return 2 * names_files(data, reading, is_recording)
    path = layouts.existing(data)
    if path.is_file():
        return 2 * (suffix_of(path) is not None and names_files(path, reading, is_recording))
    if _tars(path):
        return 2
    some = [file for file in islice(layouts.inside(path), _LOOKED_AT) if suffix_of(file) is None]
    sounds = sum(map(looks_like_sound, some))
    if not sounds:
        return 0
    return 2 if sounds > sum(map(looks_like_image, some)) else 1


def read_sounds(data: Named, reading: Reading = PLAIN) -> Listing:
    """Rows of any of these layouts.

    Raises:
        DataError: it is none of them, or a folder without a single recording.
    """
    if layouts.is_table(data):
        return layouts.read(data, reading)
    path = layouts.existing(data)
    if path.is_file() and suffix_of(path) is not None:
        return read_metadata(path, path.parent, reading)
    if tars := _tars(path):
        return read_tars(tars, path, reading, looks_like_sound)
    _require_sounds(data)
    return layouts.read(data, reading, looks_like_sound)


def read_sound_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Every recording of a folder, or of the archives in it.

    Raises:
        DataError: there is none.
    """
    folder = layouts.existing_folder(data)
    if tars := _tars(folder):
        return read_tar_heap(tars, folder, looks_like_sound)
    _require_sounds(data)
    return layouts.heap(data, looks_like_sound)


def looks_like_a_heap(data: Named, reading: Reading = PLAIN) -> bool:
    """Are these recordings without labels?"""
    return not layouts.is_table(data) and layouts.existing(data).is_dir() and looks_like_sounds(data) == 2


def is_recording(source: Source) -> bool:
    """Is a file, or are these bytes, a recording?"""
    if isinstance(source, bytes):
        return kind(source[:HEAD]) is not None
    return looks_like_sound(source)


def _tars(path: Path) -> Tars:
    """Archives of recordings, where no recording lies beside them."""
    found = tars_of(path, looks_like_sound) if path.is_dir() else []
    return [] if found and any(map(looks_like_sound, layouts.inside(path))) else found


def _require_sounds(data: Named) -> None:
    folder = layouts.existing_folder(data)
    if not any(map(looks_like_sound, layouts.inside(folder))):
        raise DataError(f"expected recordings, but `{folder}` holds none: only {seen(folder)}", _WANTED)
