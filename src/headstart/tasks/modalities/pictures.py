"""What tasks share whose examples are pictures: how their numbers become colours, asked and applied."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ...data.asked import Asked, files_asked
from ...data.images import exposures
from ...data.images.decode import examine
from ...data.images.shown import data_uri
from ...data.reading import PLAIN, Reading
from ...exposure import AS_STORED, Exposure
from ...options import Given, Option
from ...types import Examples, Finding, ImagePreprocess, IntArray, Preprocess, Source

if TYPE_CHECKING:
    from ..base import Task

_Task = TypeVar("_Task")
OPTIONS: tuple[Option[Any], ...] = (exposures.WINDOW, exposures.BANDS)


class OfPictures:
    """A part of `tasks/base.py: Task`."""

    exposure: Exposure = AS_STORED
    """How pictures are shown; `shown_as` gives a task of another one."""
    bundled = False
    """Is it the task of a bundle, whose exposure is given?"""

    def exposed(
        self, names: Sequence[str], sources: Sequence[Source], train: IntArray, options: Given
    ) -> tuple[Exposure, list[Finding]]:
        """How all pictures of a set are shown, measured on training rows, and findings about that."""
        return exposures.exposed(names, sources, train, options)

    def asked(self, inputs: Sequence[Any], reading: Reading = PLAIN) -> Asked:
        """Files, and folders of files."""
        return files_asked(inputs, reading)

    def examine(self, source: Source) -> str | None:
        """None when the image decodes fully, else the reason why not."""
        reason = examine(source, self.exposure)
        return exposures.unseen(source, self.exposure) if reason is None and self.bundled else reason

    def shown(self, source: Source, side: int) -> dict[str, str]:
        """A small picture."""
        return {"picture": data_uri(source, side, self.exposure)}


def fitted(task: Task, preprocess: Preprocess, examples: Examples, rows: Sequence[int]) -> Any:
    """A base's preprocessing for examples like those of the rows, shown as these are."""
    found = task.fitted(preprocess, [examples.sources[row] for row in rows])
    return replace(found, exposure=examples.exposure) if isinstance(found, ImagePreprocess) else found


def shown_as(task: _Task, preprocess: Any) -> _Task:
    """The task that shows pictures as this preprocessing does; any other task as it is."""
    if not isinstance(task, OfPictures) or not isinstance(preprocess, ImagePreprocess):
        return task
    if preprocess.exposure == task.exposure:
        return task
    other = copy.copy(task)
    other.exposure = preprocess.exposure
    return other


def shipped(task: _Task, preprocess: Any) -> _Task:
    """The task of a bundle: what was found when it was made cannot be set again."""
    if not isinstance(task, OfPictures):
        return task
    other: Any = copy.copy(shown_as(task, preprocess))
    other.bundled = True
    other.options = tuple(option for option in other.options if option not in OPTIONS)
    return other  # type: ignore[no-any-return]
