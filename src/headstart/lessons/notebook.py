"""A lesson as a Jupyter notebook, by the format's own JSON: nothing of Jupyter is needed to write it.

Source: nbformat 4.5.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence

from .lesson import Lesson, Text
from .running import Output


def written(lesson: Lesson, outputs: Sequence[Output] = ()) -> str:
    """The notebook's JSON.

    Args:
        lesson: what it teaches.
        outputs: one for each piece of code; none if it was not run.
    """
    book = {
        "cells": list(_cells(lesson, outputs)),
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _cells(lesson: Lesson, outputs: Sequence[Output]) -> Iterator[dict[str, object]]:
    ran = 0
    for place, cell in enumerate(lesson.cells):
        common = {"id": f"{lesson.name}-{place}", "metadata": {}, "source": cell.source}
        if isinstance(cell, Text):
            yield {"cell_type": "markdown", **common}
            continue
        output = outputs[ran] if outputs else None
        ran += 1
        told = {"outputs": list(_told(output)) if output else [], "execution_count": ran if output else None}
        yield {"cell_type": "code", **common, **told}


def _told(output: Output) -> Iterator[dict[str, object]]:
    """What stands below a piece of code."""
    if output.printed:
        yield {"output_type": "stream", "name": "stdout", "text": output.printed}
    if output.html:
        yield _displayed({"text/html": output.html})
    for picture in output.pictures:
        png = base64.b64encode(picture.png).decode("ascii")
        yield _displayed({"image/png": png, "text/plain": picture.alt})


def _displayed(data: dict[str, str]) -> dict[str, object]:
    return {"output_type": "display_data", "data": data, "metadata": {}}
