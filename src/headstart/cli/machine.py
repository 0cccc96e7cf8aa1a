"""What `headstart doctor` says of this machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

import typer

from ..cache import Cache, default_folder
from ..errors import SettingsError

PACKAGES = ("headstart", "torch", "torchvision", "timm", "transformers", "numpy", "scipy", "pandas", "pillow")


def facts(clear: bool) -> dict[str, object]:
    """Machine, versions and cache; with `clear`, the cache is emptied first."""
    import torch

    cache = Cache()
    freed = cache.clear() if clear else 0
    folder = default_folder()
    shared = {"cache shared through": cache.place} if cache.store else {}
    existing = next(parent for parent in [folder, *folder.parents] if parent.exists())
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        **{name: _version(name) for name in PACKAGES},
        "cache folder": str(folder),
        **shared,
        "cache MB": round(cache.used() / 1e6, 1),
        "cache limit MB": round(cache.budget / 1e6),
        "cache MB freed": round(freed / 1e6, 1),
        "disk free MB": round(shutil.disk_usage(existing).free / 1e6),
    }


def require_sure() -> None:
    """Ask whether the cache may be emptied.

    Raises:
        SettingsError: nobody is there to ask.
        Abort: the answer is no.
    """
    if not sys.stdin.isatty():
        raise SettingsError("emptying the cache asks first, and nobody is there to answer", "add --yes")
    cache = Cache()
    typer.confirm(f"Remove {cache.used() / 1e6:.1f} MB from {default_folder()}?", abort=True, err=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
