"""Tasks: everything that differs between one kind of problem and another, one file each.

To add a task, write `tasks/<name>.py` with a `plugin` that answers `tasks/base.py: Task`; its file
name is what users type (`--task <name>`). Layouts that other tasks could use go to `data/`. Nothing
else has to change: the task is found by its file name, its `fits` is asked when a user names no
task, and the contract tests pick it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import registry
from ..data import layouts
from ..data.cutting.folds import FOLDS
from ..data.folders.seen import seen
from ..data.links import FOLLOW_LINKS, followed
from ..data.reading import PLAIN, Reading
from ..data.tables.frames import adopted
from ..data.tables.unfit import refused, unread
from ..data.texts.layouts import table_of
from ..errors import DataError, SettingsError
from ..options import NOTHING, Given, Option, require_declared
from .scores.base import METRIC, scored, with_score

if TYPE_CHECKING:
    from ..bases.base import Base
    from ..types import Architecture
    from .base import Task


__all__ = [
    "brings_head",
    "infer",
    "is_labelled",
    "options",
    "scored",
    "task_named",
    "with_head",
    "with_score",
]


def infer(data: Any, reading: Reading = PLAIN, unlabelled: bool = False) -> str:
    """The name of the one task whose layout the data has.

    Where labels are not needed, that is also a task whose `fits_heap` (which not every task has) knows them.

    Raises:
        DataError: the data does not exist, or fits no task, or several.
    """
    data = adopted(followed(data, reading))
    known = registry.names("tasks")
    fitting = [name for name in known if registry.get("tasks", name).fits(data, reading)]
    if unlabelled and not fitting:
        heaps = {name: getattr(registry.get("tasks", name), "fits_heap", None) for name in known}
        fitting = [name for name, fits in heaps.items() if fits is not None and fits(data, reading)]
    if len(fitting) == 1:
        return fitting[0]
    title = "the DataFrame" if layouts.is_table(data) else f"`{layouts.existing(data)}`"
    if fitting:
        raise DataError(f"{title} fits several tasks: {', '.join(fitting)}", f"name one: --task {fitting[0]}")
    if (table := table_of(data)) is not None:
        raise refused(table, reading)
    if not layouts.is_table(data) and (error := unread(layouts.existing(data))):
        raise error
    found, follow = _seen(data), f"--set {FOLLOW_LINKS.name}=yes"
    first = f"{follow} where you trust the links; else " if follow in found else ""
    raise DataError(
        f"no task fits {title}{found}",
        f"{first}check the layout, or name the task to learn what it expects: --task {' | '.join(known)}",
    )


def task_named(name: str, given: Given = NOTHING) -> Task:
    """The task of that name, measured as was set, where everything that was set is something that it has.

    Raises:
        UnknownName: there is no such task, or no such option or metric of it.
        SettingsError: an option has a value that it cannot have.
    """
    task: Task = registry.get("tasks", name)
    require_declared(given, (*task.options, METRIC, FOLDS))
    metric = METRIC.of(given)
    return with_score(task, metric) if metric else task


def options() -> list[Option[Any]]:
    """What may be set for some task, by name."""
    every = [option for name in registry.names("tasks") for option in registry.get("tasks", name).options]
    return sorted(
        {option.name: option for option in [*every, METRIC, FOLDS]}.values(), key=lambda one: one.name
    )


def with_head(task: Task, architecture: Architecture) -> Task:
    """The task with another head.

    Raises:
        UnknownName: there is none of that name.
        SettingsError: it is for another task, or the task has one output layer only.
    """
    if task.head_architecture is None:
        raise SettingsError(f"`{architecture.name}` is a head for places in pictures", "leave out --head")
    several: Any = task
    return several.with_head(architecture)  # type: ignore[no-any-return]


def brings_head(base: Base, task: Task) -> bool:
    """Does a head come with the base that is one for the task?"""
    several: Any = task
    if base.head is None or task.head_architecture is None:
        return False
    return bool(registry.get("heads", base.head.architecture.name).task == several.name)


def is_labelled(data: Any, task: str, reading: Reading = PLAIN) -> bool:
    """Does the data have the task's layout with two different labels at least? Opens no example."""
    try:
        rows = registry.get("tasks", task).read(adopted(followed(data, reading)), reading).rows
    except DataError:
        return False
    return len({row.label for row in rows}) > 1


def _seen(data: Any) -> str:
    path = layouts.existing(data)
    kinds = layouts.suffixes(path)
    if not kinds:
        return ", which holds no files"
    return f": it holds {seen(path) if path.is_dir() else ', '.join(kinds)}"
