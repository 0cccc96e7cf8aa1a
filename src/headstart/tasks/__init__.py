"""Tasks: everything that differs between one kind of problem and another, one file each.

To add a task, write `tasks/<name>.py` with a `plugin` that is a `tasks/base.py: Task`; its file name is
what users type (`--task <name>`). Parts that other tasks could use have their own rooms. Nothing else has
to change: the task is found by its file name, its reader is asked when a user names no task, and the
contract tests pick it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import registry
from ..data import layouts
from ..data.cutting.folds import FOLDS
from ..data.domains import PROPORTIONS
from ..data.folders.seen import seen
from ..data.links import FOLLOW_LINKS, followed
from ..data.reader import Reader
from ..data.reading import PLAIN, Reading
from ..data.tables.frames import adopted
from ..data.tables.unfit import refused, unread
from ..data.texts.layouts import table_of
from ..errors import ContractError, DataError, HeadstartError, UnknownName
from ..looks import USE
from ..options import NOTHING, Given, Option, require_declared
from ..types import Data, Named
from .modalities.base import Modality
from .scores.base import METRIC, Titles, scored

if TYPE_CHECKING:
    from .base import Task


__all__ = [
    "columns",
    "infer",
    "is_labelled",
    "options",
    "scored",
    "task_named",
    "titles_of",
]


def infer(data: Data, reading: Reading = PLAIN, unlabelled: bool = False) -> str:
    """The name of the one task whose layout the data has.

    Where labels are not needed, that is also a task that claims examples without any.

    Raises:
        DataError: the data does not exist, or fits no task, or several.
    """
    data = adopted(followed(data, reading))
    known = registry.names("tasks")
    readers: dict[str, Reader] = {name: registry.get("tasks", name).reader for name in known}
    claims = {name: _claim(name, reader, data, reading) for name, reader in readers.items()}
    fitting = [name for name, claim in claims.items() if claim and claim == max(claims.values())]
    if unlabelled and not fitting:
        fitting = [name for name, reader in readers.items() if reader.claims_heap(data, reading)]
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


def _claim(name: str, reader: Reader, data: Named, reading: Reading) -> int:
    """How surely data are of a task; another package's reader is asked of everybody's data.

    Raises:
        ContractError: it stumbled over data that are none of its own.
    """
    try:
        return int(reader.claims(data, reading))
    except HeadstartError:
        raise
    except Exception as error:
        raise ContractError(
            f"the task `{name}` cannot tell whether data are its own: {type(error).__name__}: {error}",
            "name the task with --task; where another package brings that one, mend or uninstall it",
        ) from error


def task_named(name: str, given: Given = NOTHING) -> Task:
    """The task of that name, measured as was set, where everything that was set is something that it has.

    Raises:
        UnknownName: there is no such task, or no such option or metric of it.
        SettingsError: an option has a value that it cannot have.
    """
    task: Task = registry.get("tasks", name)
    require_declared(given, (*task.options, METRIC, FOLDS, USE))
    metric = METRIC.of(given)
    return task.measured_by(metric) if metric else task


def titles_of(name: str) -> Titles:
    """What people call the metrics of a task; of one that is not installed there is nothing to tell."""
    try:
        task: Task = registry.get("tasks", name)
    except UnknownName:
        return Titles()
    return task.scores.titles


def unseen_of(name: str) -> tuple[str, str]:
    """The test examples of a task as people call them, one and several; of one not installed, examples."""
    try:
        task: Task = registry.get("tasks", name)
    except UnknownName:
        return Modality.unseen
    return task.modality.unseen


def options() -> list[Option[object]]:
    """What may be set for some task, by name."""
    every = [option for name in registry.names("tasks") for option in registry.get("tasks", name).options]
    return sorted(
        {option.name: option for option in [*every, METRIC, FOLDS, USE, PROPORTIONS]}.values(),
        key=lambda one: one.name,
    )


def columns() -> set[str]:
    """What we call the columns of any task's tables."""
    return {name for task in registry.names("tasks") for name in registry.get("tasks", task).reader.columns}


def is_labelled(data: Data, task: str, reading: Reading = PLAIN) -> bool:
    """Does the data have the task's layout with two different labels at least? Opens no example."""
    try:
        rows = registry.get("tasks", task).reader.read(adopted(followed(data, reading)), reading).rows
    except DataError:
        return False
    return len({row.label for row in rows}) > 1


def _seen(data: Any) -> str:
    path = layouts.existing(data)
    kinds = layouts.suffixes(path)
    if not kinds:
        return ", which holds no files"
    return f": it holds {seen(path) if path.is_dir() else ', '.join(kinds)}"
