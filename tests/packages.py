"""Packages that carry a base: the real ones, and small ones that tests write."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace

import pytest

from headstart.bases.packaged import records
from headstart.bases.packaged.base import Packaged, in_folder

REAL = dict(records())


def needs(name):
    """Skips, and says why, where the package of a base is not installed; `make test` installs all."""
    return pytest.mark.skipif(REAL[name].place() is None, reason=f"the package of {name} is not installed")


def write(folder, module="brought", **facts):
    """The record of the base in `folder/MODULE/model`; the module must not be imported."""
    inside = folder / module
    (inside / "__init__.py").write_text("raise RuntimeError('imported')")
    files = {
        str(file.relative_to(inside)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted((inside / "model").rglob("*"))
        if file.is_file()
    }
    about = {
        "summary": "a small one",
        "modality": "image",
        "package": f"a-package-of-{module}",
        "version": "1.2",
        "module": module,
        "files": files,
        "megabytes": 0.5,
        "extra": "some",
        "licence": "MIT",
        "source_data": "noise",
        "opened": in_folder("model"),
    }
    return Packaged(**{**about, **facts})


def copied(name, folder):
    """A copy of a real package's files in `folder`, and the record of them."""
    record = REAL[name]
    module = f"copy_of_{record.module}"
    (folder / module).mkdir()
    (folder / module / "__init__.py").touch()
    for file in record.files:
        (folder / module / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(record.place() / file, folder / module / file)
    return replace(record, module=module)
