"""What `headstart doctor` says of this machine."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

from ..cache import Cache, default_folder

PACKAGES = ("headstart", "torch", "torchvision", "timm", "transformers", "numpy", "scipy", "pandas", "pillow")


def facts(clear: bool) -> dict[str, object]:
    """Machine, versions and cache; with `clear`, the cache is emptied first."""
    import torch

    cache = Cache()
    freed = cache.clear() if clear else 0
    folder = default_folder()
    existing = next(parent for parent in [folder, *folder.parents] if parent.exists())
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        **{name: _version(name) for name in PACKAGES},
        "cache folder": str(folder),
        "cache MB": round(cache.used() / 1e6, 1),
        "cache limit MB": round(cache.budget / 1e6),
        "cache MB freed": round(freed / 1e6, 1),
        "disk free MB": round(shutil.disk_usage(existing).free / 1e6),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
