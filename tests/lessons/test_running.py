"""Code runs as in a notebook: one namespace, the last value shown, figures kept, failures told."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.errors import DataError, RunError
from headstart.lessons.lesson import Code, Lesson, Text
from headstart.lessons.running import run
from headstart.runtime import Silent

DRAWN = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(1, 1))
axes.set_title("two\\nlines")
figure.suptitle("above")
plt.show()
"""
SHOWN = """
class Shown:
    def _repr_html_(self):
        return "<b>x</b>"
Shown()
"""


def ran(*codes, folder):
    return run(Lesson(1, "made", "Made", "", (Text("# Made"), *map(Code, codes))), folder, Silent())


def test_names_live_on_and_the_last_value_is_shown(tmp_path):
    outputs = ran("a = 2\nprint('said')", "a + 1", "a;", "None", folder=tmp_path)
    assert [output.printed for output in outputs] == ["said\n", "3\n", "", ""]


def test_what_shows_itself_is_html(tmp_path):
    (output,) = ran(SHOWN, folder=tmp_path)
    assert (output.printed, output.html) == ("", "<b>x</b>")


def test_a_figure_is_a_picture_with_its_titles(tmp_path):
    import matplotlib.pyplot as plt

    (output,) = ran(DRAWN, folder=tmp_path)
    (picture,) = output.pictures
    assert picture.png.startswith(b"\x89PNG")
    assert picture.alt == "above; two lines"
    assert plt.get_fignums() == []


def test_files_are_left_in_the_folder_and_the_process_is_where_it_was(tmp_path):
    before = Path.cwd()
    ran("from pathlib import Path\nPath('here.txt').write_text('x');", folder=tmp_path)
    assert (tmp_path / "here.txt").exists()
    assert Path.cwd() == before


def test_a_failure_says_where_it_was(tmp_path):
    with pytest.raises(RunError, match=r"<lesson made, code 2> failed: ZeroDivisionError") as caught:
        ran("1", "1 / 0", folder=tmp_path)
    assert "doctor" in caught.value.hint
    own = "from headstart.errors import DataError\nraise DataError('no', 'do it')"
    with pytest.raises(DataError):
        ran(own, folder=tmp_path)
