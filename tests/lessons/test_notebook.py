"""A notebook is what nbformat 4.5 asks for, run or not."""

from __future__ import annotations

import base64
import json
import re

from headstart.lessons.lesson import Code, Lesson, Text
from headstart.lessons.notebook import written
from headstart.lessons.running import Output, Picture

LESSON = Lesson(1, "made", "Made", "", (Text("# Made"), Code("print('ä')"), Code("x"), Text("after")))


def test_cells_have_what_the_format_requires():
    book = json.loads(written(LESSON))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert [cell["cell_type"] for cell in book["cells"]] == ["markdown", "code", "code", "markdown"]
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"[\w-]{1,64}", one) for one in ids)
    for cell in book["cells"]:
        assert cell["metadata"] == {}
        assert ("outputs" in cell) == ("execution_count" in cell) == (cell["cell_type"] == "code")
    assert book["cells"][1]["source"] == "print('ä')"
    assert book["cells"][1]["outputs"] == []
    assert book["cells"][1]["execution_count"] is None


def test_outputs_stand_below_their_code():
    outputs = [Output("ä\n"), Output("", "<b>x</b>", (Picture(b"png", "a line"),))]
    first, second = [
        cell for cell in json.loads(written(LESSON, outputs))["cells"] if cell["cell_type"] == "code"
    ]
    assert first["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "ä\n"}]
    assert (first["execution_count"], second["execution_count"]) == (1, 2)
    assert second["outputs"][0]["data"] == {"text/html": "<b>x</b>"}
    picture = second["outputs"][1]["data"]
    assert base64.b64decode(picture["image/png"]) == b"png"
    assert picture["text/plain"] == "a line"
