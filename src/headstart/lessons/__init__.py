"""The course: lessons that run, as notebooks and as pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RunError
from ..runtime import write_atomically
from . import lesson as lessons
from .lesson import Lesson, course

if TYPE_CHECKING:
    from ..runtime import Reporter

HOME = Path("learn")
"""Where lessons go if nobody says where."""


@dataclass(frozen=True)
class Taught:
    """A lesson that was written: its notebook, and its page if it was run."""

    folder: Path
    notebook: Path
    page: Path | None


def teach(name: str, out: Path | None, runs: bool, reporter: Reporter) -> Taught:
    """Write a lesson as a notebook, and run it here for its page.

    Args:
        name: its name or number.
        out: the lesson's folder, where its code leaves its files too; `learn/NAME` if None.
        runs: whether its code is run, for the page and for what the notebook shows.
        reporter: where it speaks.

    Raises:
        UnknownName: there is no such lesson.
        RunError: the lesson is there already, or its folder cannot be written.
        HeadstartError: its code failed.
    """
    from . import notebook, page, running

    lesson = lessons.named(name)
    folder = out or HOME / lesson.name
    book, html = folder / f"{lesson.name}.ipynb", folder / f"{lesson.name}.html"
    if there := [path for path in (book, html) if path.exists()]:
        raise RunError(f"{there[0]} is there already", "open it, or choose another --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not runs:
            write_atomically(book, notebook.written(lesson).encode("utf-8"))
            return Taught(folder, book, None)
        reporter.note(f"lesson {lesson.number}, {lesson.title}: its code runs here, up to a minute")
        outputs = running.run(lesson, folder, reporter)
        write_atomically(book, notebook.written(lesson, outputs).encode("utf-8"))
        write_atomically(html, page.written(lesson, outputs).encode("utf-8"))
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}", "choose another --out") from error
    return Taught(folder, book, html)


__all__ = ["HOME", "Lesson", "Taught", "course", "teach"]
