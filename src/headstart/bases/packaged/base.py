"""The record of a base that comes in an installed package, and the forms in which such packages hold one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from safetensors.torch import save_file

from ...cache import Cache, default_folder, key_of
from ...errors import BaseError
from ...preprocessing.base import Preprocess
from ...types import Offered
from ...version import VERSION
from ..base import Located, Saved
from ..formats.files import WEIGHTS, read_state
from ..formats.locate import locate

PREFIX = "builtin/"
Opener = Callable[[Path], Located]
"""Makes a base of the folder of its package."""


@dataclass(frozen=True)
class Packaged:
    """One base in one package."""

    summary: str
    """What it is, in one line."""
    modality: str
    package: str
    """Its name in the registry of packages."""
    version: str
    """The one whose files have these hashes."""
    module: str
    """What it is imported as; it never is."""
    files: Mapping[str, str]
    """SHA-256 of each file that is read, by its path in the module."""
    megabytes: float
    """What they take on a disk."""
    extra: str
    """Of this package: what brings it."""
    licence: str
    """Of the weights."""
    source_data: str
    """What they were trained on, and on what terms that is to be had."""
    opened: Opener
    """Its form: `in_folder`, `of_network`, `of_words`, `converted`, or another function."""
    whole: bool = True
    """False: only a part of the network comes with it, so that it is taken where it is named only."""

    def place(self) -> Path | None:
        """The folder of its package, or None where that is not installed."""
        found = find_spec(self.module)
        return Path(found.origin).parent if found and found.origin else None

    def locate(self, name: str) -> Located:
        """The base, once every file was found to be what it should be.

        Raises:
            BaseError: the package is not installed, or a file of it is missing or another one.
        """
        folder = self.place()
        if folder is None:
            raise BaseError(f"`{name}` is not installed", self._install())
        for path, digest in self.files.items():
            self._require(name, folder / path, digest)
        return replace(self.opened(folder), licence=self.licence, source_data=self.source_data)

    def offer(self, name: str) -> Offered:
        """What is known of it without having it."""
        about = self.modality, self.source_data, self.licence
        return Offered(name, *about, self.megabytes, self._install())

    def _install(self) -> str:
        return f"pip install 'headstart[{self.extra}]'"

    def _require(self, name: str, file: Path, digest: str) -> None:
        try:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            found = str(error.strerror)
        if found != digest:
            raise BaseError(
                f"`{name}`: {file.name} of the package {self.package} {self._version()} is not the file that "
                f"is known: its SHA-256 is {found}, expected {digest}",
                f"get the package anew: pip install --force-reinstall {self.package}=={self.version}",
            )

    def _version(self) -> str:
        try:
            return version(self.package)
        except PackageNotFoundError:
            return "(of no known version)"


def in_folder(inside: str) -> Opener:
    """A folder in the format of some family."""
    return lambda folder: locate(str(folder / inside))


def of_network(
    architecture: str, file: str, preprocess: Preprocess, labels: Callable[[], tuple[str, ...]]
) -> Opener:
    """A checkpoint of a network that a family knows, how its inputs are prepared, and its classes."""

    def opened(folder: Path) -> Located:
        return replace(
            locate(architecture),
            weights=partial(read_state, folder / file),
            preprocess=preprocess,
            labels=labels(),
        )

    return opened


def of_words(architecture: str, file: str) -> Opener:
    """Word vectors for a network that takes a file of them."""

    def opened(folder: Path) -> Located:
        network = locate(architecture)
        assert network.from_file is not None
        return network.from_file(folder / file)

    return opened


def converted(file: str, convert: Callable[[Path], Saved]) -> Opener:
    """A file in a format of no family, written once into the cache as a folder of some family's.

    It is written anew where the package, this version of ours or what lies in the cache is another one.
    """

    def opened(folder: Path) -> Located:
        source = folder / file
        about = source.stat()
        by = [VERSION, convert.__name__]
        key = key_of(kind="converted", file=str(source), size=about.st_size, time=about.st_mtime, by=by)
        return locate(
            str(Cache(default_folder()).folder_of(key, lambda there: _write(convert(source), there)))
        )

    return opened


def _write(saved: Saved, folder: Path) -> None:
    for name, settings in saved.settings.items():
        (folder / name).write_text(json.dumps(settings), encoding="utf-8")
    save_file({name: value.contiguous() for name, value in saved.state.items()}, folder / WEIGHTS[0])
