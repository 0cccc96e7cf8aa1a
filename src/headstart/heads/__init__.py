"""Heads for places in pictures: boxes and masks from the feature maps of any base, one file each.

A file's name is what users type (`--head <name>`); `base.py` is the contract. To add one, write
`heads/<name>.py` with a `plugin`: it is found by its file name.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import registry
from ..errors import SettingsError
from .base import Given, Head


def head_for(task: str, name: str, args: Mapping[str, object] | None = None) -> Head:
    """The head called `name`, for a task; `args` as its base brought them, or none.

    Raises:
        UnknownName: there is none of that name.
        SettingsError: it is for another task, or comes with a base only.
    """
    found: Head = registry.get("heads", name)
    if found.task != task:
        fitting = [known for known in registry.names("heads") if registry.get("heads", known).task == task]
        raise SettingsError(
            f"`{name}` is a head for {found.task}, not for {task}",
            f"take one of: {' '.join(fitting)}",
        )
    return found.given(args or {}) if isinstance(found, Given) else found
