"""The examples as class folders, one for each cluster: copies in a new folder, and nothing is moved."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..errors import RunError, SettingsError
from ..tasks.modalities.base import Modality
from ..types import Examples, IntArray, Source

SIDE = 16
"""Of a look at an example that tells whether it is a text."""


def write(
    folder: Path, examples: Examples, members: IntArray, names: Sequence[str], modality: Modality
) -> None:
    """Copy each example into the folder of its cluster; texts of tables become files of their own.

    Raises:
        SettingsError: an example is neither a file nor a text.
        RunError: the folder cannot be written.
    """
    require(examples, modality)
    taken = set[str]()
    try:
        for name in names:
            (folder / _file_name(name)).mkdir(parents=True, exist_ok=True)
        for name, source, member in zip(examples.names, examples.sources, members.tolist(), strict=True):
            place = folder / _file_name(names[member])
            target = place / _free(taken, place, name, source)
            if isinstance(source, Path):
                with source.open("rb") as there, target.open("wb") as here:  # it may lie in an archive
                    shutil.copyfileobj(there, here)
            else:
                target.write_bytes(source)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}", "choose another --folders") from error


def require(examples: Examples, modality: Modality) -> None:
    """Raises SettingsError: an example is neither a file nor a text; asked before anything is computed."""
    inside = next((one for one in examples.sources if not isinstance(one, Path)), None)
    if inside is not None and "text" not in modality.shown(inside, SIDE):
        raise SettingsError(
            f"{modality.name} examples of a table are no files that could be copied",
            "leave out --folders: table.csv has the cluster of each",
        )


def _file_name(name: str) -> str:
    return name.replace(" ", "-")


def _free(taken: set[str], place: Path, name: str, source: Source) -> str:
    """A name that no other file in the same folder has, also where capital letters count for nothing."""
    own = source.name if isinstance(source, Path) else f"{_file_name(name).replace('/', '-')}.txt"
    path, number = PurePosixPath(own), 1
    while str(place / own).casefold() in taken:
        number += 1
        own = f"{path.stem}-{number}{path.suffix}"
    taken.add(str(place / own).casefold())
    return own
