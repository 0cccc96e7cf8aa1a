"""A lesson that was run, as one HTML page in the look of the reports; it asks for nothing outside itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment
from markdown_it import MarkdownIt
from markupsafe import Markup

from ..shipping.report.page import look
from .lesson import Lesson, Text
from .running import Output


@dataclass(frozen=True)
class Part:
    """Words, or code and what it left."""

    words: Markup = Markup()
    code: str = ""
    output: Output | None = None


def written(lesson: Lesson, outputs: Sequence[Output]) -> str:
    """The page's HTML."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["url"] = lambda png: f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    environment.filters["markup"] = Markup
    source = files(__package__).joinpath("page.html.j2").read_text("utf-8")
    parts = list(_parts(lesson, outputs))
    return environment.from_string(source).render(lesson=lesson, look=look(), parts=parts)


def _parts(lesson: Lesson, outputs: Sequence[Output]) -> Iterator[Part]:
    left = iter(outputs)
    # raw HTML is the lesson's own: questions whose answers unfold
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    for cell in lesson.cells:
        if isinstance(cell, Text):
            yield Part(words=Markup(markdown.render(cell.source)))
        else:
            yield Part(code=cell.source, output=next(left))
