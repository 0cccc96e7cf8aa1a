"""The verbs for learning: a data set to try things on, and a lesson that runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lessons import Taught
    from .runtime import Reporter


def sample(name: str, out: str | Path | None = None, *, seed: int = 0) -> Path:
    """Write a small data set that is there without a network; `headstart sample` lists them.

    Args:
        name: which one.
        out: new or empty folder; one called `name` where none is given. One that holds the sample already
            stays as it is.
        seed: another one writes others of the same kind.

    Returns:
        The folder.

    Raises:
        HeadstartError: there is no such sample, or the folder has something else in it or cannot be written.
    """
    from . import samples

    return samples.write(name, Path(name if out is None else out), seed)


def learn(
    lesson: str | int, out: str | Path | None = None, *, run: bool = True, reporter: Reporter | None = None
) -> Taught:
    """Write a lesson of the course as a notebook, and run it here for its page.

    Args:
        lesson: its name or number; `headstart learn` lists them.
        out: the lesson's folder; `learn/NAME` where none is given.
        run: whether its code is run; else there is the notebook alone.
        reporter: where it speaks; nowhere if not given.

    Raises:
        HeadstartError: there is no such lesson, it is there already, or its code failed.
    """
    from . import lessons
    from .runtime import Silent

    return lessons.teach(str(lesson), None if out is None else Path(out), run, reporter or Silent())
