"""Every lesson runs, says something, draws its picture, and asks three questions.

They are run with short plans and few epochs: what is tested is that they work, not what comes out. The one
that says that a base hurts is asked whether it does.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from threadpoolctl import threadpool_limits

from headstart.lessons import course, notebook, page, running
from headstart.lessons.lesson import Code, Text
from headstart.runtime import Silent
from headstart.samples import digits, digits_phone, parts

LESSONS = course()
SHORTER = ((r"\bminutes=[\d.]+", "minutes=10"), (r"\bepochs = \d+", "epochs = 3"))
"""With short plans no run comes near ten minutes."""


FEW = {
    digits: {"TESTS": 15},
    digits_phone: {"SCANNED": 10, "SEEN": 12},
    parts: {"LABELS": 8, "TESTS": 5},
}
"""Sizes of the samples: half a minute less in all."""


@pytest.fixture
def few(monkeypatch):
    for sample, sizes in FEW.items():
        for name, many in sizes.items():
            monkeypatch.setattr(sample, name, many)


def shortened(lesson):
    def short(code):
        for long, few in SHORTER:
            code = re.sub(long, few, code)
        return code

    cells = [Code(short(cell.source)) if isinstance(cell, Code) else cell for cell in lesson.cells]
    return replace(lesson, cells=tuple(cells))


@pytest.mark.slow("steps", "hurts", "choose", "kinds")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_runs_as_a_notebook_and_as_a_page(lesson, tmp_path, short, few):
    lesson = shortened(lesson)
    with threadpool_limits(1):
        outputs = running.run(lesson, tmp_path, Silent())
    pictures = [picture for output in outputs for picture in output.pictures]
    assert len(pictures) == 1
    assert len(pictures[0].alt) > 10
    assert len("".join(output.printed for output in outputs)) > 20
    assert not re.search(r"<\w+ .* at 0x|\bText\(", "".join(output.printed for output in outputs))
    cells = json.loads(notebook.written(lesson, outputs))["cells"]
    assert [cell["cell_type"] == "code" for cell in cells] == [
        isinstance(cell, Code) for cell in lesson.cells
    ]
    shown = page.written(lesson, outputs)
    assert shown.count("<figure>") == 1
    assert 'src="http' not in shown
    if lesson.name == "hurts":
        assert hurt(tmp_path)


def hurt(folder):
    """Was the base's arm below those of the same network without it?"""
    told = json.loads(next(folder.glob("runs/*/result.json")).read_text("utf-8"))
    values = {arm["name"]: arm["value"] for arm in told["arms"]}
    return values["frozen"] < max(values["reinit"], values["scratch"])


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_three_questions_with_answers_and_lines_that_fit(lesson):
    words = "\n".join(cell.source for cell in lesson.cells if isinstance(cell, Text))
    questions = re.findall(r"<details><summary>(.+?)</summary>\n\n(.+?)\n\n</details>", words, re.DOTALL)
    assert len(questions) == words.count("<details") == 3
    assert all(question.endswith("?") and len(answer) > 20 for question, answer in questions)
    assert "\n## Questions\n" in words
    lines = [line for cell in lesson.cells if isinstance(cell, Code) for line in cell.source.splitlines()]
    assert max(map(len, lines)) <= 110


def test_lessons_are_numbered_from_one():
    assert [lesson.number for lesson in LESSONS] == list(range(1, len(LESSONS) + 1))
    assert len({lesson.name for lesson in LESSONS}) == len(LESSONS)
