"""Run a lesson's code as a notebook would: one namespace, and what each cell prints, gives and draws."""

from __future__ import annotations

import ast
import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import HeadstartError, RunError
from .lesson import Code, Lesson

if TYPE_CHECKING:
    from ..runtime import Reporter

SHARPNESS = 130
"""Dots of a picture in an inch."""


@dataclass(frozen=True)
class Picture:
    """What a cell drew."""

    png: bytes
    alt: str
    """Its title, for whoever cannot see it."""


@dataclass(frozen=True)
class Output:
    """What one piece of code left."""

    printed: str = ""
    html: str = ""
    """Of the last line's value, where that shows itself in a notebook; else it is among the printed."""
    pictures: tuple[Picture, ...] = ()


def run(lesson: Lesson, folder: Path, reporter: Reporter) -> list[Output]:
    """Run every piece of code of a lesson in a folder, where it leaves its files.

    The working folder of the process is `folder` meanwhile.

    Returns:
        One output for each `Code` of the lesson.

    Raises:
        HeadstartError: a piece of code failed; what it had found out is lost.
    """
    import matplotlib.pyplot as plt

    codes = [cell for cell in lesson.cells if isinstance(cell, Code)]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    before = plt.get_backend()
    plt.switch_backend("agg")
    try:
        with contextlib.chdir(folder), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")  # plt.show()
            label = f"lesson {lesson.name}"
            return [
                _output(code, f"<{label}, code {place}>", namespace)
                for place, code in enumerate(reporter.track(codes, label, len(codes)), 1)
            ]
    finally:
        plt.close("all")
        plt.switch_backend(before)


def _output(code: Code, name: str, namespace: dict[str, Any]) -> Output:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = _value(code.source, name, namespace)
    except HeadstartError:
        raise
    except Exception as error:  # whatever a library says on a machine that we do not know
        told = f"{name} failed: {type(error).__name__}: {error}"
        raise RunError(
            told, "`headstart doctor` shows what is installed; --debug adds the traceback"
        ) from error
    if value is None:
        return Output(printed.getvalue(), "", tuple(_drawn()))
    shown = getattr(value, "_repr_html_", None)  # what Jupyter asks every value for
    said = "" if shown else f"{value!r}\n"
    return Output(printed.getvalue() + said, shown() if shown else "", tuple(_drawn()))


def _value(source: str, name: str, namespace: dict[str, Any]) -> object:
    """Run it; what its last line gives, if that is an expression without a semicolon, as in Jupyter."""
    tree = ast.parse(source, name)
    shown = isinstance(tree.body[-1], ast.Expr) and not source.endswith(";")
    last = tree.body.pop() if shown else None
    exec(compile(tree, name, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace)


def _drawn() -> list[Picture]:
    """The figures that are open, which are closed."""
    import matplotlib.pyplot as plt

    pictures = []
    for number in plt.get_fignums():
        figure, buffer = plt.figure(number), io.BytesIO()
        titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
        figure.savefig(buffer, dpi=SHARPNESS, bbox_inches="tight", facecolor="white")
        pictures.append(Picture(buffer.getvalue(), "; ".join(filter(None, titles)).replace("\n", " ")))
    plt.close("all")
    return pictures
