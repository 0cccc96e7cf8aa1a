"""A lesson as it ships: a page of Markdown whose Python blocks are run in order.

Its name is its file's, after the number; its title the heading, and its summary the paragraph below that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from ..errors import UnknownName
from ..registry import nearest

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Text:
    """Markdown between two pieces of code."""

    source: str


@dataclass(frozen=True)
class Code:
    """Python to run, after what stands above it."""

    source: str


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course."""

    number: int
    name: str
    title: str
    summary: str
    cells: tuple[Text | Code, ...]


def course() -> list[Lesson]:
    """All lessons, in order."""
    pages = (page for page in files(__package__).joinpath("texts").iterdir() if page.name.endswith(".md"))
    return [parsed(page.name, page.read_text("utf-8")) for page in sorted(pages, key=lambda page: page.name)]


def named(name: str) -> Lesson:
    """One lesson by its name or number.

    Raises:
        UnknownName: there is none of that name; the hint has the nearest.
    """
    lessons = course()
    for lesson in lessons:
        if name in (lesson.name, str(lesson.number)):
            return lesson
    raise UnknownName(f"no lesson called `{name}`", nearest(name, [lesson.name for lesson in lessons]))


def parsed(file: str, page: str) -> Lesson:
    """A lesson from its file's name (`01-what.md`) and text."""
    number, _, name = file.removesuffix(".md").partition("-")
    title, summary = (part.strip() for part in page.split("\n\n", 2)[:2])
    cells = tuple(_cells(page))
    return Lesson(int(number), name, title.removeprefix("# "), " ".join(summary.split()), cells)


def _cells(page: str) -> Iterator[Text | Code]:
    place = 0
    for block in _BLOCK.finditer(page):
        yield from _text(page[place : block.start()])
        yield Code(block[1].rstrip("\n"))
        place = block.end()
    yield from _text(page[place:])


def _text(between: str) -> Iterator[Text]:
    if between.strip():
        yield Text(between.strip("\n"))
