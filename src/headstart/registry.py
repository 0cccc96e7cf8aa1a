"""Find plug-ins by file name: `adaptation/finetune.py` is the strategy called `finetune`.

A plug-in folder holds one module per plug-in; the module's `plugin` attribute is what callers get.
Packages below it, names that start with `_`, and `base`, are machinery. Another package adds a plug-in
with an entry point in the group `headstart.<folder>`, or what comes after its dot.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from .errors import ContractError, UnknownName

KINDS = {
    "tasks": "task",
    "bases": "base family",
    "bases.packaged": "packaged base",
    "heads": "head",
    "tasks.baselines": "baseline",
    "preprocessing": "modality",
    "ranking": "score",
    "adaptation": "strategy",
    "adaptation.domains": "way across domains",
    "pretraining": "method",
    "samples": "sample",
    "workers": "place for jobs",
}
"""What a plug-in of each folder is called."""


def names(folder: str) -> list[str]:
    """Names in `folder`, sorted; imports none of them, nor the folder."""
    return sorted({*_built_in(folder), *_added(folder)})


def get(folder: str, name: str) -> Any:
    """The plug-in `name` of `folder`; imports that one module only.

    Raises:
        UnknownName: no such plug-in; the hint names the nearest.
        ContractError: the module has no `plugin`, or an added one hides a built-in one.
    """
    built_in, added = _built_in(folder), _added(folder)
    if hidden := built_in & added.keys():
        raise ContractError(
            f"the {KINDS.get(folder, folder)} {sorted(hidden)} of another package has a built-in name",
            "rename its entry point",
        )
    if name in added:
        return _loaded(added[name], KINDS.get(folder, folder))
    if name not in built_in:
        raise UnknownName(f"no {KINDS.get(folder, folder)} called `{name}`", nearest(name, names(folder)))
    module = importlib.import_module(f"headstart.{folder}.{name}")
    try:
        return module.plugin
    except AttributeError:
        raise ContractError(f"{module.__file__} defines no `plugin`", "add one") from None


def summary(part: object) -> str:
    """What a plug-in says of itself in one line; else what its file does; else nothing."""
    file = sys.modules.get(getattr(part, "__module__", ""))
    told = getattr(part, "summary", None) or (file and file.__doc__) or ""
    return str(told).strip().partition("\n")[0]


def nearest(name: str, known: list[str]) -> str:
    """A hint: the nearest known name, or all of them."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(known) or '(none)'}"


def _loaded(entry: Any, kind: str) -> Any:
    """The plug-in of another package.

    Raises:
        ContractError: the package cannot be imported, or does not have it.
    """
    try:
        return entry.load()
    except Exception as error:  # whatever a package does while it is imported
        raise ContractError(
            f"the {kind} `{entry.name}` ({entry.value}) cannot be loaded: {type(error).__name__}: {error}",
            "mend the package that brings it, or uninstall it",
        ) from error


def _built_in(folder: str) -> set[str]:
    name = f"headstart.{folder}"
    loaded = sys.modules.get(name)
    spec = None if loaded else find_spec(name)
    places = loaded.__path__ if loaded else (spec and spec.submodule_search_locations) or []
    return _choices(tuple(places))


# Plug-ins are asked for thousands of times in a run, and neither files nor packages come and go in one.
@functools.cache
def _choices(places: tuple[str, ...]) -> set[str]:
    modules = {module.name for module in pkgutil.iter_modules(places) if not module.ispkg}
    return {name for name in modules if name != "base" and not name.startswith("_")}


def _added(folder: str) -> dict[str, Any]:
    return _entries(entry_points, f"headstart.{folder.rpartition('.')[2]}")


@functools.cache
def _entries(find: Callable[..., Any], group: str) -> dict[str, Any]:
    return {entry.name: entry for entry in find(group=group)}
