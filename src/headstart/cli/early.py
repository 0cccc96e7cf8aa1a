"""What can be answered at once: before anything heavy is imported, and before a minute is lost.

What is looked at is what was typed: does it exist, can it be written to? Everything else is asked of the
stages, which say the same again for those who call them from Python.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from ..errors import BundleError, DataError, RunError, SettingsError
from ..runs import require_here
from . import output

OF_FILES = ("image", "sound")
"""Modalities whose inputs are files, never texts."""
OF_USERS = "ratings"
MOST = 100_000
"""Files that are counted; more are `100000+`."""


def require_data(*places: Path | None) -> None:
    """Raises DataError: one of these paths leads nowhere; the hint is what it may have meant."""
    for place in filter(None, places):
        if str(place) != "-" and not place.expanduser().exists():
            raise DataError(f"expected data, but `{place}` does not exist", _meant(place))


def require_bundle(place: Path) -> None:
    """Raises BundleError: the path is neither a bundle nor a run folder with one."""
    if not place.exists():
        raise BundleError(f"`{place}` is not a bundle: it does not exist", _meant(place))
    if not any((folder / "bundle.json").is_file() for folder in (place, place / "bundle")):
        raise BundleError(
            f"{place} is not a bundle: it has no bundle.json",
            "give the folder of a finished run, or the `bundle` in it; `headstart runs` lists them",
        )


def require_inputs(bundle: Path, inputs: Sequence[str]) -> None:
    """Raises DataError: a bundle that takes files is given a name that leads nowhere.

    What may be a pattern or an address is left to the stage, which says what to do with those.
    """
    modality = _modality(bundle)
    for name in inputs if modality in OF_FILES else ():
        plain = name != "-" and "://" not in name and not set(name) & set("*?[")
        if plain and not Path(name).expanduser().exists():
            raise DataError(f"there is no file or folder {name}", _meant(Path(name)))


def require_users_of(bundle: Path, users: Sequence[str]) -> None:
    """Raises SettingsError: users are named, and the bundle recommends nothing."""
    if users and _modality(bundle) not in (OF_USERS, None):
        raise SettingsError(
            "--user is for bundles that recommend, and this is none", "leave it out; give files or texts"
        )


def _modality(bundle: Path) -> str | None:
    """What a bundle says that it takes; None of a damaged one, for reading it says how it is."""
    folder = next(one for one in (bundle, bundle / "bundle") if (one / "bundle.json").is_file())
    try:
        told = json.loads((folder / "bundle.json").read_text(encoding="utf-8")).get("modality")
    except (OSError, ValueError, AttributeError):
        return None
    return None if told is None else str(told)


def require_new(out: Path | None) -> None:
    """Raises RunError: nothing can be written at this path, or a finished run is there."""
    if out is not None and (out / "result.json").is_file():
        raise RunError(f"{out} holds a finished run", "choose another --out, or remove it first")
    require_folder(out)


def require_folder(out: Path | None) -> None:
    """Raises RunError: no folder can be written at this path."""
    if out is None:
        return
    require_here(out)
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file, not a run of Headstart", "choose another --out")
    _require_writable(out, out)


def require_file(out: Path | None) -> None:
    """Raises RunError: no file can be written at this path."""
    if out is None:
        return
    require_here(out)
    if out.is_dir():
        raise RunError(f"{out} is a folder, not a file", "name a file in it: --out FOLDER/NAME")
    if not out.parent.is_dir():
        raise RunError(f"{out} cannot be written: there is no folder {out.parent}", "choose another --out")
    _require_writable(out.parent, out)


def begin(data: Sequence[Path] | None, stages: int = 5) -> None:
    """The first line of a run: what is read, and how much of it there is; nothing of several data sets."""
    if data is None or len(data) != 1:
        return
    (only,) = data
    count = _count(only)
    files = "a file" if count is None else f"{count}{'+' if count == MOST else ''} files"
    output.Terminal().note(f"stage 1 of {stages}: check {only} ({files})")


def _require_writable(folder: Path, out: Path) -> None:
    """Try it: rights alone do not tell."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
    try:
        with tempfile.TemporaryDirectory(prefix=".headstart", dir=there):
            pass
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error.strerror}", "choose another --out") from None


def _meant(place: Path) -> str:
    """The name beside it that it may have meant."""
    parent = place.expanduser().parent
    try:
        names = [entry.name for entry in os.scandir(parent)]
    except OSError:
        return f"check the path: there is no folder {parent}"
    near = get_close_matches(place.name, names, n=1)
    return f"did you mean `{parent / near[0]}`?" if near else "check the path"


def _count(data: Path) -> int | None:
    """Files below a folder, MOST at most; None of a file."""
    if not data.is_dir():
        return None
    return sum(1 for _ in _some(data))


def _some(data: Path) -> Iterable[None]:
    seen = 0
    for _, _, files in os.walk(data):
        for _ in files:
            yield None
            seen += 1
            if seen == MOST:
                return
